"""django-helpdesk's `get_email` on a copy of the same mailbox (benchmarks/requirements-rivals.txt)."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import service
from tests.servers.dovecot import PASSWORD, Dovecot

USER = "rival"
_QUEUE = """
from helpdesk.models import Queue
Queue.objects.create(title="Support", slug="support", email_address="support@boutique-exemple.fr", locale="fr",
    allow_public_submission=True, allow_email_submission=True, email_box_type="imap", email_box_host="127.0.0.1",
    email_box_port={port}, email_box_ssl=False, email_box_user="{user}", email_box_pass="{password}",
    email_box_imap_folder="INBOX", email_box_interval=0, logging_type="none")
"""
_COUNT = "from helpdesk.models import FollowUp; print('suivis', FollowUp.objects.count())"


def measure(python: str, home: Path, server: Dovecot, letters: Sequence[bytes]) -> dict[str, Any]:
    """Follow-ups per second, peak memory, and how many of the mails it took in; `python`: an interpreter that has it.

    It deletes what it reads, hence the copy. Forwarded messages are left out: one with 8-bit letters stops it."""
    kept = [letter for letter in letters if b"message/rfc822" not in letter]
    server.drop(kept, USER)
    os.environ.update(DJANGO_SETTINGS_MODULE="benchmarks.rival_settings", RIVAL_HOME=str(home))
    os.environ["PYTHONPATH"] = str(Path(__file__).parent.parent)
    django = [python, "-m", "django"]
    service.run([*django, "migrate", "-v0"])
    service.run([*django, "loaddata", "emailtemplate.json", "-v0"])
    port = server.account(USER).imap.port
    service.run([*django, "shell", "-v0", "-c", _QUEUE.format(port=port, user=USER, password=PASSWORD)])
    run = service.run([*django, "get_email"])
    taken = int(service.run([*django, "shell", "-v0", "-c", _COUNT]).output.split()[-1])
    return {
        "rate": round(taken / run.seconds, 1),
        "mails": len(kept),
        "taken": taken,
        "peak_mb": round(run.peak_mb),
    }

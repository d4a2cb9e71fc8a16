"""What would go wrong in silence: told to people by the alarms, each once while it lasts."""

from dataclasses import replace
from datetime import timedelta

from mailbot.edges.store import Store, agents_folders, aside, folders, mails
from mailbot.edges.store.agents_folders import AgentsFolder
from mailbot.edges.store.folders import FolderState
from mailbot.jobs.troubles import troubles
from tests.edges.store.samples import LEASE, NOW, take_in
from tests.jobs.places import account, workplace

LATE = NOW + timedelta(minutes=16)
SEEN = FolderState(account="boutique", folder="INBOX", uidvalidity=7, last_fetch_at=LATE)


def told(store: Store) -> dict[str, str]:
    return {one.key: one.text for one in troubles(workplace(store, account(), watch_sent=True), LATE)}


def test_mails_that_nothing_judges_are_told(store: Store) -> None:
    take_in(store, 1, 2)
    assert (
        "2 mails attendent d'être traités, le plus ancien depuis vendredi 20/11/2026 10 h 00"
        in told(store)["à traiter"]
    )
    assert mails.claim(store, "ouvrier", 9, LATE, LEASE)
    assert "à traiter" in told(store), "claimed is not judged"


def test_a_single_mail_that_nothing_judges_is_told_as_one(store: Store) -> None:
    take_in(store, 1)
    assert told(store)["à traiter"].startswith(
        "1 mail attend d'être traité, depuis vendredi 20/11/2026 10 h 00 : aucun délai n'est compté pour lui. "
    )


def test_mails_of_the_last_minutes_are_no_trouble(store: Store) -> None:
    take_in(store, 1, now=LATE - timedelta(minutes=5))
    assert told(store) == {}


def test_a_quiet_mailbox_that_is_asked_each_hour_is_no_trouble(store: Store) -> None:
    folders.save(store, replace(SEEN, last_fetch_at=NOW))
    hourly = account().model_copy(update={"poll_seconds": 3600})
    assert [len(troubles(workplace(store, one), LATE)) for one in (hourly, account())] == [0, 1]
    assert len(troubles(workplace(store, hourly), NOW + timedelta(hours=3))) == 1


def test_a_mail_the_server_does_not_hand_out_is_told(store: Store) -> None:
    folders.save(store, replace(SEEN, server_count=3, ledger_count=2))
    (text,) = told(store).values()
    assert "1 mail du serveur manque au registre, le serveur ne le donne pas" in text


def test_a_mail_deleted_on_the_server_is_no_trouble(store: Store) -> None:
    folders.save(store, replace(SEEN, server_count=1, ledger_count=2))
    assert told(store) == {}


def test_a_folder_that_is_no_longer_configured_is_no_trouble(store: Store) -> None:
    folders.save(store, replace(SEEN, folder="Ancien", last_fetch_at=NOW))
    folders.save(store, replace(SEEN, account="fermee", last_fetch_at=NOW))
    assert told(store) == {}


def test_each_further_mail_set_aside_is_told_for_no_clock_runs_for_it(store: Store) -> None:
    take_in(store, 1, 2)
    seen = []
    for number in (1, 2):
        (claimed,) = mails.claim(store, "ouvrier", 1, LATE, LEASE)
        aside.park(store, claimed.id, "ouvrier", f"boum {number}", LATE)
        seen += [key for key in told(store) if key.startswith("mis de côté")]
    assert len(set(seen)) == 2


def test_a_sent_folder_that_is_no_longer_read_is_told(store: Store) -> None:
    sent = AgentsFolder(account="boutique", kind="Sent", folder="Envoyés", uidvalidity=3, seen_at=NOW)
    agents_folders.save(store, sent)
    assert (
        "« Envoyés ») ne sont plus lus depuis vendredi 20/11/2026 10 h 00" in told(store)["envoyés:boutique"]
    )
    agents_folders.save(store, replace(sent, seen_at=LATE))
    assert told(store) == {}

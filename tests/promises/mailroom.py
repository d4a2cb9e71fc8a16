"""The jobs on a real database, without servers: mails arrive, are judged, and wait to leave."""

import csv
import hashlib
import io
import json
import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from mailbot import config
from mailbot.edges.store import mails, orders, outbox
from mailbot.edges.store.connection import open_store
from mailbot.edges.store.replies import StoredReply
from mailbot.jobs import explanation, prepare
from mailbot.jobs.workplace import Workplace
from mailbot.line import Line
from mailbot.model import RawMail
from mailbot.steps.parse import header_sender

Orders = Sequence[Mapping[str, str]]
NOW = datetime(2026, 6, 17, 10, 0, tzinfo=ZoneInfo("Europe/Paris"))  # a Wednesday
BUYER = "Béatrice Lemoine <beatrice@victime.example>"
STRANGER = "Claude Petit <claude@ailleurs.example>"
WHERE_IS_IT = (
    "Bonjour,\n\nJe n'ai toujours pas reçu ma commande {order}. Pouvez-vous me dire où en est la livraison de mon "
    "colis ?\n\nMerci d'avance\n"
)
_CONFIG = """
[storage]
directory = "donnees"
[sending]
undo_seconds = 0
automatic = true
[[accounts]]
name = "support"
address = "sav@boutique.example"
imap = {host = "h", port = 1, username = "u", password_env = "P"}
smtp = {host = "h", port = 1, username = "u", password_env = "P"}
"""


def day(offset: float) -> str:
    """An instant so many days from NOW, as an orders file has it."""
    return (NOW + timedelta(days=offset)).strftime("%Y-%m-%dT%H:%M")


def order(**changes: str) -> dict[str, str]:
    """Béatrice's order, on its way and in time."""
    line = {"sku": "NAP-77", "label": "Nappe brodée Marguerite", "qty": 1, "unit_price": 49.9}
    usual = {
        "order_id": "LIL-48213",
        "channel": "site",
        "placed_at": day(-4),
        "status": "shipped",
        "customer_name": "Béatrice Lemoine",
        "customer_email": "beatrice@victime.example",
        "postal_code": "67000",
        "city": "Strasbourg",
        "country": "FR",
        "shipped_at": day(-3),
        "carrier": "colissimo",
        "tracking_number": "6A21345678901",
        "estimated_delivery_min": day(1)[:10],
        "estimated_delivery_max": day(4)[:10],
        "tracking_status": "en_transit",
        "tracking_last_event_at": day(-1),
        "lines": json.dumps([line], ensure_ascii=False),
        "total": "54.80",
        "currency": "EUR",
    }
    return {**usual, **changes}


def letter(
    body: str = WHERE_IS_IT.format(order="LIL-48213"),
    sender: str = BUYER,
    *extra: str,
    subject: str = "Où est mon colis ?",
    message_id: str | None = "<q1@mail.example>",
) -> bytes:
    """A mail written at NOW; `extra` are further header lines."""
    lines = [
        f"From: {sender}",
        "To: sav@boutique.example",
        f"Subject: {subject}",
        f"Date: {NOW:%a, %d %b %Y %H:%M:%S %z}",
        *([f"Message-ID: {message_id}"] if message_id else []),
        *extra,
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n" + body.replace("\n", "\r\n")).encode()


class Mailroom:
    """One database with orders; `pass_` is what the service does between fetching and sending."""

    def __init__(self, line: Line, directory: Path, model: Path, known: Orders) -> None:
        directory.mkdir()
        shutil.copyfile(model, directory / "mailbot.sqlite3")
        (directory / "config.toml").write_text(_CONFIG, "utf-8")
        store = open_store(f"sqlite:///{directory / 'mailbot.sqlite3'}", directory)
        self.work = Workplace(
            config=config.load(directory / "config.toml"), store=store, line=line, owner="moi"
        )
        self._file, self._uids, self._directory = directory / "commandes.csv", count(1), directory
        self._write_orders(known)

    def _write_orders(self, known: Orders) -> None:
        rows = io.StringIO()
        writer = csv.DictWriter(rows, list(dict.fromkeys(name for one in (*known, order()) for name in one)))
        writer.writeheader()
        writer.writerows(known)
        self._file.write_text(rows.getvalue(), "utf-8")
        orders.import_file(self.work.store, self._file, NOW)

    def close(self) -> None:
        self.work.store.close()

    def receive(self, *data: bytes, minutes: float = 0, account: str = "support") -> None:
        """Mails come in, so many minutes after NOW."""
        at = NOW + timedelta(minutes=minutes)
        raws = [
            RawMail(
                account=account,
                folder="INBOX",
                uidvalidity=1,
                uid=next(self._uids),
                received=at,
                data=one,
                digest=hashlib.sha256(one).hexdigest(),
                size=len(one),
            )
            for one in data
        ]
        mails.ingest(self.work.store, [(raw, header_sender(raw.data)) for raw in raws], at)

    def prepare(self, minutes: float = 1) -> None:
        """Judge what came in, so many minutes after NOW."""
        prepare.run(self.work, lambda: NOW + timedelta(minutes=minutes))

    def leave(self, minutes: float = 2) -> list[StoredReply]:
        """The replies that would be handed to the mail server at that time."""
        gone = []
        now = NOW + timedelta(minutes=minutes)
        while reply := outbox.claim_due(self.work.store, "moi", now, timedelta(minutes=10)):
            outbox.sent(self.work.store, reply.id, "moi", now)
            gone.append(reply)
        return gone

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the database holds."""
        with self.work.store.read() as conn:
            return [tuple(row) for row in conn.execute(text(query))]

    def explain(self, *data: bytes) -> list[dict[str, Any]]:
        """What `mailbot explain` says of mails, an hour after NOW."""
        files = [self._directory / f"{number}.eml" for number in range(len(data))]
        for file, one in zip(files, data, strict=True):
            file.write_bytes(one)
        explainer = explanation.Explainer(prepare.Desk.of(self.work.line, self.work.store))
        return list(explainer.explain(files, NOW + timedelta(hours=1)))

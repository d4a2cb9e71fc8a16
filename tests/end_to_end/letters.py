"""Mails and orders for the end-to-end tests."""

import csv
import io
import json
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

CORPUS = Path(__file__).parent.parent / "corpus"
FIELDS = (
    *(
        "order_id",
        "channel",
        "placed_at",
        "status",
        "customer_name",
        "customer_email",
        "postal_code",
        "country",
    ),
    *("shipped_at", "carrier", "tracking_number", "estimated_delivery_min", "estimated_delivery_max"),
    *("tracking_status", "tracking_last_event_at", "lines", "total", "currency"),
)


def corpus_mails() -> list[bytes]:
    """The 300 mails of the corpus."""
    return [path.read_bytes() for path in sorted((CORPUS / "mail").glob("*.eml"))]


def order_id(number: int) -> str:
    return f"LIL-{48200 + number}"


def customer(number: int) -> str:
    return f"client{number}@mail.example"


def orders_csv(numbers: Sequence[int]) -> str:
    """Orders on their way and in time, one for each customer."""
    now = datetime.now(UTC)
    rows = io.StringIO()
    writer = csv.DictWriter(rows, FIELDS)
    writer.writeheader()
    for number in numbers:
        writer.writerow(
            {
                "order_id": order_id(number),
                "channel": "site",
                "placed_at": f"{now - timedelta(days=2):%Y-%m-%dT%H:%M}",
                "status": "shipped",
                "customer_name": f"Camille Durand {number}",
                "customer_email": customer(number),
                "postal_code": "69003",
                "country": "FR",
                "shipped_at": f"{now - timedelta(days=1):%Y-%m-%dT%H:%M}",
                "carrier": "colissimo",
                "tracking_number": f"6A{10000000000 + number}",
                "estimated_delivery_min": f"{now + timedelta(days=2):%Y-%m-%d}",
                "estimated_delivery_max": f"{now + timedelta(days=6):%Y-%m-%d}",
                "tracking_status": "en_transit",
                "tracking_last_event_at": f"{now - timedelta(hours=9):%Y-%m-%dT%H:%M}",
                "lines": json.dumps([{"sku": "A1", "label": "Nappe en lin", "qty": 1, "unit_price": 49.0}]),
                "total": "49.00",
                "currency": "EUR",
            }
        )
    return rows.getvalue()


WHERE_IS_IT = (
    "Bonjour,\n\nJe n'ai pas encore reçu ma commande {order}. Pouvez-vous me dire où en est la livraison de mon "
    "colis ?\n\nMerci d'avance,\nCamille Durand\n"
)


def letter(
    number: int,
    text: str | None = None,
    *,
    subject: str = "Où est mon colis ?",
    message_id: str | None = "",
    extra: Sequence[str] = (),
    sender: str | None = None,
    to: str = "sav@localhost",
) -> bytes:
    """A mail of customer `number`; by default it asks where the parcel is. `message_id` None: without one."""
    own = (
        f"<question{number}.{zlib.crc32((text or '').encode())}@mail.example>"
        if message_id == ""
        else message_id
    )
    lines = [
        f"From: {sender or f'Camille Durand <{customer(number)}>'}",
        f"To: {to}",
        f"Subject: {subject}",
        f"Date: {datetime.now(UTC):%a, %d %b %Y %H:%M:%S +0000}",
        *([f"Message-ID: {own}"] if own else []),
        *extra,
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
    ]
    body = text if text is not None else WHERE_IS_IT.format(order=order_id(number))
    return "\r\n".join(["\r\n".join(lines), "", body.replace("\n", "\r\n")]).encode()

"""The orders of a made-up shop, the same for the same seed."""

import csv
import json
import random
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

PHRASES: dict[str, Any] = tomllib.loads((Path(__file__).parent / "phrases.toml").read_text("utf-8"))
_COLUMNS = (
    "order_id", "channel", "placed_at", "status", "customer_name", "customer_email", "postal_code", "city",
    "country", "shipped_at", "carrier", "tracking_number", "estimated_delivery_min",
    "estimated_delivery_max", "delivered_at", "tracking_status", "tracking_last_event_at", "lines", "total",
    "currency",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Order:
    """What a mail may cite of an order, and its row in the orders file."""

    number: str
    channel: str
    first: str
    last: str
    address: str
    tracking: str
    article: str
    row: dict[str, str]


def orders(count: int, seed: int, end: datetime) -> list[Order]:
    """`count` orders of the 60 days before `end` (aware): three quarters of the shop's own, the rest Amazon's."""
    chance = random.Random(f"orders {seed}")
    return [_order(chance, number, end) for number in range(count)]


def write_csv(path: Path, rows: Sequence[Order]) -> None:
    """The orders file that `mailbot orders import` reads."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, _COLUMNS)
        writer.writeheader()
        writer.writerows(order.row for order in rows)


def plain(text: str) -> str:
    """Lower case ASCII letters and digits of a name."""
    split = unicodedata.normalize("NFD", text)
    return "".join(char for char in split if char.isascii() and char.isalnum()).lower()


def _order(chance: random.Random, number: int, end: datetime) -> Order:
    first, last = chance.choice(PHRASES["prenoms"].split()), chance.choice(PHRASES["noms"].split())
    if chance.random() < 0.7:  # else too many customers would share their names
        last += f"-{chance.choice(PHRASES['noms'].split())}"
    amazon = chance.random() < 0.25
    if amazon:
        order_id = f"{chance.randrange(400, 410)}-{chance.randrange(10**7):07}-{number:07}"
        address = f"{chance.getrandbits(60):014x}@marketplace.amazon.fr"
    else:
        order_id = f"CMD-{1_000_000 + number}"
        address = f"{plain(first)}.{plain(last)}{number}@{chance.choice(PHRASES['domaines'].split())}"
    article = chance.choice(PHRASES["articles"])
    row, tracking = _row(chance, end)
    price = chance.randrange(900, 40_000) / 100
    row |= {
        "order_id": order_id,
        "channel": "amazon_fr" if amazon else "site",
        "customer_name": f"{first} {last}",
        "customer_email": address,
        "lines": json.dumps(
            [{"sku": f"SKU{number % 500}", "label": article, "qty": 1, "unit_price": price}],
            ensure_ascii=False,
        ),
        "total": f"{price:.2f}",
    }
    return Order(order_id, row["channel"], first, last, address, tracking, article, row)


def _row(chance: random.Random, end: datetime) -> tuple[dict[str, str], str]:
    placed = end - timedelta(minutes=chance.randrange(60, 60 * 24 * 60))
    shipped = placed + timedelta(hours=chance.randrange(12, 60))
    arrived = shipped + timedelta(hours=chance.randrange(30, 120))
    tracking = f"6A{chance.randrange(10**11):011}"
    row = {
        "placed_at": placed.isoformat(timespec="minutes"),
        "status": "processing",
        "postal_code": f"{chance.randrange(1000, 96000):05}",
        "city": chance.choice(PHRASES["villes"].split()),
        "country": "FR",
        "estimated_delivery_min": (shipped + timedelta(days=2)).date().isoformat(),
        "estimated_delivery_max": (shipped + timedelta(days=5)).date().isoformat(),
        "currency": "EUR",
    }
    if shipped < end:
        row |= {
            "status": "shipped",
            "shipped_at": shipped.isoformat(timespec="minutes"),
            "carrier": chance.choice(PHRASES["transporteurs"].split()),
            "tracking_number": tracking,
            "tracking_status": chance.choice(("en_transit", "bloque", "en_livraison")),
            "tracking_last_event_at": min(end, arrived).isoformat(timespec="minutes"),
        }
    if arrived < end and chance.random() < 0.85:
        row |= {
            "status": "delivered",
            "delivered_at": arrived.isoformat(timespec="minutes"),
            "tracking_status": "livre",
        }
    return row, tracking

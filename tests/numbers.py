"""Rules and made-up orders for the tests that read numbers and match orders."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mailbot.model import Address, Attachment, Line, Mail, Order
from mailbot.rule_files import read_folder, read_toml
from mailbot.ruleset.carriers import Carrier, Landmarks
from mailbot.ruleset.shop import Channel
from mailbot.shapes import RefShapes, learn
from mailbot.steps.reader import Reader, reader

_RULES = Path(__file__).parents[1] / "rules"
CHANNELS = read_folder(_RULES / "canaux", Channel)
CARRIERS = read_folder(_RULES / "transporteurs", Carrier)
LANDMARKS = read_toml(_RULES / "reperes.toml", Landmarks)
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
LEA = Address(name="Léa Martin", addr="lea@mail.example")


def reader_for(orders: Sequence[Order] = ()) -> Reader:
    """The shipped rules, with the shapes of these orders' numbers."""
    shapes = RefShapes(
        learn((order.channel, order.order_id) for order in orders),
        learn((order.carrier or "", order.tracking_number) for order in orders if order.tracking_number),
    )
    return reader(CHANNELS, CARRIERS, LANDMARKS, shapes)


def mail(
    text: str = "",
    subject: str = "",
    *,
    sender: Address | None = LEA,
    reply_to: Address | None = None,
    quoted: str = "",
    attachments: Sequence[str] = (),
) -> Mail:
    """A mail of a person."""
    return Mail(
        digest="d",
        received=NOW,
        sent=NOW,
        message_id="<m@mail.example>",
        in_reply_to=(),
        references=(),
        sender=sender,
        reply_to=reply_to or sender,
        to=(Address(name="", addr="contact@boutique.example"),),
        subject=subject,
        text=text,
        quoted=quoted,
        attachments=tuple(
            Attachment(filename=name, content_type="image/jpeg", size=1) for name in attachments
        ),
    )


def order(
    order_id: str,
    email: str | None = "lea@mail.example",
    *,
    name: str | None = "Léa Martin",
    days: int = 20,
    label: str = "",
    tracking: str | None = None,
    status: str | None = "delivered",
    city: str | None = None,
) -> Order:
    """An order placed `days` before NOW."""
    return Order(
        order_id=order_id,
        channel="site",
        placed_at=NOW - timedelta(days=days),
        status=status,
        customer_name=name,
        customer_email=email,
        city=city,
        tracking_number=tracking,
        lines=(Line(sku="S", label=label, qty=1, unit_price=None),) if label else (),
    )

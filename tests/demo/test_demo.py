"""The demonstration's mails and orders: dates follow the day, every file can be read, every order named exists."""

import re
from datetime import date, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailbot import demo
from mailbot.demo import render
from mailbot.edges.orders_file import BrokenRow, Row, read
from mailbot.model import Order

HOME = Path(demo.__file__).parent
SUNDAY = date(2026, 11, 22)
DAYS = [SUNDAY + timedelta(days=n) for n in (0, 1, 2, 3, 4, 5, 6, 40, 85, 262)]
MAILS = sorted((HOME / "mails").glob("*.eml"))
WITHOUT_ORDER = {
    "11",
    "17",
    "18",
    "25",
}  # a question before buying, two machines, a customer without his number


def shown(path: Path, today: date) -> EmailMessage:
    text = render(path.read_text("utf-8"), today)
    message = message_from_bytes(text.encode(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def texts(message: EmailMessage) -> list[str]:
    return [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]


def orders(today: date, directory: Path) -> dict[str, Order]:
    file = directory / "orders.csv"
    file.write_text(render((HOME / "orders.csv").read_text("utf-8"), today), "utf-8")
    rows = list(read(file))
    assert [row for row in rows if isinstance(row, BrokenRow)] == []
    return {row.order.order_id: row.order for row in rows if isinstance(row, Row)}


@pytest.mark.parametrize(
    ("placeholder", "text"),
    [
        ("{{J}}", "2026-11-22"),
        ("{{J-3}}T10:42", "2026-11-19T10:42"),
        ("{{O}} {{O-1}} {{O-2}} {{O+1}}", "2026-11-20 2026-11-20 2026-11-20 2026-11-23"),
        ("{{jour J+3}}", "mercredi"),
        ("{{date J-21}}", "1er novembre"),
        ("{{le J-3}}", "19/11/2026"),
        ("{{en J-3}}", "19 November"),
        ("{{aammjj J-11}}1042C7QKD", "2611111042C7QKD"),
        ("{{rfc J-3 14:07}}", "Thu, 19 Nov 2026 14:07:00 +0100"),
        ("{{rfc J-150 14:07}}", "Thu, 25 Jun 2026 14:07:00 +0200"),
        ("rien à remplacer {", "rien à remplacer {"),
    ],
)
def test_a_placeholder_becomes_a_date(placeholder: str, text: str) -> None:
    assert render(placeholder, SUNDAY) == text


@pytest.mark.parametrize("placeholder", ["{{demain}}", "{{J-3 10:00}}", "{{rfc J-1}}", "{{}}", "{{heure J}}"])
def test_an_unknown_placeholder_is_refused(placeholder: str) -> None:
    with pytest.raises(ValueError, match="repère de date inconnu"):
        render(placeholder, SUNDAY)


@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.stem)
def test_every_mail_can_be_read_on_every_day(path: Path) -> None:
    for today in DAYS:
        message = shown(path, today)
        assert message.defects == []
        assert message["Date"].datetime.tzinfo is not None
        assert today - timedelta(days=2) <= message["Date"].datetime.date() <= today
        for text in texts(message):
            assert "{{" not in text
            assert "\ufffd" not in text


@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.stem)
def test_every_mail_names_an_order_that_exists(path: Path, tmp_path: Path) -> None:
    known = orders(SUNDAY, tmp_path)
    keys = {*known, *(order.tracking_number for order in known.values() if order.tracking_number)}
    message = shown(path, SUNDAY)
    said = " ".join([str(message), *texts(message)])
    named = path.stem[:2] not in WITHOUT_ORDER
    assert any(key in said for key in keys) == named or path.stem[:2] == "17"


def test_the_orders_cover_every_channel_and_never_go_back_in_time(tmp_path: Path) -> None:
    for today in DAYS:
        known = orders(today, tmp_path)
        assert len(known) == 40
        assert len({order.channel for order in known.values()}) == 11
        for order in known.values():
            instants = [order.placed_at, order.shipped_at, order.delivered_at]
            told = [instant for instant in instants if instant is not None]
            assert told == sorted(told)


@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.stem)
def test_no_mail_leads_to_a_real_address(path: Path) -> None:
    message = shown(path, SUNDAY)
    headers = [str(message[name]) for name in ("From", "To", "Return-Path", "Delivered-To") if message[name]]
    for text in [*headers, *texts(message)]:
        for address in re.findall(r"[\w.+-]+@[\w.-]+", text):
            assert address.rstrip(".").endswith(".example")


def test_no_order_leads_to_a_real_address(tmp_path: Path) -> None:
    for order in orders(SUNDAY, tmp_path).values():
        assert order.customer_email is None or order.customer_email.endswith(".example")
        assert (order.phone or "").startswith("+33 6 39 98 ")  # numbers reserved for fiction

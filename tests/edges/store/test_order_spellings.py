"""Round trip through a real table: a number of any shape, however a customer writes it, finds its order or none."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from mailbot.edges.store import Store, open_store, orders
from mailbot.identifiers import fold_id
from mailbot.model import Address, OrderMatch
from mailbot.steps.match import Reader, choose, find_clues, reader
from tests.numbers import CARRIERS, CHANNELS, LANDMARKS, mail

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
LETTERS, DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
COUNT = 300
STRANGER = Address(name="", addr="inconnu@ailleurs.example")


def _drawn(mask: str) -> Callable[[Random, int], str]:
    """Numbers drawn by lot: 9 is a digit, A a letter, * either, the rest stands."""
    sets: Mapping[str, str] = {"9": DIGITS, "A": LETTERS, "*": LETTERS + DIGITS}
    return lambda random, i: "".join(random.choice(sets[char]) if char in sets else char for char in mask)


SPARSE = {
    "marketplace": _drawn("499-9999999-9999999"),
    "letters": _drawn("AAAAAAAAA"),
    "digits and tail": _drawn("2699999999*****"),
    "long digits": _drawn("8199999999999999"),
    "two hyphens": _drawn("99-99999-99999"),
    "mixed": _drawn("************"),
    "prefixed by lot": _drawn("KD99999999999"),
}
DENSE: Mapping[str, Callable[[Random, int], str]] = {
    "hash": lambda random, i: f"#{1001 + i}",
    "running": lambda random, i: f"{100_000 + 3 * i}",
    "year and running": lambda random, i: f"CMD-2026-{i:06}",
    "prefix and running": lambda random, i: f"WEB{100_000 + i}",
    "seller's suffix": lambda random, i: f"02116_{325_100_000 + 11 * i}-A",
}


@dataclass(frozen=True)
class Shop:
    store: Store
    reader: Reader
    numbers: tuple[str, ...]

    def matched(self, text: str, sender: Address) -> OrderMatch:
        written = mail(text, sender=sender)
        clues = find_clues(written, self.reader)
        [findings] = orders.find_many(self.store, [clues], [()], self.reader.shapes)
        return choose(written, clues, findings, self.reader)


def _open_shop(folder: Path, number: Callable[[Random, int], str]) -> Shop:
    random = Random(7)
    numbers = tuple(dict.fromkeys(number(random, i) for i in range(COUNT)))
    rows = [f"{n},site,2026-03-14,Client {LETTERS[i % 26]},c{i}@mail.example" for i, n in enumerate(numbers)]
    path = folder / "commandes.csv"
    path.write_text("\n".join(["order_id,channel,placed_at,customer_name,customer_email", *rows]), "utf-8")
    store = open_store(f"sqlite:///{folder}/shop.sqlite3", None)
    orders.import_file(store, path, NOW)
    return Shop(store, reader(CHANNELS, CARRIERS, LANDMARKS, orders.shapes(store)), numbers)


@pytest.fixture(scope="module", params=[*SPARSE, *DENSE])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    number = {**SPARSE, **DENSE}[request.param]
    opened = _open_shop(tmp_path_factory.mktemp("shop"), number)
    yield opened
    opened.store.close()


@pytest.fixture(scope="module", params=list(SPARSE))
def sparse_shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    opened = _open_shop(tmp_path_factory.mktemp("shop"), SPARSE[request.param])
    yield opened
    opened.store.close()


INTACT: Mapping[str, Callable[[str], str]] = {
    "as it stands": lambda number: number,
    "lower case": str.lower,
    "blanks for signs": lambda number: re.sub(r"[^A-Za-z0-9]+", " ", number).strip(),
    "no signs": lambda number: re.sub(r"[^A-Za-z0-9]+", "", number),
    "in brackets": lambda number: f"({number})",
    "after a sign": lambda number: f"n°{number.lstrip('#')}",
}
SENTENCES = (
    "Où en est ma commande {} ?",
    "Bonjour,\ncommande : {}\nmerci",
    "cmd {} tjr pas recu",
    "commande {}, svp",
)
QUICK = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
_index = st.integers(0, COUNT - 1)


def _swapped(number: str, at: int) -> str:
    places = [i for i in range(len(number) - 1) if number[i : i + 2].isalnum() and number[i] != number[i + 1]]
    assume(places)
    i = places[at % len(places)]
    return number[:i] + number[i + 1] + number[i] + number[i + 2 :]


def _dropped(number: str, at: int) -> str:
    places = [i for i, char in enumerate(number) if char.isalnum()]
    i = places[at % len(places)]
    return number[:i] + number[i + 1 :]


def _changed(number: str, at: int) -> str:
    places = [i for i, char in enumerate(number) if char.isalnum()]
    i = places[at % len(places)]
    near = DIGITS if number[i].isdecimal() else LETTERS
    return number[:i] + near[(near.index(number[i]) + 1 + at % (len(near) - 1)) % len(near)] + number[i + 1 :]


@QUICK
@given(_index, st.sampled_from(sorted(INTACT)), st.sampled_from(SENTENCES))
def test_the_customers_own_number_in_any_dress_finds_the_order(
    shop: Shop, index: int, dress: str, sentence: str
) -> None:
    index %= len(shop.numbers)
    number = shop.numbers[index]
    match = shop.matched(
        sentence.format(INTACT[dress](number)), Address(name="", addr=f"c{index}@mail.example")
    )
    assert match.order is not None
    assert match.order.order_id == number
    assert match.identity == "verified"
    assert any(fold_id(number) in fold_id(written) for written in match.mentions.order_refs)


@QUICK
@given(
    _index, st.sampled_from([_swapped, _dropped, _changed]), st.integers(0, 200), st.sampled_from(SENTENCES)
)
def test_a_slip_of_the_customer_finds_his_order_and_never_another(
    shop: Shop, index: int, slip: Callable[[str, int], str], at: int, sentence: str
) -> None:
    index %= len(shop.numbers)
    number = shop.numbers[index]
    match = shop.matched(sentence.format(slip(number, at)), Address(name="", addr=f"c{index}@mail.example"))
    assert match.order is None or match.order.order_id == number


@QUICK
@given(_index, st.sampled_from(sorted(INTACT)), st.sampled_from(SENTENCES))
def test_a_strangers_number_drawn_by_lot_finds_the_order_and_nothing_is_told(
    sparse_shop: Shop, index: int, dress: str, sentence: str
) -> None:
    number = sparse_shop.numbers[index % len(sparse_shop.numbers)]
    match = sparse_shop.matched(sentence.format(INTACT[dress](number)), STRANGER)
    assert match.order is not None
    assert match.order.order_id == number
    assert match.identity == "unverified"


@QUICK
@given(_index, st.sampled_from([_swapped, _dropped, _changed]), st.integers(0, 200))
def test_a_strangers_slip_finds_the_order_or_nothing(
    sparse_shop: Shop, index: int, slip: Callable[[str, int], str], at: int
) -> None:
    number = sparse_shop.numbers[index % len(sparse_shop.numbers)]
    match = sparse_shop.matched(f"commande {slip(number, at)} pas reçue", STRANGER)
    assert match.order is None or match.order.order_id == number


@QUICK
@given(_index, _index)
def test_another_customers_number_never_turns_into_the_writers_order(
    sparse_shop: Shop, mine: int, other: int
) -> None:
    mine, other = mine % len(sparse_shop.numbers), other % len(sparse_shop.numbers)
    assume(mine != other)
    sender = Address(name="", addr=f"c{mine}@mail.example")
    match = sparse_shop.matched(f"commande {sparse_shop.numbers[other]} svp", sender)
    assert match.order is not None
    assert match.order.order_id == sparse_shop.numbers[other]
    assert match.identity == "unverified"


@QUICK
@given(st.text(max_size=300))
def test_no_text_makes_the_reading_fail(shop: Shop, text: str) -> None:
    match = shop.matched(text, STRANGER)
    assert match.order is None or match.identity == "unverified"


def test_a_missing_prefix_is_filled_in_for_the_customer(tmp_path: Path) -> None:
    shop = _open_shop(tmp_path, DENSE["year and running"])
    sender = Address(name="", addr="c123@mail.example")
    for written in ("2026-000123", "000123", "CMD 2026 123"):
        match = shop.matched(f"ma commande {written} n'est pas là", sender)
        assert match.order is not None
        assert match.order.order_id == "CMD-2026-000123"
    shop.store.close()

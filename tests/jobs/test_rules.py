"""Rules that change while the service runs: taken up when good, refused and told once when not."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from mailbot.edges.store import Store, rule_state
from mailbot.edges.store.rule_state import RuleState
from mailbot.edges.store.status import status
from mailbot.errors import RuleError
from mailbot.jobs import prepare, rules, troubles
from mailbot.jobs.workplace import Workplace
from mailbot.line import Line
from mailbot.rulebook import Rulebook, digest
from tests.edges.store.samples import NOW, judgement, mail, take_in
from tests.jobs.places import workplace


@dataclass(frozen=True)
class _Book:
    digest: str


@dataclass(frozen=True)
class _Line:
    rulebook: Rulebook


@dataclass
class Bench:
    """A folder of rules, the watch over it, and how often they were read."""

    folder: Path
    place: Workplace
    watch: rules.Watch
    read: list[str]

    def write(self, text: str, name: str = "a.toml") -> None:
        (self.folder / name).write_text(text, "utf-8")

    def look(self, times: int = 2) -> bool:
        """True when one of the looks put a new line in place."""
        return sum(self.watch.look(lambda: NOW) for _ in range(times)) > 0

    def state(self) -> RuleState:
        found = status(self.place.store, NOW).rules
        assert found is not None
        return found


@pytest.fixture
def bench(store: Store, tmp_path: Path) -> Bench:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "a.toml").write_text("un", "utf-8")
    read: list[str] = []

    def build() -> Line:
        text = "".join(path.read_text("utf-8") for path in sorted(folder.glob("*.toml")))
        read.append(text)
        if "faux" in text:
            raise RuleError("a.toml : clé inconnue « faux »\nb.toml : [conditions] absent")
        if "bug" in text:
            raise KeyError("bug")
        return cast(Line, _Line(cast(Rulebook, _Book(digest(folder)))))

    source = rules.Source(folders=(folder,), build=build)
    known = source.stamp()
    place = workplace(store)
    place.line = build()
    read.clear()
    rule_state.in_service(store, place.line.rulebook.digest, NOW)
    return Bench(folder, place, rules.Watch(place, source, known), read)


def test_nothing_is_read_while_nothing_changes(bench: Bench) -> None:
    assert not bench.look(5)
    assert bench.read == []


def test_a_change_is_read_once_it_is_saved_and_put_in_place(bench: Bench) -> None:
    before = bench.place.line
    bench.write("deux")
    assert not bench.look(1)
    assert bench.place.line is before
    assert bench.look(1)
    assert bench.place.line is not before
    assert bench.state().digest == bench.place.line.rulebook.digest == digest(bench.folder)
    assert not bench.look(5)
    assert bench.read == ["deux"]


def test_files_that_are_still_being_saved_are_not_read(bench: Bench) -> None:
    for number in range(5):
        bench.write("x" * number)
        bench.look(1)
    assert bench.read == []
    assert bench.look(1)


def test_a_new_and_a_removed_file_are_changes_too(bench: Bench) -> None:
    bench.write("plus", "b.toml")
    assert bench.look()
    (bench.folder / "b.toml").unlink()
    assert bench.look()
    assert bench.read == ["unplus", "un"]


def test_refused_rules_leave_the_last_good_ones_in_place_and_are_told_once(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    good = bench.place.line
    bench.write("faux")
    with caplog.at_level(logging.ERROR):
        assert not bench.look(6)
    assert bench.place.line is good
    assert bench.read == ["faux"]
    (told,) = caplog.records
    assert "clé inconnue « faux »" in told.getMessage()
    state = bench.state()
    assert state.digest == good.rulebook.digest
    assert state.refused == "a.toml : clé inconnue « faux »\nb.toml : [conditions] absent"
    assert state.refused_at == NOW
    assert any(
        "Règles ou modèles modifiés refusés" in one.text for one in troubles.troubles(bench.place, NOW)
    )


def test_mended_rules_are_taken_up_and_the_refusal_is_over(bench: Bench) -> None:
    bench.write("faux")
    bench.look()
    bench.write("vrai")
    assert bench.look()
    assert bench.state().refused is None
    assert not any("Règles" in one.text for one in troubles.troubles(bench.place, NOW))


def test_a_change_that_is_taken_back_ends_the_refusal_without_a_new_line(bench: Bench) -> None:
    good = bench.place.line
    bench.write("faux")
    bench.look()
    bench.write("un")
    assert not bench.look()
    assert bench.place.line is good
    assert bench.state().refused is None


def test_a_bug_while_reading_is_a_refusal(bench: Bench) -> None:
    good = bench.place.line
    bench.write("bug")
    bench.look()
    assert bench.place.line is good
    assert "KeyError" in (bench.state().refused or "")


def test_files_that_change_while_they_are_read_are_read_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamp = rules.Source.stamp
    calls = iter([False, False, True])

    def meddling(source: rules.Source) -> rules.Stamp:
        if next(calls, False):
            bench.write("trois")
        return stamp(source)

    bench.write("deux")
    monkeypatch.setattr(rules.Source, "stamp", meddling)
    assert not bench.look(2)
    assert bench.look(2)
    assert bench.read == ["deux", "trois"]


def test_a_start_with_the_same_rules_writes_nothing(bench: Bench) -> None:
    since = bench.state().since
    rule_state.in_service(bench.place.store, bench.state().digest, NOW.replace(year=2027))
    assert bench.state().since == since


def test_a_batch_is_judged_and_signed_with_one_line_and_the_next_with_the_new_one(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rules change in the middle of the first batch."""
    monkeypatch.setattr(prepare, "Desk", _desk(bench))
    monkeypatch.setattr(prepare, "BATCH", 2)
    take_in(bench.place.store, 1, 2, 3, 4)
    old = bench.place.line.rulebook.digest
    assert prepare.run(bench.place, lambda: NOW) == 4
    new = bench.place.line.rulebook.digest
    assert new != old
    assert signatures(bench.place.store) == [old, old, new, new]


def _desk(bench: Bench) -> Callable[..., object]:
    class Desk:
        @classmethod
        def of(cls, *_line_and_store: object) -> "Desk":
            return cls()

        def judge(self, raws: list[object], _now: object, **_more: object) -> list[object]:
            bench.write("deux")
            bench.look()
            return [judgement(mail(raw.uid)) for raw in raws]  # type: ignore[attr-defined]

    return Desk


def signatures(store: Store) -> list[str]:
    from sqlalchemy import select

    from mailbot.edges.store.schema import cases

    with store.read() as conn:
        return list(conn.execute(select(cases.c.rulebook_digest).order_by(cases.c.id)).scalars())

"""Replays: the same rules change nothing, changed ones are seen for what they change."""

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from mailbot.config import cache_home
from mailbot.edges.store import Store, mails, open_store, orders, past, replies
from mailbot.errors import UnreadableMail
from mailbot.jobs import prepare, replay
from mailbot.jobs.prepare import Desk
from mailbot.jobs.workplace import Workplace
from mailbot.line import Line
from mailbot.model import RawMail
from mailbot.recognition import model_for
from mailbot.rulebook import load
from mailbot.steps.trained import Model
from tests.edges.store.samples import NOW
from tests.jobs.places import workplace
from tests.steps.scenes import ROOT

CORPUS = ROOT / "tests" / "corpus"
FILES = sorted((CORPUS / "mail").iterdir())[:40]


@pytest.fixture(scope="module")
def model() -> Model:
    return model_for(ROOT / "rules", cache_home())


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, model: Model) -> Iterator[Store]:
    """A database of forty judged mails; tests only read it."""
    home = tmp_path_factory.mktemp("replay")
    store = open_store(f"sqlite:///{home / 'mailbot.sqlite3'}", home)
    orders.import_file(store, CORPUS / "orders.csv", NOW)
    take_in(store, [path.read_bytes() for path in FILES])
    place: Workplace = workplace(store)
    place.line = Line.build(load(ROOT / "rules", ROOT / "templates"), model)
    prepare.run(place, lambda: NOW)
    yield store
    store.close()


def take_in(store: Store, bodies: list[bytes]) -> None:
    raws = [
        RawMail(
            account="boutique", folder="INBOX", uidvalidity=1, uid=uid, digest=f"{uid:064x}", data=data,
            received=NOW - timedelta(days=len(bodies) - uid), size=len(data),
        )
        for uid, data in enumerate(bodies, 1)
    ]  # fmt: skip
    mails.ingest(store, [(raw, "") for raw in raws], NOW)


@pytest.fixture
def changed(tmp_path: Path, model: Model) -> Callable[..., Line]:
    """A line of the shipped rules with one file changed."""

    def build(name: str = "", old: str = "", new: str = "") -> Line:
        for folder in ("rules", "templates"):
            shutil.copytree(ROOT / folder, tmp_path / folder, dirs_exist_ok=True)
        if name:
            path = tmp_path / name
            text = path.read_text("utf-8")
            assert old in text
            path.write_text(text.replace(old, new), "utf-8")
        return Line.build(load(tmp_path / "rules", tmp_path / "templates"), model)

    return build


def run(store: Store, line: Line, against: Line | None = None) -> list[replay.Difference]:
    other = None if against is None else Desk.of(against, store)
    return list(replay.replay(Desk.of(line, store), store, None, None, other))


def test_the_same_rules_change_nothing(shop: Store, changed: Callable[..., Line]) -> None:
    found = run(shop, changed())
    assert len(found) == past.count(shop, None) == len(FILES)
    assert [one.changed for one in found] == [()] * len(FILES)


def test_a_changed_letter_shows_in_the_texts_alone(shop: Store, changed: Callable[..., Line]) -> None:
    line = changed("templates/_base.txt.j2", "Bien cordialement", "Cordialement")
    found = [one for one in run(shop, line) if one.changed]
    assert found and {one.changed for one in found} == {("text",)}
    assert all("Bien cordialement" in (one.before.text or "") for one in found)
    assert all("Bien cordialement" not in (one.after.text or "") for one in found)


def test_a_fact_that_would_be_missing_and_a_guard_that_would_fire_are_counted(
    shop: Store, changed: Callable[..., Line]
) -> None:
    line = changed("templates/_base.txt.j2", "Bien cordialement", "À sous peu, {{ suivi.piece }}")
    found = [one for one in run(shop, line) if one.changed]
    total = replay.summary(len(FILES), found)
    assert total.missing[0][0] == "pièce du transporteur qui prouve la remise"
    (told,) = [count for reason, count in total.blocked if "sous peu" in reason]
    assert told == total.missing[0][1] > 0
    assert not any("à compléter" in reason for reason, _count in total.blocked), (
        "told once, as a missing fact"
    )


def test_changed_deadlines_and_decisions_are_seen(shop: Store, changed: Callable[..., Line]) -> None:
    line = changed("rules/garde_fous.toml", "certitude_min = 0.35", "certitude_min = 1.0")
    found = [one for one in run(shop, line) if one.changed]
    assert any((one.before.action, one.after.action) == ("draft", "human") for one in found)
    (move,) = [count for a, b, count in replay.summary(40, found).actions if (a, b) == ("draft", "human")]
    assert move == sum("action" in one.changed for one in found)


def test_two_sets_of_rules_are_compared_as_they_judge_today(
    shop: Store, changed: Callable[..., Line]
) -> None:
    old = Line.build(load(ROOT / "rules", ROOT / "templates"), changed().model)
    new = changed("templates/_base.txt.j2", "Bien cordialement", "Cordialement")
    assert {one.changed for one in run(shop, new, old) if one.changed} == {("text",)}


def test_only_the_newest_or_those_since_are_replayed(shop: Store, changed: Callable[..., Line]) -> None:
    desk = Desk.of(changed(), shop)
    newest = [one.ticket for one in replay.replay(desk, shop, 3)]
    assert len(newest) == 3 == past.count(shop, 3)
    since = NOW - timedelta(days=4, hours=1)
    assert [one.ticket for one in replay.replay(desk, shop, None, since)][-3:] == newest
    assert past.count(shop, None, since) == 5


def test_a_reply_that_was_rewritten_is_compared_by_its_first_text(
    tmp_path: Path, changed: Callable[..., Line]
) -> None:
    line = changed()
    store = open_store(f"sqlite:///{tmp_path / 'x.sqlite3'}", tmp_path)
    orders.import_file(store, CORPUS / "orders.csv", NOW)
    take_in(store, [path.read_bytes() for path in FILES[:10]])
    place = workplace(store)
    place.line = line
    prepare.run(place, lambda: NOW)
    for draft in replies.list_drafts(store):
        replies.edit(
            store, draft.id, "léa", text="Autre chose.", subject="Re", now=NOW, missing=(), blocked=()
        )
    assert [one.changed for one in run(store, line)] == [()] * 10
    store.close()


def test_files_are_compared_between_two_sets_of_rules(shop: Store, changed: Callable[..., Line]) -> None:
    old = Line.build(load(ROOT / "rules", ROOT / "templates"), changed().model)
    new = changed("templates/_base.txt.j2", "Bien cordialement", "Cordialement")
    found = list(replay.replay_files(Desk.of(new, shop), Desk.of(old, shop), FILES[:5], NOW))
    assert [one.name for one in found] == [str(path) for path in FILES[:5]]
    assert any(one.changed == ("text",) for one in found)


def test_a_file_that_cannot_be_read_is_named(
    shop: Store, changed: Callable[..., Line], tmp_path: Path
) -> None:
    desk = Desk.of(changed(), shop)
    with pytest.raises(UnreadableMail, match=r"absent\.eml : lecture impossible"):
        list(replay.replay_files(desk, desk, [tmp_path / "absent.eml"]))

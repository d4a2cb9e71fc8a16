"""Queue, search, presence, accounts and audit on both databases."""

from datetime import timedelta

import pytest

from mailbot.edges.store import (
    Store,
    audit,
    cases,
    deadlines,
    desk,
    opinions,
    people,
    queue,
    redraw,
    replies,
    search,
    sessions,
    tally,
)
from mailbot.edges.store.conflicts import AlreadyHandled, ChangedSince, Impossible
from mailbot.edges.store.queue import Place, Wanted
from mailbot.model import Deadline
from tests.edges.store.samples import NOW, clock, draft, mail, order, overtaken, prepare, reply_to


def _clocks(number: int) -> tuple[Deadline, ...]:
    return clock(due=timedelta(hours=10 - number)), clock("enquete", due=timedelta(days=9))


def _cases(store: Store) -> list[int]:
    return [
        prepare(
            store, mail(number, sender=f"client{number}@example.org", text=f"Où est ma théière n°{number} ?"),
            uid=number, reply=reply_to(number), found=order(f"FR-100{number}"),
            clocks=_clocks(number) if number < 4 else (),
        )
        for number in range(1, 6)
    ]  # fmt: skip


def test_the_queue_is_walked_by_pages_in_the_order_of_the_clocks(store: Store) -> None:
    one, two, three, four, five = _cases(store)
    found, after = [], None
    while items := queue.page(store, Wanted(), NOW, after=after, limit=2):
        found += [item.case_id for item in items]
        after = items[-1].place
    assert found == [three, two, one, four, five]
    assert [item.case_id for item in queue.page(store, Wanted(due="24h"), NOW)] == [three, two, one]
    assert [item.case_id for item in queue.some(store, [five, one], None)] == [five, one]
    assert queue.some(store, [five, one], ("ailleurs",)) == []


def test_what_is_counted_is_of_the_accounts_a_person_may_see_and_of_the_filters(store: Store) -> None:
    one, two, *_ = _cases(store)
    desk.take(store, one, "Claire", NOW)
    desk.wait(store, two, "Claire", NOW, waiting=True)
    counted = tally.read(store)
    assert counted.all == 5
    assert counted.counts(Wanted()) == {"a_traiter": 4, "humain": 0, "attente": 1, "suites": 0}
    assert counted.counts(Wanted(situation="colis_non_recu", channel="site"))["a_traiter"] == 4
    assert counted.counts(Wanted(situation="colis"))["a_traiter"] == 0
    assert counted.choices(None) == (["colis_non_recu/en_route"], ["site"])
    assert tally.held(store, Wanted(person="Claire")) == 1
    elsewhere = Wanted(person="Claire", accounts=("ailleurs",))
    assert not any(counted.counts(elsewhere).values())
    assert counted.choices(("ailleurs",)) == ([], [])
    assert tally.held(store, elsewhere) == 0


@pytest.mark.parametrize("few", [0, 3, 5_000])
@pytest.mark.parametrize("due", [None, "24h"])
def test_walked_or_sorted_the_lines_are_the_same(
    store: Store, monkeypatch: pytest.MonkeyPatch, few: int, due: queue.Due | None
) -> None:
    _cases(store)
    monkeypatch.setattr(queue, "_FEW", few)
    counted = tally.read(store)
    for wanted in (
        Wanted(due=due),
        Wanted(due=due, situation="colis_non_recu"),
        Wanted(due=due, channel="x"),
    ):
        plain = [item.case_id for item in queue.page(store, wanted, NOW)]
        found: list[int] = []
        after = None
        while items := queue.page(store, wanted, NOW, after=after, limit=2, tally=counted):
            found += [item.case_id for item in items]
            after = items[-1].place
        assert found == plain


@pytest.mark.parametrize(
    "view", ["attente", "moi", "suites", "partent", "seuls", "envoyees", "clos", "humain"]
)
def test_every_view_can_be_asked_for(store: Store, view: queue.View) -> None:
    _cases(store)
    wanted = Wanted(
        view=view, person="Claire", situation="colis_non_recu", channel="site", accounts=("boutique",)
    )
    assert queue.page(store, wanted, NOW) == []
    assert queue.page(store, wanted, NOW, after=Place(None, 3)) == []


def test_words_addresses_and_numbers_are_found_in_cases_and_orders(store: Store) -> None:
    numbers = _cases(store)
    assert search.find_cases(store, "theiere") == list(reversed(numbers))
    assert search.find_cases(store, "THÉI ou", before=numbers[2], limit=1) == [numbers[1]]
    assert search.find_cases(store, "client2@example.org") == [numbers[1]]
    assert search.find_cases(store, "FR-1003") == [numbers[2]]
    assert search.find_cases(store, "absent") == []
    for hostile in ("'", "\\", "a:b & !", "''':*", "*", "\x00", "(", "<->", "a" * 5000):
        search.find_cases(store, hostile)
        search.find_orders(store, hostile)
    assert search.cases_of_orders(store, [order("FR-1004")]) == [numbers[3]]


def test_a_case_is_taken_by_one_person(store: Store) -> None:
    number = _cases(store)[0]
    desk.take(store, number, "Claire", NOW)
    with pytest.raises(AlreadyHandled, match="Claire s'en occupe"):
        desk.take(store, number, "Denis", NOW)
    desk.release(store, number, "Denis", NOW)
    assert desk.hold(store, number).holder == "Claire"
    desk.take(store, number, "Denis", NOW, over=True)
    assert desk.hold(store, number).holder == "Denis"
    desk.release(store, number, "Denis", NOW)
    assert desk.hold(store, number).holder is None
    desk.look(store, number, "Claire", NOW)
    desk.look(store, number, "Claire", NOW + timedelta(seconds=20))
    assert desk.present(store, [number], NOW + timedelta(seconds=40)) == {number: ("Claire",)}
    desk.leave(store, number, "Claire")
    assert desk.present(store, [number], NOW) == {}


def test_another_letter_takes_the_place_of_the_one_that_was_read(store: Store) -> None:
    reply = draft(store)
    letter = reply_to(9)
    assert redraw.put(store, reply.case.id, letter, "Claire", NOW, expected_version=1) == (reply.id, 2)
    with pytest.raises(ChangedSince):
        redraw.put(store, reply.case.id, letter, "Denis", NOW, expected_version=1)
    replies.approve(store, reply.id, "Claire", NOW, timedelta(seconds=15))
    with pytest.raises(AlreadyHandled):
        redraw.put(store, reply.case.id, letter, "Denis", NOW, expected_version=2)


def test_a_case_without_a_draft_gets_its_first_letter_once(store: Store) -> None:
    number = prepare(store, mail(1), uid=1, action="human")
    assert redraw.put(store, number, reply_to(1), "Claire", NOW, expected_version=0)[1] == 1
    with pytest.raises(ChangedSince):
        redraw.put(store, number, reply_to(2), "Denis", NOW, expected_version=0)
    with pytest.raises(Impossible):
        redraw.put(store, 999, reply_to(3), "Denis", NOW, expected_version=0)


def test_only_one_colleague_answers_a_request(store: Store) -> None:
    reply = draft(store)
    opinions.ask(store, reply.case.id, reply.id, 1, "Claire", "d'accord ?", NOW)
    asked = opinions.of_case(store, reply.case.id)
    assert asked is not None
    assert opinions.answer(store, asked.id, "Denis", NOW, granted=True).granted is True
    with pytest.raises(AlreadyHandled, match="Denis a déjà répondu"):
        opinions.answer(store, asked.id, "Luc", NOW, granted=False)


def test_an_account_its_link_its_sessions_and_its_codes(store: Store) -> None:
    person = people.add(store, "Claire", "agent", NOW, accounts=("boutique",))
    assert (person.sees("boutique"), person.sees("outlet"), people.anybody(store)) == (True, False, False)
    people.invite(store, person.id, "lien", NOW + timedelta(hours=1))
    assert people.accept(store, "lien", "hachis", NOW).name == "Claire"
    with pytest.raises(Impossible, match="déjà servi"):
        people.accept(store, "lien", "autre", NOW)
    hour = timedelta(hours=1)
    sessions.begin(store, person.id, "biscuit", NOW, 12 * hour, browser="x" * 900, address="127.0.0.1")
    found = sessions.find(store, "biscuit", NOW + timedelta(minutes=50), hour)
    assert found is not None
    assert sessions.find(store, "biscuit", NOW + timedelta(minutes=100), hour) is not None
    assert sessions.find(store, "biscuit", NOW + timedelta(minutes=161), hour) is None
    assert people.use_step(store, person.id, 7)
    assert not people.use_step(store, person.id, 7)
    people.set_second_factor(store, person.id, "SECRET", ["a", "b"])
    assert people.use_recovery_code(store, person.id, "a", NOW)
    assert not people.use_recovery_code(store, person.id, "a", NOW)
    assert people.recovery_codes_left(store, person.id) == 1


def test_the_log_is_one_chain(store: Store) -> None:
    for number in range(3):
        audit.write(store, NOW, "Claire", "vu", case_id=number, detail="été \x00")
    found = audit.verify(store)
    assert (found.lines, found.broken) == (3, None)
    assert [line.case_id for line in audit.lines(store, before=3)] == [1, 0]


@pytest.mark.parametrize("few", [None, 0, 5_000])
def test_a_case_stands_where_the_first_clock_of_all_it_answers_puts_it(
    store: Store, monkeypatch: pytest.MonkeyPatch, few: int | None
) -> None:
    older, newer, other = overtaken(store)
    third = prepare(
        store,
        mail(4, sender="zoe@example.org"),
        uid=4,
        action="human",
        clocks=(clock(due=timedelta(hours=3)),),
    )
    bare = prepare(store, mail(5, sender="luc@example.org"), uid=5, action="human")
    if few is not None:
        monkeypatch.setattr(queue, "_FEW", few)
    counted = tally.read(store) if few is not None else None
    found: list[queue.Item] = []
    while items := queue.page(
        store, Wanted(), NOW, after=found[-1].place if found else None, limit=1, tally=counted
    ):
        found += items
    assert [item.case_id for item in found] == [newer, third, other, bare]
    assert [item.clock_of for item in found] == [older, third, other, bare]
    assert found[0].due_at == NOW + timedelta(hours=3)
    assert [item.case_id for item in queue.page(store, Wanted(due="4h"), NOW, tally=counted)] == [
        newer,
        third,
    ]
    assert queue.some(store, [bare, newer], None) == [found[3], found[0]]
    assert queue.place_of(store, newer) == found[0].place
    assert queue.place_of(store, bare) == Place(None, bare)
    desk.take(store, newer, "Claire", NOW)
    (mine,) = queue.page(store, Wanted(view="moi", person="Claire"), NOW)
    assert mine.place == found[0].place


def test_a_case_without_a_clock_of_its_own_has_that_of_the_one_it_replaced(store: Store) -> None:
    older = draft(store, 1, clocks=(clock(due=timedelta(hours=3)),))
    newer = prepare(store, mail(2, references=("<client-1@example.org>",)), uid=2, action="human")
    (item,) = queue.page(store, Wanted(), NOW)
    assert (item.case_id, item.due_at, item.clock_of) == (newer, NOW + timedelta(hours=3), older.case.id)
    cases.close(store, newer, "Claire", "réglé au téléphone", NOW)
    assert queue.page(store, Wanted(), NOW) == []
    assert cases.get(store, older.case.id).state == "closed"
    assert "réglé au téléphone" in cases.story(store, older.case.id)[-1].detail
    assert deadlines.due_alarms(store, NOW) == []

"""The figures of a period, counted from real rows."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from mailbot.edges.store import Store, cases, orders, replies, tickets
from mailbot.jobs import deliver
from mailbot.jobs.figures import Figures, figures
from tests.edges.store.samples import NOW, UNDO, clock, draft, mail, order, prepare, reply_to
from tests.jobs.places import account, server, workplace
from tests.servers.smtp import SmtpSink

SINCE, UNTIL = NOW - timedelta(days=7), NOW + timedelta(days=1)


def counted(store: Store, now: timedelta = timedelta(hours=2)) -> Figures:
    return figures(store, SINCE, UNTIL, NOW + now)


def deliver_all(store: Store) -> None:
    with SmtpSink() as sink:
        deliver.run(workplace(store, account(smtp=server(sink.port))), lambda: NOW + UNDO)


def test_an_empty_period_has_days_and_zeros(store: Store) -> None:
    found = counted(store)
    assert len(found.days) == 9 and sum(one.received for one in found.days) == 0
    assert (found.situations, found.answers, found.carriers) == ((), (), ())


def test_replies_are_counted_by_how_they_left(store: Store) -> None:
    draft(store, 1, action="send")
    other = prepare(store, mail(2, sender="z@example.org"), uid=2, reply=reply_to(2, to="z@example.org"))
    found = replies.of_case(store, other)
    assert found is not None
    replies.approve(store, found.id, "claire", NOW, UNDO)
    prepare(store, mail(3, sender="a@example.org"), uid=3, action="human")
    prepare(store, mail(4, sender="b@example.org"), uid=4, action="ignore")
    prepare(store, mail(5, sender="c@example.org"), uid=5, reply=reply_to(5, to="c@example.org"))
    deliver_all(store)
    left = counted(store).leaving
    assert (left.alone, left.as_is, left.human, left.filed, left.waiting) == (1, 1, 1, 1, 1)


def test_a_clock_that_ran_out_is_missed_and_one_with_little_left_is_at_risk(store: Store) -> None:
    long, short = clock(due=timedelta(days=2)), replace(clock(due=timedelta(hours=5)), label="Avertir")
    prepare(store, mail(1), uid=1, action="human", clocks=(long, short))
    by_label = {one.label: one for one in counted(store, timedelta(hours=2)).answers}
    assert (by_label["Avertir"].at_risk, by_label["Répondre au client"].running) == (1, 1)
    by_label = {one.label: one for one in counted(store, timedelta(hours=6)).answers}
    assert by_label["Avertir"].missed == 1 and by_label["Avertir"].median_hours is None


def test_volume_is_told_by_situation_channel_and_paris_day(store: Store) -> None:
    prepare(store, mail(1), uid=1, action="human", found=order())
    found = counted(store)
    assert found.situations == (("colis_non_recu/en_route", 1),)
    assert found.channels == (("site", 1),)
    assert [(one.day, one.received) for one in found.days if one.received] == [(date(2026, 11, 20), 1)]


@pytest.mark.parametrize(("promised", "late"), [("2026-11-18", 1), ("2026-11-25", 0)])
def test_carriers_are_compared_by_days_lateness_and_trouble(
    store: Store, tmp_path: Path, promised: str, late: int
) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(
        "order_id,channel,placed_at,carrier,shipped_at,delivered_at,estimated_delivery_max\n"
        f"FR-1001,site,2026-11-17T10:00,colissimo,2026-11-18T10:00,2026-11-20T10:00,{promised}\n",
        "utf-8",
    )
    orders.import_file(store, file, NOW)
    prepare(store, mail(1), uid=1, action="human", found=order())
    (one,) = counted(store).carriers
    assert (one.name, one.parcels, one.mean_days, one.late, one.troubles) == ("colissimo", 1, 2.0, late, 1)


def test_a_clock_of_a_ticket_settled_by_telephone_is_kept_when_it_was_settled_in_time(store: Store) -> None:
    early = prepare(store, mail(1), uid=1, action="human", clocks=(clock(due=timedelta(hours=8)),))
    late = prepare(
        store, mail(2, sender="z@example.org"), uid=2, action="human", clocks=(clock(due=timedelta(hours=8)),)
    )
    cases.close(store, early, "claire", "réglé par téléphone", NOW + timedelta(hours=1))
    cases.close(store, late, "claire", "réglé par téléphone", NOW + timedelta(hours=9))
    (one,) = counted(store, timedelta(hours=20)).answers
    assert (one.kept, one.missed, one.settled, one.running) == (1, 1, 1, 0)
    tickets.reopen(store, early, (), "claire", NOW + timedelta(hours=10))
    (one,) = counted(store, timedelta(hours=20)).answers
    assert (one.kept, one.missed, one.settled) == (0, 2, 0)


@pytest.mark.parametrize(("answers", "hours"), [(1, 1), (2, 1), (3, 2), (4, 2)])
def test_the_answer_in_the_middle_tells_how_long_answers_take(store: Store, answers: int, hours: int) -> None:
    for uid in range(1, answers + 1):
        reply = reply_to(uid, to=f"c{uid}@example.org")
        number = prepare(
            store, mail(uid, sender=f"c{uid}@example.org"), uid=uid, reply=reply,
            clocks=(clock(start=NOW - timedelta(hours=uid)),),
        )  # fmt: skip
        found = replies.of_case(store, number)
        assert found is not None
        replies.approve(store, found.id, "claire", NOW, timedelta(0))
    deliver_all(store)
    (one,) = counted(store).answers
    assert one.kept == answers and one.median_hours == pytest.approx(hours, abs=0.01)


def test_of_many_parcels_an_even_sample_is_looked_at(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [f"FR-{number},site,2026-11-17T10:00,colissimo" for number in range(40)]
    file = tmp_path / "orders.csv"
    file.write_text("\n".join(["order_id,channel,placed_at,carrier", *rows]), "utf-8")
    orders.import_file(store, file, NOW)
    monkeypatch.setattr("mailbot.edges.store.figures._MOST_PARCELS", 10)
    found = counted(store)
    assert (found.orders, found.parcels_every, found.carriers[0].parcels) == (40, 4, 10)

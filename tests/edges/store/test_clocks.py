"""The clocks an agent looks at, with what their tickets are about; and older databases."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from mailbot.edges.store import Store, open_store, outbox, replies
from mailbot.edges.store.deadlines import Wanted, open_clocks
from mailbot.edges.store.migrate import SCRIPTS
from mailbot.edges.store.rule_state import in_service, refused
from mailbot.edges.store.status import status
from tests.edges.store.samples import LEASE, NOW, UNDO, clock, draft, mail, order, prepare

HOUR = timedelta(hours=1)


def test_clocks_come_due_first_with_their_ticket_s_order_channel_and_situation(store: Store) -> None:
    late = prepare(store, mail(1), uid=1, clocks=(clock(due=-HOUR),))
    soon = prepare(
        store, mail(2), uid=2, clocks=(clock(due=9 * HOUR), clock("suite", due=HOUR)), found=order()
    )
    found = open_clocks(store, Wanted())
    assert [(one.deadline.case_id, one.deadline.name) for one in found] == [
        (late, "reponse"), (soon, "suite"), (soon, "reponse"),
    ]  # fmt: skip
    assert (found[0].order_id, found[0].channel) == (None, None)
    assert (found[1].order_id, found[1].channel, found[1].situation) == (
        "FR-1001",
        "site",
        "colis_non_recu/en_route",
    )
    assert found[1].case_created_at == NOW
    assert len(open_clocks(store, Wanted(), limit=2)) == 2


def test_the_customer_s_own_time_is_shown_only_when_asked_for(store: Store) -> None:
    prepare(store, mail(1), uid=1, clocks=(replace(clock(), duty=False),))
    assert open_clocks(store, Wanted()) == []
    (own,) = open_clocks(store, Wanted(customers_own=True))
    assert not own.deadline.duty


def test_an_answer_that_left_ends_its_clocks(store: Store) -> None:
    reply = draft(store, 1, clocks=(clock(),))
    replies.approve(store, reply.id, "camille", NOW, UNDO)
    claimed = outbox.claim_due(store, "ouvrier", NOW + UNDO, LEASE)
    assert claimed is not None
    assert len(open_clocks(store, Wanted())) == 1
    outbox.sent(store, reply.id, "ouvrier", NOW + UNDO, code=250, server_text="ok")
    assert open_clocks(store, Wanted(customers_own=True)) == []


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (Wanted(channel="site"), 1), (Wanted(channel="ebay"), 0),
        (Wanted(situation="colis_non_recu"), 1), (Wanted(situation="colis_non_recu/en_route"), 1),
        (Wanted(situation="colis_non_recu/en"), 0), (Wanted(situation="%"), 0), (Wanted(situation=""), 0),
        (Wanted(before=NOW + 4 * HOUR), 1), (Wanted(before=NOW + 3 * HOUR), 0),
    ],
)  # fmt: skip
def test_each_filter_keeps_what_it_names(store: Store, wanted: Wanted, count: int) -> None:
    prepare(store, mail(1), uid=1, clocks=(clock(due=4 * HOUR),), found=order())
    assert len(open_clocks(store, wanted)) == count


def test_another_process_sees_which_rules_are_in_service_and_why_newer_ones_are_not(store: Store) -> None:
    assert status(store, NOW).rules is None
    in_service(store, "bonnes", NOW)
    refused(store, "délais : « JO_X » inconnu", NOW + HOUR)
    other = open_store(store.engine.url.render_as_string(hide_password=False), None)
    seen = status(other, NOW).rules
    other.close()
    assert seen is not None
    assert (seen.digest, seen.since) == ("bonnes", NOW)
    assert (seen.refused, seen.refused_at) == ("délais : « JO_X » inconnu", NOW + HOUR)
    in_service(store, "bonnes", NOW + 2 * HOUR)
    mended = status(store, NOW).rules
    assert mended is not None and mended.refused is None


def test_a_database_of_the_first_tables_is_brought_up_to_date(tmp_path: Path) -> None:
    from alembic import command
    from alembic.config import Config

    url = f"sqlite:///{tmp_path / 'ancienne.sqlite3'}"
    engine = create_engine(url)
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with engine.begin() as conn:
        config.attributes["connection"] = conn
        command.upgrade(config, "0001")
    open_store(url, None).close()
    with engine.connect() as conn:
        assert "ix_events_kind_id" in {index["name"] for index in inspect(conn).get_indexes("events")}
        assert conn.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 1
    engine.dispose()

"""The 300 mails of the corpus through a real Dovecot: 300 cases, none lost, none twice, whenever we are killed."""

import os
import random
import signal
import time
from collections.abc import Callable

import pytest

from tests.end_to_end.letters import CORPUS, corpus_mails, customer, letter, orders_csv
from tests.end_to_end.mailroom import HookedSmtp
from tests.end_to_end.shop import Running, Shop, cases_by_mail, until

pytestmark = [pytest.mark.server, pytest.mark.slow]
SEED = int(os.environ.get("MAILBOT_TEST_SEED", "20261122"))


def fill(shop: Shop) -> None:
    shop.dovecot.drop(corpus_mails(), shop.user)
    done = shop.ok("orders", "import", str(CORPUS / "orders.csv"), "--json")
    assert done.json[0]["imported"] == 3000


def test_every_mail_of_the_corpus_becomes_one_case(shop: Shop) -> None:
    fill(shop)
    first = shop.ok("once", "--json").json[0]
    assert (first["fetched"], first["prepared"], first["troubles"]) == (300, 300, [])
    assert cases_by_mail(shop) == [1] * 300
    again = shop.ok("once", "--json").json[0]
    assert (again["fetched"], again["prepared"]) == (0, 0)
    assert shop.one("SELECT count(DISTINCT case_id) = count(*) FROM replies")
    assert shop.one("SELECT count(*) FROM replies WHERE state != 'draft'") == 0
    (account,) = shop.ok("status", "--json").json[0]["accounts"]
    assert (account["server_count"], account["ledger_count"]) == (300, 300)
    assert shop.ok("replay", "--json").json == [], "the same rules judge the same mail alike"
    assert shop.rows("SELECT count(*) FROM cases") == [(300,)]


def test_the_corpus_survives_kills_while_it_is_fetched_and_prepared(shop: Shop) -> None:
    """Twelve kills: four as soon as a passage has made its first step, then at moments drawn by lot."""
    fill(shop)
    draw, kills = random.Random(SEED), []
    count = "SELECT (SELECT count(*) FROM mails) || '/' || (SELECT count(*) FROM cases)"
    for turn in range(12):
        before = shop.rows(count)
        passage = shop.start("once")
        until(lambda: passage.poll() is not None or shop.rows(count) != before, 30, passage.log)  # noqa: B023
        time.sleep(draw.uniform(0, 0.3) if turn > 3 else 0)
        passage.kill()
        kills.append(shop.one(count))
    print(f"seed {SEED}, mails/cases at each kill: {kills}")
    assert "0/0" not in kills and kills[0] != "300/300"
    assert shop.ok("once").code == 0
    assert cases_by_mail(shop) == [1] * 300
    assert set(shop.states("mails")) == {"prepared", "ignored"}


@pytest.mark.timeout(180)
def test_no_customer_gets_two_answers_when_the_service_is_killed_again_and_again(shop: Shop) -> None:
    """Twenty kills of `mailbot run` while mail keeps coming and answers leave by themselves: some at moments drawn by
    lot, some in the middle of an SMTP conversation. At the end every mail has its case and every answer is accounted
    for: sent exactly once, or visibly uncertain."""
    customers, kills = 40, 20
    (shop.directory / "o.csv").write_text(orders_csv(range(customers)), "utf-8")
    draw = random.Random(SEED)
    with HookedSmtp() as smtp:
        shop.answer_alone(smtp.port)
        shop.ok("orders", "import", "o.csv")
        for turn in range(kills):
            shop.deliver(*(letter(number) for number in range(2 * turn, 2 * turn + 2)))
            _one_killed_run(shop, smtp, draw)
        smtp.hook = None
        _work_off(shop)
        story = f"seed {SEED}, replies {shop.states('replies')}, letters {len(smtp.bodies)}"
        print(story)
        recipients = [str(one["To"]).partition("<")[2].rstrip(">") for one in smtp.letters]
        assert len(set(recipients)) == len(recipients), story
        assert cases_by_mail(shop) == [1] * customers, story
        states = dict(shop.rows("SELECT to_addr, state FROM replies"))
        assert set(states) == {customer(number) for number in range(customers)}, story
        assert set(states.values()) <= {"sent", "uncertain"}, story
        assert {who for who, state in states.items() if state == "sent"} <= set(recipients), story
        visible = shop.ok("drafts", "list", "--state", "uncertain", "--json").json
        assert {one["to"] for one in visible} == {who for who in states if states[who] == "uncertain"}
        assert len(recipients) > customers / 2, story


def _one_killed_run(shop: Shop, smtp: HookedSmtp, draw: random.Random) -> None:
    stage = draw.choice([None, None, "CONNECT", "DATA", "DOT", "ANSWERED"])
    shot: list[Running] = []

    def shoot(reached: str) -> None:
        if reached == stage and shot:
            shot.pop().shoot()

    smtp.hook = shoot
    service = shop.start("run")
    shot.append(service)
    if stage is None:
        time.sleep(draw.uniform(0.2, 2.0))
        service.kill()
    elif _waits(lambda: service.poll() is not None, 4):
        assert service.poll() == -signal.SIGKILL, service.log()
    else:
        service.kill()


def _waits(true: Callable[[], object], seconds: float) -> bool:
    try:
        until(true, seconds)
    except AssertionError:
        return False
    return True


def _work_off(shop: Shop) -> None:
    """Passages until nothing is left to do."""
    for _ in range(3):
        shop.ok("once")
    assert shop.one("SELECT count(*) FROM replies WHERE state IN ('approved', 'sending')") == 0

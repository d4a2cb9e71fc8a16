"""The clocks of a mail: which situations start them, where a duty exists, and which of two ends first."""

from typing import cast

import pytest

from mailbot.line import Line, Read
from mailbot.model import Clues, Deadline
from mailbot.steps.choose import choose
from mailbot.steps.compose import Composer
from mailbot.steps.guards import OutputRules
from mailbot.steps.trained import Model
from tests.steps.scenes import NOW, ago, facts_of, mail, match, order, shipped_rules, verdict

BOOK = shipped_rules()
LINE = Line(
    rulebook=BOOK,
    model=cast(Model, None),
    composer=Composer(BOOK.templates, OutputRules.compiled(BOOK.guards)),
)


def clocks(channel: str, *requests: str) -> dict[str, Deadline]:
    found = order(
        channel=channel, status="delivered", shipped_at=ago(days=9), delivered_at=ago(days=6), tracking_status="livre",
        total=30,
    )  # fmt: skip
    said = verdict(*requests)
    facts = facts_of(found, said)
    chosen = choose(said, facts, BOOK.situations)
    read = Read(mail=mail(received=NOW), verdict=said, clues=Clues())
    due = LINE._deadlines(read, match(found), chosen, BOOK.channel(channel), facts)
    assert len({one.id for one in due}) == len(due)
    return {one.id: one for one in due}


@pytest.mark.parametrize(("channel", "there"), [("site", False), ("cdiscount", True)])
def test_a_proof_is_only_due_in_a_seller_space_that_exists(channel: str, there: bool) -> None:
    assert ("preuve" in clocks(channel, "colis_non_recu")) is there


def test_a_clock_that_two_requests_start_ends_with_the_first() -> None:
    moving = order(status="shipped", shipped_at=ago(days=1), tracking_status="en_transit", total=30)
    said = verdict("colis_non_recu", "facture")
    facts = facts_of(moving, said)
    chosen = choose(said, facts, BOOK.situations)
    read = Read(mail=mail(received=NOW), verdict=said, clues=Clues())
    due = {one.id: one for one in LINE._deadlines(read, match(moving), chosen, BOOK.channel("site"), facts)}
    assert (
        due["prochaine_nouvelle"].rule == "JO_2"
    )  # the invoice's two days, not the week of a parcel on its way

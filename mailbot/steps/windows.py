"""The clocks a sales channel starts by itself: windows for claims, times to refund. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from mailbot.model import Deadline
from mailbot.ruleset.counting import SituationDeadline
from mailbot.ruleset.shop import Channel, ChannelClock
from mailbot.steps.deadlines import CHANNEL_RULE, CLAIM_RULE
from mailbot.vocabulary import Facts


def find(
    channel: Channel | None, requests: Sequence[str], facts: Facts, wanted: Sequence[SituationDeadline]
) -> tuple[ChannelClock, ...]:
    """The channel's clocks for these requests, beside those `wanted` by the situations. Once a claim is open, nothing
    is left to prevent: only the customer's own windows stay."""
    if channel is None:
        return ()
    claimed = any(clock.regle == CLAIM_RULE for clock in wanted)
    return tuple(
        clock
        for clock in channel.fenetres
        if (not clock.intentions or any(name in clock.intentions for name in requests))
        and not (clock.non_livree and facts.get("livree") is True)
        and not (claimed and clock.pour == "boutique")
    )


def settle(
    clocks: Sequence[Deadline],
    windows: Sequence[ChannelClock],
    wanted: Sequence[SituationDeadline],
    channel: Channel | None,
    asked: datetime,
) -> tuple[Deadline, ...]:
    """The clocks with the channel's own words for what they rest on, without windows over before the customer wrote."""
    if channel is None:
        return tuple(clocks)
    own = {(clock.id, clock.regle): clock.fondement for clock in windows}
    words = {CHANNEL_RULE: channel.fondement, CLAIM_RULE: channel.fondement_reclamation}
    told = {clock.id: words[clock.regle] for clock in wanted if clock.regle in words}
    kept = (clock for clock in clocks if (clock.id, clock.rule) not in own or clock.due_at >= asked)
    return tuple(_resting_on(clock, own.get((clock.id, clock.rule)) or told.get(clock.id)) for clock in kept)


def _resting_on(clock: Deadline, basis: str | None) -> Deadline:
    return replace(clock, basis=basis) if basis and basis != clock.basis else clock

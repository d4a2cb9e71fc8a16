"""The figures of a period: volume, answers against deadlines, how replies left, who came back, carriers."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import mean, median
from zoneinfo import ZoneInfo

from mailbot.edges.store import Store
from mailbot.edges.store import figures as rows
from mailbot.jobs.scores import Score, scores

PARIS = ZoneInfo("Europe/Paris")
AT_RISK = timedelta(hours=4)  # met or still running, with less than this to spare
_PARCEL_TROUBLE = ("colis_non_recu", "produit_abime", "produit_manquant")


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """Mails and sent replies of one Paris day."""

    day: date
    received: int
    sent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """One kind of clock: how it was kept. `median_hours`: from its start to the answer, None before the first."""

    label: str
    basis: str
    kept: int
    at_risk: int
    missed: int
    running: int
    median_hours: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """How the period's tickets were answered."""

    as_is: int
    edited: int
    alone: int
    waiting: int
    human: int
    filed: int
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """One carrier's parcels of the period. `mean_days` from shipping to delivery; `late`: delivered, or still on its
    way, after the promised day; `troubles`: tickets about such a parcel."""

    name: str
    parcels: int
    mean_days: float | None
    late: int
    troubles: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    since: datetime
    until: datetime
    days: tuple[Volume, ...]
    situations: tuple[tuple[str, int], ...]
    channels: tuple[tuple[str, int], ...]
    answers: tuple[Answers, ...]
    leaving: Leaving
    followed: int
    recontacted: int
    carriers: tuple[Carrier, ...]


def figures(store: Store, since: datetime, until: datetime, now: datetime) -> Figures:
    """Count the period from `since` (included) to `until` (excluded), both aware; days are those of Paris."""
    tickets = rows.tickets(store, since, until)
    told = [one for one in scores(store, now, since) if one.drafts]
    return Figures(
        since=since,
        until=until,
        days=_days(tickets, since, until),
        situations=_ranked(one.situation or "sans situation" for one in tickets if one.action != "ignore"),
        channels=_ranked(one.channel or "inconnu" for one in tickets if one.action != "ignore"),
        answers=_answers(rows.clocks(store, since, until), now),
        leaving=_leaving(tickets),
        followed=_sum(told, "followed"),
        recontacted=_sum(told, "recontacted"),
        carriers=_carriers(rows.parcels(store, since, until), tickets, now),
    )


def _sum(found: Sequence[Score], name: str) -> int:
    return sum(getattr(one, name) for one in found)


def _days(tickets: Sequence[rows.TicketRow], since: datetime, until: datetime) -> tuple[Volume, ...]:
    received = Counter(_day(one.received_at) for one in tickets)
    sent = Counter(_day(one.sent_at) for one in tickets if one.sent_at is not None)
    first, last = _day(since), _day(until - timedelta(microseconds=1))
    span = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return tuple(Volume(day=day, received=received[day], sent=sent[day]) for day in span)


def _day(at: datetime) -> date:
    return at.astimezone(PARIS).date()


def _ranked(names: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(names).items(), key=lambda item: (-item[1], item[0])))


def _answers(clocks: Sequence[rows.ClockRow], now: datetime) -> tuple[Answers, ...]:
    groups: dict[tuple[str, str], list[rows.ClockRow]] = {}
    for clock in clocks:
        groups.setdefault((clock.label, clock.basis), []).append(clock)
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple(_kept(label, basis, found, now) for (label, basis), found in ordered)


def _kept(label: str, basis: str, found: Sequence[rows.ClockRow], now: datetime) -> Answers:
    states = Counter(_state(one, now) for one in found)
    hours = [(one.met_at - one.start) / timedelta(hours=1) for one in found if one.met_at is not None]
    return Answers(
        label=label, basis=basis, kept=states["kept"], at_risk=states["at_risk"], missed=states["missed"],
        running=states["running"], median_hours=median(hours) if hours else None,
    )  # fmt: skip


def _state(clock: rows.ClockRow, now: datetime) -> str:
    end = clock.met_at or now
    if end > clock.due_at:
        return "missed"
    if clock.due_at - end < AT_RISK:
        return "at_risk"
    return "kept" if clock.met_at is not None else "running"


def _leaving(tickets: Sequence[rows.TicketRow]) -> Leaving:
    counts = Counter(_fate(one) for one in tickets)
    return Leaving(
        as_is=counts["as_is"], edited=counts["edited"], alone=counts["alone"], waiting=counts["waiting"],
        human=counts["human"], filed=counts["filed"], refused=counts["refused"],
    )  # fmt: skip


def _fate(one: rows.TicketRow) -> str:
    if one.reply_state == "sent":
        return "alone" if one.auto else "edited" if one.edited else "as_is"
    if one.reply_state == "refused":
        return "refused"
    if one.action == "ignore":
        return "filed"
    return "waiting" if one.reply_state is not None else "human"


def _carriers(
    parcels: Iterable[rows.Parcel], tickets: Sequence[rows.TicketRow], now: datetime
) -> tuple[Carrier, ...]:
    troubled = Counter(
        (one.channel, one.order_id)
        for one in tickets
        if one.order_id and (one.situation or "").split("/")[0] in _PARCEL_TROUBLE
    )
    groups: dict[str, list[rows.Parcel]] = {}
    for parcel in parcels:
        groups.setdefault(parcel.carrier, []).append(parcel)
    found = [_carrier(name, members, troubled, now) for name, members in groups.items()]
    return tuple(sorted(found, key=lambda one: (-one.parcels, one.name)))


def _carrier(
    name: str, members: Sequence[rows.Parcel], troubled: Counter[tuple[str | None, str]], now: datetime
) -> Carrier:
    days = [
        (one.delivered_at - one.shipped_at) / timedelta(days=1)
        for one in members
        if one.delivered_at is not None and one.shipped_at is not None
    ]
    return Carrier(
        name=name, parcels=len(members), mean_days=mean(days) if days else None,
        late=sum(_late(one, now) for one in members),
        troubles=sum(troubled[one.channel, one.order_id] for one in members),
    )  # fmt: skip


def _late(one: rows.Parcel, now: datetime) -> bool:
    if one.promised is None or one.shipped_at is None:
        return False
    return _day(one.delivered_at or now) > one.promised

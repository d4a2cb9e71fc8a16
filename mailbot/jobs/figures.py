"""The figures of a period: volume, answers against deadlines, how replies left, who came back, carriers."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import mean

from mailbot.edges.store import Store
from mailbot.edges.store import figures as rows
from mailbot.jobs.scores import RECONTACT
from mailbot.zone import PARIS

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
    """One kind of clock: how it was kept. `settled`: of those kept, how many by closing the ticket without a mail, in
    time. `median_hours`: from its start to the answer, None before the first."""

    label: str
    basis: str
    kept: int
    at_risk: int
    missed: int
    running: int
    settled: int
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
    """Everything of one period. `parcels_every`: one parcel in so many was looked at, of `orders` orders."""

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
    parcels_every: int
    orders: int


def figures(store: Store, since: datetime, until: datetime, now: datetime) -> Figures:
    """Count the period from `since` (included) to `until` (excluded), both aware; days are those of Paris."""
    fates = rows.fates(store, since, until)
    asking = [one for one in fates if one.action != "ignore"]
    parcels = rows.parcels(store, since, until)
    troubled = Counter(rows.troubled(store, since, until, _PARCEL_TROUBLE))
    followed, recontacted = rows.came_back(store, since, until, now, RECONTACT)
    return Figures(
        since=since,
        until=until,
        days=_days(*rows.volumes(store, since, until), since, until),
        situations=_ranked((one.situation or "sans situation", one.tickets) for one in asking),
        channels=_ranked((one.channel or "inconnu", one.tickets) for one in asking),
        answers=tuple(map(_kept, rows.clocks(store, since, until, now, AT_RISK))),
        leaving=_leaving(fates),
        followed=followed,
        recontacted=recontacted,
        carriers=_carriers(parcels.found, troubled, now),
        parcels_every=parcels.every,
        orders=parcels.orders,
    )


def _days(
    received: Mapping[datetime, int], sent: Mapping[datetime, int], since: datetime, until: datetime
) -> tuple[Volume, ...]:
    first, last = _day(since), _day(until - timedelta(microseconds=1))
    span = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    came, left = _by_day(received), _by_day(sent)
    return tuple(Volume(day=day, received=came[day], sent=left[day]) for day in span)


def _by_day(hours: Mapping[datetime, int]) -> Counter[date]:
    found: Counter[date] = Counter()
    for hour, number in hours.items():
        found[_day(hour)] += number
    return found


def _day(at: datetime) -> date:
    return at.astimezone(PARIS).date()


def _ranked(found: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    sums: Counter[str] = Counter()
    for name, number in found:
        sums[name] += number
    return tuple(sorted(sums.items(), key=lambda item: (-item[1], item[0])))


def _kept(found: rows.Clocks) -> Answers:
    took = None if found.middle is None else found.middle[1] - found.middle[0]
    return Answers(
        label=found.label, basis=found.basis, kept=found.kept, at_risk=found.at_risk, missed=found.missed,
        running=found.running, settled=found.settled,
        median_hours=None if took is None else took / timedelta(hours=1),
    )  # fmt: skip


def _leaving(found: Sequence[rows.Fates]) -> Leaving:
    counts: Counter[str] = Counter()
    for one in found:
        counts[_fate(one)] += one.tickets
    return Leaving(
        as_is=counts["as_is"], edited=counts["edited"], alone=counts["alone"], waiting=counts["waiting"],
        human=counts["human"], filed=counts["filed"], refused=counts["refused"],
    )  # fmt: skip


def _fate(one: rows.Fates) -> str:
    if one.reply_state == "sent":
        return "alone" if one.auto else "edited" if one.edited else "as_is"
    if one.reply_state == "refused":
        return "refused"
    if one.action == "ignore":
        return "filed"
    return "waiting" if one.reply_state is not None else "human"


def _carriers(
    parcels: Iterable[rows.Parcel], troubled: Counter[tuple[str | None, str]], now: datetime
) -> tuple[Carrier, ...]:
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

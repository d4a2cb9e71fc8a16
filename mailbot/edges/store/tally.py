"""How many open cases each view of the queue holds, counted once for everybody and summed for whoever asks.

Groups by account, channel and situation are small; the cases behind them are many. A page reads the groups, so that a
filter or a person with fewer rights costs no second count."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import case, func, select

from mailbot.edges.store import Store, queue_views
from mailbot.edges.store.desk_tables import desk_cases
from mailbot.edges.store.queue_views import View, Wanted
from mailbot.edges.store.schema import cases, replies

SHARED: tuple[View, ...] = ("a_traiter", "humain", "attente", "suites")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The open cases of one account, channel and situation: all of them, and by view."""

    account: str
    channel: str | None
    situation: str | None
    all: int
    by_view: Mapping[View, int]


@dataclass(frozen=True, slots=True)
class Tally:
    """All groups. What it tells is of the accounts of `wanted` only."""

    groups: tuple[Group, ...]

    @property
    def all(self) -> int:
        """Every open case, whatever the rights of who asks."""
        return sum(group.all for group in self.groups)

    def counts(self, wanted: Wanted) -> dict[View, int]:
        """How many cases of these filters each shared view holds."""
        found = list(self._of(wanted))
        return {view: sum(group.by_view[view] for group in found) for view in SHARED}

    def choices(self, accounts: tuple[str, ...] | None) -> tuple[list[str], list[str]]:
        """The situations and channels that open cases have, for the filters."""
        found = list(self._of(Wanted(accounts=accounts)))
        situations = {group.situation for group in found if group.situation}
        return sorted(situations), sorted({group.channel for group in found if group.channel})

    def _of(self, wanted: Wanted) -> Iterator[Group]:
        for group in self.groups:
            if (
                (wanted.accounts is None or group.account in wanted.accounts)
                and (not wanted.channel or group.channel == wanted.channel)
                and (not wanted.situation or _within(group.situation or "", wanted.situation))
            ):
                yield group


def _within(situation: str, wanted: str) -> bool:
    return situation == wanted or situation.startswith(f"{wanted}/")


def read(store: Store) -> Tally:
    """Count: one walk over the open cases, through indexes that hold all it asks for."""
    keys = (cases.c.account, cases.c.channel, cases.c.situation)
    sums = [
        func.sum(case((queue_views.conditions(view, ""), 1), else_=0)).label(f"view_{view}")
        for view in SHARED
    ]
    query = (
        select(*keys, func.count().label("open_cases"), *sums)
        .select_from(cases)
        .outerjoin(replies, replies.c.case_id == cases.c.id)
        .outerjoin(desk_cases, desk_cases.c.case_id == cases.c.id)
        .with_hint(cases, "INDEXED BY ix_cases_queue", "sqlite")
        .with_hint(replies, "INDEXED BY ix_replies_fate", "sqlite")
        .where(*queue_views.OPEN)
        .group_by(*keys)
    )
    with store.read() as conn:
        return Tally(
            tuple(
                Group(
                    account=row.account, channel=row.channel, situation=row.situation, all=row.open_cases,
                    by_view={view: int(getattr(row, f"view_{view}")) for view in SHARED},
                )
                for row in conn.execute(query)
            )
        )  # fmt: skip


def held(store: Store, wanted: Wanted) -> int:
    """How many open cases of these filters this person has taken."""
    mine = select(desk_cases.c.case_id).where(desk_cases.c.holder == wanted.person)
    query = select(func.count()).select_from(cases).where(cases.c.id.in_(mine), *queue_views.OPEN)
    with store.read() as conn:
        found = conn.execute(queue_views.allowed(query, wanted).with_hint(cases, "NOT INDEXED", "sqlite"))
        return int(found.scalar_one())

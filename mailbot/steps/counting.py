"""Counts one delay from its event, day by day, and says so in French. Pure.

The day of the event is excluded and a period of days ends at 23:59:59 (regulation 1182/71 art. 3). Every
result is in Europe/Paris; hours are added in UTC.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from mailbot.errors import DeadlineError
from mailbot.ruleset.counting import CountingRules, DeadlineRule, Region
from mailbot.steps.calendar import ONE_DAY, calendar_of, find_region
from mailbot.steps.periods import End, Plan, closed_ouvre, days_in, months_from
from mailbot.steps.rule_names import resolve
from mailbot.steps.telling import duration, french_day, french_instant
from mailbot.zone import PARIS


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One count. `start` and `due_at` in Europe/Paris; `steps` in French; `rolled`: off a closed day."""

    rule: str
    label: str
    start: datetime
    due_at: datetime
    rolled: bool
    steps: tuple[str, ...]
    basis: str


@dataclass(frozen=True, slots=True)
class _Job:
    """What one count needs to know."""

    rule: DeadlineRule
    start: datetime
    region: Region
    plan: Plan


def count(
    rule_id: str,
    rules: CountingRules,
    start: datetime,
    *,
    second: datetime | None = None,
    region: str = "FR",
    saturday_works: bool = False,
) -> Counted:
    """When the delay `rule_id` that starts with the event `start` ends, and how it was counted.

    `start` and `second` are aware, in any zone; `region` is whose holidays count. `second` is the last
    delivery (L221-18) or the return received or its proof of dispatch (L221-24). `saturday_works` makes
    Saturday a jour ouvré. Raises RuleError for an unknown rule, DeadlineError for a naive or absurd date or
    an unknown region."""
    rule, start, end = _counted(rule_id, rules, start, second, region, saturday_works=saturday_works)
    steps = (f"{french_instant(start)} : départ", *end.steps, f"fin : {french_instant(end.due)}")
    return Counted(
        rule=rule_id, label=rule.libelle, start=start, due_at=end.due, rolled=end.rolled, steps=steps,
        basis=rule.fondement,
    )  # fmt: skip


def due(
    rule_id: str,
    rules: CountingRules,
    start: datetime,
    *,
    second: datetime | None = None,
    region: str = "FR",
) -> datetime:
    """As `count`, only when the delay ends."""
    _, _, end = _counted(rule_id, rules, start, second, region)
    return end.due


def _counted(
    rule_id: str,
    rules: CountingRules,
    start: datetime,
    second: datetime | None,
    region: str,
    *,
    saturday_works: bool = False,
) -> tuple[DeadlineRule, datetime, End]:
    """The rule, the start it counts from, and the end."""
    rule, n = resolve(rule_id, rules)
    start = _instant(start, rules)
    second = None if second is None else _instant(second, rules)
    if rule.depart_dernier and second is not None and second > start:
        start = second
    place = find_region(region, rules)
    plan = Plan(rule.unite, n, rule.recul, rule.puis_mois, calendar_of(place), saturday_works)
    job = _Job(rule, start, place, plan)
    end = _with_second(job, second, _WAYS[rule.unite](job))
    if end.due.year > rules.limites.annee_max:
        raise DeadlineError(
            f"le délai finirait après {rules.limites.annee_max} : vérifiez la date et la règle."
        )
    return rule, start, end


def _instant(when: datetime, rules: CountingRules) -> datetime:
    if when.tzinfo is None:
        raise DeadlineError(
            f"date sans fuseau horaire : {when.isoformat()}. Ajoutez-le : {when.isoformat()}+01:00."
        )
    low, high = rules.limites.annee_min, rules.limites.annee_max
    if not low <= when.year <= high:
        raise DeadlineError(f"date hors limites : {when.isoformat()} (années acceptées : {low} à {high}).")
    return when.astimezone(PARIS)


def _with_second(job: _Job, second: datetime | None, end: End) -> End:
    if second is None:
        return end
    said = french_instant(second)
    if job.rule.depart_dernier:
        return replace(
            end, steps=(f"compté depuis le dernier des deux événements (second : {said})", *end.steps)
        )
    if job.rule.suspension == "information":
        return _informed(job, second, end, said)
    if job.rule.suspension is None:
        return replace(end, steps=(*end.steps, f"second événement ({said}) : sans effet pour cette règle"))
    if second <= end.due:
        line = f"retour reçu ou preuve d'envoi : {said}, avant la limite, qui ne change pas"
        return replace(end, steps=(*end.steps, line))
    line = f"retour reçu ou preuve d'envoi seulement {said} : le remboursement est dû à ce moment"
    return End(second, end.rolled, (*end.steps, line))


def _informed(job: _Job, second: datetime, end: End, said: str) -> End:
    """L221-20: told of the right while the extension runs, the consumer has the plain period from that day (and never
    less than he had from the start)."""
    if second > end.due:
        return replace(end, steps=(*end.steps, f"information donnée {said}, après la fin : sans effet"))
    plain = replace(job, plan=job.plan._replace(then_months=None))
    first, anew = _days(plain), _days(replace(plain, start=second))
    if anew.due <= first.due:
        return replace(first, steps=(*first.steps, f"information donnée {said} : le délai ordinaire suffit"))
    return replace(anew, steps=(f"information donnée {said} : le délai court depuis ce jour", *anew.steps))


def _days(job: _Job) -> End:
    """A consumer overseas has until the later of the end of the day in Paris and at home."""
    end = days_in(job.plan, job.start.date(), PARIS)
    if job.plan.roll == "aucun" or job.region.fuseau == PARIS.key:
        return end
    zone = ZoneInfo(job.region.fuseau)
    local = days_in(job.plan, job.start.astimezone(zone).date(), zone)
    if local.due <= end.due:
        return end
    line = f"{job.region.nom} : la journée y finit plus tard qu'à Paris, l'heure locale du client est retenue"
    return replace(local, steps=(*local.steps, line))


def _months(job: _Job) -> End:
    return months_from(job.plan, job.start.date())


def _elapsed(job: _Job) -> End:
    due = (job.start.astimezone(UTC) + timedelta(hours=job.plan.n)).astimezone(PARIS)
    n = job.plan.n
    many = "s" if n > 1 else ""
    steps = [f"{n} heure{many} écoulée{many}, nuits, week-ends et jours fériés compris"]
    before, after = job.start.utcoffset(), due.utcoffset()
    if before is not None and after is not None and before != after:
        moved = "avance" if after > before else "recule"
        steps.insert(0, f"changement d'heure entre-temps : l'heure affichée {moved} d'une heure")
    return End(due, steps=tuple(steps))


def _open_hours(job: _Job) -> End:
    at, left = job.start.astimezone(UTC), timedelta(hours=job.plan.n)
    day, steps = job.start.date(), []
    while True:
        midnight = datetime.combine(day + ONE_DAY, time.min, PARIS).astimezone(UTC)
        reason = closed_ouvre(day, job.plan)
        if reason is None:
            taken = min(left, midnight - at)
            steps.append(f"{french_day(day)} : {duration(taken)} comptées")
            left -= taken
            if not left:
                return End((at + taken).astimezone(PARIS), steps=tuple(steps))
        else:
            steps.append(f"{french_day(day)} : {reason}, horloge arrêtée")
        day, at = day + ONE_DAY, midnight


_WAYS: Mapping[str, Callable[[_Job], End]] = {
    "heures": _elapsed,
    "heures_hors_we_feries": _open_hours,
    "jours_ouvres": _days,
    "jours_ouvrables": _days,
    "jours_calendaires": _days,
    "mois": _months,
}

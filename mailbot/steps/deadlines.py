"""Deadlines of a situation, late-refund penalties, and how a count is shown. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mailbot.errors import DeadlineError, RuleError
from mailbot.model import Deadline
from mailbot.ruleset.counting import CountingRules, PenaltyScale, SituationDeadline
from mailbot.steps.calendar import ONE_DAY, calendar_of
from mailbot.steps.counting import Counted, count
from mailbot.steps.rule_names import resolve
from mailbot.steps.telling import french_instant
from mailbot.zone import PARIS

__all__ = [
    "CHANNEL_RULE", "Counted", "Penalty", "count", "days_late", "parse_rules", "penalty",
    "resolve", "run", "to_json", "to_rows",
]  # fmt: skip

CHANNEL_RULE = "canal"  # a situation's way to say: the answer delay of the channel
CLAIM_RULE = "reclamation"  # the same for the time to answer a claim opened on the channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Penalty:
    """What a late refund costs more. `percent` is None while only the legal interest rate runs."""

    percent: int | None
    text: str
    basis: str


def parse_rules(data: Mapping[str, Any]) -> CountingRules:
    """The tables of rules/delais.toml and rules/calendrier.toml, merged into one mapping → validated rules.

    Raises pydantic.ValidationError for the shape, RuleError for an unknown subdivision or time zone."""
    rules = CountingRules.model_validate(data)
    for region in rules.region:
        try:
            ZoneInfo(region.fuseau)
            calendar_of(region).holiday(date(rules.limites.annee_min, 1, 1))
        except (ZoneInfoNotFoundError, ValueError, NotImplementedError) as error:
            raise RuleError(
                f"calendrier.toml : région « {region.id} » : fuseau « {region.fuseau} », subdivision "
                f"« {region.bibliotheque} » ou jour fixe inconnu ({error})."
            ) from error
    return rules


def run(
    wanted: Sequence[SituationDeadline],
    events: Mapping[str, datetime | None],
    rules: CountingRules,
    *,
    answer_rule: str | None = None,
    claim_rule: str | None = None,
    merchant_region: str = "FR",
    customer_region: str = "FR",
    saturday_works: bool = False,
) -> tuple[tuple[Deadline, ...], tuple[str, ...]]:
    """The deadlines a situation starts, earliest first, and the ids of those that cannot be counted because
    their event is unknown or absurd.

    `events` maps an event (demande, livraison, ...) to its aware instant; `answer_rule` is the channel's own
    answer delay, for `regle = "canal"`, `claim_rule` its time to answer a claim, for `regle = "reclamation"`.
    Raises RuleError for a rule that does not exist."""
    of_channel = {CHANNEL_RULE: answer_rule, CLAIM_RULE: claim_rule}
    found: list[Deadline] = []
    unknown: list[str] = []
    for item in wanted:
        rule_id = of_channel.get(item.regle, item.regle)
        start = events.get(item.depart)
        if rule_id is None or start is None:
            unknown.append(item.id)
            continue
        region = customer_region if resolve(rule_id, rules)[0].region_de == "client" else merchant_region
        second = events.get(item.second) if item.second else None
        try:
            counted = count(
                rule_id, rules, start, second=second, region=region, saturday_works=saturday_works
            )
        except DeadlineError:
            unknown.append(item.id)
        else:
            found.append(_deadline(item, counted))
    return tuple(sorted(found, key=lambda deadline: (deadline.due_at, deadline.id))), tuple(unknown)


def _deadline(item: SituationDeadline, counted: Counted) -> Deadline:
    return Deadline(
        id=item.id, label=item.libelle, start=counted.start, due_at=counted.due_at, rule=counted.rule,
        basis=counted.basis, steps=counted.steps, rolled=counted.rolled, duty=item.pour == "boutique",
    )  # fmt: skip


def penalty(scale_id: str, days_late: int, rules: CountingRules) -> Penalty:
    """What a refund that is `days_late` days late costs more, by the scale L241_4 or L242_4.

    Raises RuleError for an unknown scale; a refund on time (0 or fewer days late) costs nothing."""
    scale = next((scale for scale in rules.penalite if scale.id == scale_id), None)
    if scale is None:
        known = ", ".join(scale.id for scale in rules.penalite)
        raise RuleError(f"barème inconnu : « {scale_id} ». Barèmes connus : {known}.")
    if days_late < 1:
        return Penalty(percent=0, text="dans les temps : aucune majoration", basis=scale.fondement)
    percent = _percent(scale, days_late)
    late = f"{days_late} jour{'s' if days_late > 1 else ''} de retard"
    owed = "intérêts au taux légal" if percent is None else f"somme majorée de {percent} %"
    return Penalty(percent=percent, text=f"{late} : {owed}", basis=scale.fondement)


def _percent(scale: PenaltyScale, days_late: int) -> int | None:
    for step in scale.paliers:
        if step.jusqu_a is None or days_late <= step.jusqu_a:
            return step.majoration
    last = scale.paliers[-1]
    months_begun = -(-(days_late - (last.jusqu_a or 0)) // 30)
    percent = (last.majoration or 0) + months_begun * (scale.par_mois or 0)
    return percent if scale.plafond is None else min(percent, scale.plafond)


def days_late(due_at: datetime, paid_at: datetime) -> int:
    """Whole calendar days (Europe/Paris) between the due day and the day of payment; 0 when on time."""
    due: date = due_at.astimezone(PARIS).date()
    return max(0, (paid_at.astimezone(PARIS).date() - due) // ONE_DAY)


def to_json(counted: Counted) -> dict[str, Any]:
    """The object `mailbot deadline --json` prints; times are ISO 8601 with offset."""
    return {
        "rule": counted.rule,
        "from": counted.start.isoformat(),
        "due_at": counted.due_at.isoformat(),
        "rolled": counted.rolled,
        "steps": list(counted.steps),
        "basis": counted.basis,
    }


def to_rows(counted: Counted) -> tuple[tuple[str, str], ...]:
    """The same as label and text, for a table an agent can read aloud."""
    return (
        ("Règle", f"{counted.rule} — {counted.label}"),
        ("Départ", french_instant(counted.start)),
        ("Décompte", "\n".join(counted.steps[1:-1])),
        ("Fin", french_instant(counted.due_at)),
        ("Prolongé", "oui, le dernier jour était fermé" if counted.rolled else "non"),
        ("Fondement", counted.basis),
    )

"""Situations that contradict themselves or stand in each other's way, found without any mail."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from mailbot.situation import Condition, Situation

_INF = float("inf")
_TRUE = Condition(est=True)


def impossible(situations: Sequence[Situation]) -> Iterator[str]:
    """Conditions nothing can satisfy."""
    for one in situations:
        for name, condition in one.conditions.items():
            if not _possible(condition):
                yield f"situations/{one.id}.toml : conditions.{name} : impossible, aucune valeur ne la remplit"
        if one.ou and not any(_together(one.conditions, table) for table in one.ou):
            yield f"situations/{one.id}.toml : ou : impossible, chaque table contredit les conditions"
        if both := sorted(one.drapeaux & one.sauf_drapeaux):
            yield f"situations/{one.id}.toml : sauf_drapeaux : « {both[0]} » est aussi dans drapeaux"


def cyclic(situations: Sequence[Situation]) -> Iterator[str]:
    """Requests of which each is to decide before the other (`passe_devant`)."""
    before: dict[tuple[str, str], str] = {}
    for one in situations:
        for passed in one.passe_devant:
            for own in one.intentions:
                if own == passed:
                    yield f"situations/{one.id}.toml : passe_devant : « {passed} » est déjà dans intentions"
                before.setdefault((own, passed), one.id)
    for (own, passed), stem in before.items():
        other = before.get((passed, own))
        if other is not None and own < passed:
            yield (
                f"situations/{stem}.toml : passe_devant : « {own} » passe devant « {passed} », et l'inverse dans "
                f"situations/{other}.toml : boucle"
            )


def twins(situations: Sequence[Situation]) -> Iterator[str]:
    """Two situations that claim exactly the same cases with the same weight."""
    for first, second in combinations(situations, 2):
        if first.weight == second.weight and _same(first, second):
            yield (
                f"situations/{second.id}.toml : à égalité avec situations/{first.id}.toml, "
                "mêmes demandes et conditions : "
                "changez une condition ou le rang"
            )


def overlapping(situations: Sequence[Situation]) -> Iterator[str]:
    """Pairs of equal weight that may both claim one case: an agent would have to choose. Worth a look, not wrong."""
    for first, second in combinations(situations, 2):
        if first.weight != second.weight or first.action.type != second.action.type:
            continue
        if _common(first, second) and _together(first.conditions, second.conditions):
            yield f"{first.id} et {second.id} : à égalité sur certains cas, un agent choisirait"


def _same(first: Situation, second: Situation) -> bool:
    keys = ("drapeaux", "sauf_drapeaux", "conditions", "ou")
    shared = set(first.intentions) & set(second.intentions) or first.intentions == second.intentions
    return bool(shared) and all(getattr(first, key) == getattr(second, key) for key in keys)


def _common(first: Situation, second: Situation) -> bool:
    """May one mail make both speak: a common request, and flags that do not keep them apart?"""
    shared = not first.intentions or not second.intentions or set(first.intentions) & set(second.intentions)
    apart = _apart(first, second) or _apart(second, first)
    return bool(shared) and not apart


def _apart(first: Situation, second: Situation) -> bool:
    return bool(first.drapeaux) and first.drapeaux <= second.sauf_drapeaux


def _together(first: Mapping[str, Condition], second: Mapping[str, Condition]) -> bool:
    first, second = _implied(first), _implied(second)
    return all(_compatible(first[name], second[name]) for name in first.keys() & second.keys())


def _implied(conditions: Mapping[str, Condition]) -> Mapping[str, Condition]:
    """What is delivered was dispatched."""
    if conditions.get("livree") == _TRUE:
        return {"expediee": _TRUE, **conditions}
    return conditions


def _compatible(first: Condition, second: Condition) -> bool:
    """Is there a value (or an unknown fact) that satisfies both?"""
    if first.inconnu and second.inconnu:
        return True
    if first.est is not None and second.est is not None:
        return first.est is second.est
    if first.parmi is not None and second.parmi is not None:
        return bool(set(first.parmi) & set(second.parmi))
    limits = _range(first), _range(second)
    if limits[0] and limits[1]:
        return max(limits[0][0], limits[1][0]) <= min(limits[0][1], limits[1][1])
    return False  # one of them takes only the unknown


def _possible(condition: Condition) -> bool:
    if condition.inconnu:
        return True
    if condition.parmi is not None:
        return bool(condition.parmi)
    limits = _range(condition)
    return limits is None or limits[0] <= limits[1]


def _range(condition: Condition) -> tuple[float, float] | None:
    """The numbers it accepts, open ends moved inwards by almost nothing; None for a condition without limits."""
    given = (condition.min, condition.max, condition.plus_de, condition.moins_de)
    if all(one is None for one in given):
        return None
    low = max(_or(condition.min, -_INF), _or(condition.plus_de, -_INF, 1e-9))
    high = min(_or(condition.max, _INF), _or(condition.moins_de, _INF, -1e-9))
    return low, high


def _or(value: float | None, otherwise: float, moved: float = 0.0) -> float:
    return otherwise if value is None else value + moved

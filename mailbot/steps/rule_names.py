"""Which counting rule an id names: itself ("L221_18"), or one of a family with its number ("JO_2" of "JO_n"). Pure."""

from rapidfuzz import process

from mailbot.errors import RuleError
from mailbot.ruleset.counting import CountingRules, DeadlineRule


def resolve(rule_id: str, rules: CountingRules) -> tuple[DeadlineRule, int]:
    """The rule an id names, and its number of units. Raises RuleError naming the nearest known rule."""
    known = rules.resolved.get(rule_id)
    if known is None:
        known = rules.resolved[rule_id] = _resolved(rule_id, rules)
    return known


def _resolved(rule_id: str, rules: CountingRules) -> tuple[DeadlineRule, int]:
    rule = rules.rule_by_id.get(rule_id)
    if rule is not None and rule.n is not None:
        return rule, rule.n
    for family in rules.regle:
        before, placeholder, after = family.id.partition("n")
        if placeholder and rule_id.startswith(before) and rule_id.endswith(after):
            number = rule_id[len(before) : len(rule_id) - len(after)]
            if number.isascii() and number.isdecimal() and len(number) < 9 and number == str(int(number)):
                return family, _sensible(rule_id, int(number), rules)
    raise RuleError(_unknown(rule_id, rules))


def _sensible(rule_id: str, n: int, rules: CountingRules) -> int:
    if not 1 <= n <= rules.limites.unites_max:
        raise RuleError(
            f"règle de délai « {rule_id} » : le nombre doit être entre 1 et {rules.limites.unites_max}."
        )
    return n


def _unknown(rule_id: str, rules: CountingRules) -> str:
    known = list(rules.rule_by_id)
    digits = "".join(char for char in rule_id if char in "0123456789").lstrip("0")[:6] or "2"
    nearest = process.extractOne(rule_id, [name.replace("n", digits) for name in known], processor=str.upper)
    hint = f" La plus proche : « {nearest[0]} »." if nearest else ""
    return (
        f"règle de délai inconnue : « {rule_id[:60]} ».{hint} Règles connues : {', '.join(known)} "
        "(n : un nombre, par exemple JO_2)."
    )

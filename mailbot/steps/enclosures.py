"""Which files go along with a letter: named by the rules from the order, looked for by the caller. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mailbot.model import Enclosure, Order
from mailbot.ruleset.enclosures import EnclosureRule, Enclosures, is_safe
from mailbot.ruleset.shop import Channel

FORBIDDEN = "pieces_jointes"  # what a channel's `interdits` calls them
_FIELD = re.compile(r"\{(\w+)\}")
_TYPES = {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg"}


def file_name(rule: EnclosureRule, order: Order) -> str:
    """The name of this kind of file for an order; '' when the order does not say it or says no safe name."""
    own = order.extra.get(rule.colonne, "").strip() if rule.colonne else ""
    values = {name: _value(order, name) for name in rule.columns}
    made = "" if own or not all(values.values()) else _FIELD.sub(lambda found: values[found[1]], rule.fichier)
    name = own or made
    return name if is_safe(name) else ""


def _value(order: Order, column: str) -> str:
    known = getattr(order, column, None) if column in Order.__dataclass_fields__ else None
    return str(known or order.extra.get(column) or "").strip()


def candidates(orders: Iterable[Order], rules: Enclosures) -> frozenset[str]:
    """Every file name that a letter about one of these orders could want."""
    return frozenset(name for order in orders for rule in rules.pieces if (name := file_name(rule, order)))


def wanted(
    kinds: Sequence[str],
    order: Order | None,
    channel: Channel | None,
    rules: Enclosures,
    files: Mapping[str, int],
) -> tuple[Enclosure, ...]:
    """The files of a letter; `files`: name → size of those that are there. None goes to an unverified writer (`order`
    is None) nor where the channel forbids them. A file that is not there has no size: the letter must wait for it."""
    if order is None or (channel is not None and FORBIDDEN in channel.interdits):
        return ()
    return tuple(_enclosures(kinds, order, rules, files))


def _enclosures(
    kinds: Sequence[str], order: Order, rules: Enclosures, files: Mapping[str, int]
) -> Iterator[Enclosure]:
    for kind in dict.fromkeys(kinds):
        if (rule := rules.rule(kind)) is not None:
            name = file_name(rule, order)
            content = _TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")
            yield Enclosure(
                kind=kind, title=rule.titre, name=name, content_type=content, size=files.get(name, 0)
            )


def missing(found: Iterable[Enclosure]) -> tuple[str, ...]:
    """The files that are not there, as the letter's missing facts are named (French)."""
    return tuple(
        f"fichier « {one.name} » ({one.title})" if one.name else f"fichier à joindre ({one.title})"
        for one in found
        if not one.size
    )

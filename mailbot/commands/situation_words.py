"""A situation in French words, for people who do not read TOML."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from mailbot.steps.french import counted

if TYPE_CHECKING:
    from mailbot.situation import Condition, Situation

LIMITS = {"min": "au moins", "max": "au plus", "plus_de": "plus de", "moins_de": "moins de"}


def told(one: "Situation") -> Iterator[tuple[str, str]]:
    """Label and text, line by line."""
    yield "Situation", one.id
    yield "Titre", one.titre
    yield "Ligne", one.ligne or "—"
    yield "Demandes", ", ".join(one.intentions) or "toutes"
    yield "Étape, rang", f"{one.etape}, {one.rang}"
    if one.drapeaux:
        yield "Un de ces drapeaux", ", ".join(sorted(one.drapeaux))
    if one.sauf_drapeaux:
        yield "Aucun de ceux-ci", ", ".join(sorted(one.sauf_drapeaux))
    yield "Quand", conditions(one.conditions) or "toujours"
    for number, table in enumerate(one.ou, 1):
        yield ("et soit" if number == 1 else "soit"), conditions(table)
    yield "Pourquoi", one.raison
    yield "Décision", one.action.type + (", peut partir seule" if one.action.envoi_seul else "")
    yield (
        "Échéances",
        "\n".join(f"{delay.libelle} : {delay.regle}, depuis {delay.depart}" for delay in one.delais) or "—",
    )
    yield (
        "Remèdes",
        ", ".join((*one.remedes.recommandes, *(f"({name})" for name in one.remedes.permis))) or "—",
    )
    yield "Doit dire", "\n".join(one.doit_contenir) or "—"
    yield "Ne dit jamais", "\n".join(one.jamais) or "—"
    yield "Exemples", f"{len(one.exemples)}, et {counted(len(one.contre_exemples), 'contre-exemple')}"


def conditions(table: "Mapping[str, Condition]") -> str:
    """One condition a line."""
    return "\n".join(f"{name} : {_condition(condition)}" for name, condition in table.items())


def _condition(condition: "Condition") -> str:
    parts: list[str] = []
    if condition.est is not None:
        parts.append("oui" if condition.est else "non")
    if condition.parmi is not None:
        parts.append(" ou ".join(condition.parmi))
    for key, words in LIMITS.items():
        value = getattr(condition, key)
        if value is not None:
            parts.append(f"{words} {value:g}")
    said = ", ".join(parts)
    return f"{said}, ou inconnu" if condition.inconnu and said else said or "inconnu"

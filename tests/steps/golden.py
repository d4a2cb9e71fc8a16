"""Letters to read: each shipped letter over five varied cases, kept under tests/golden (« tu »: golden/tu).

After a change of a template: `python -m tests.steps.golden` writes them anew; read `git diff tests/golden`."""

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from mailbot.model import Line
from mailbot.ruleset.familiar import Familiar
from mailbot.ruleset.guards import Guards
from mailbot.steps.compose import Composer, read_templates
from mailbot.steps.context import Case
from mailbot.steps.guards import OutputRules
from mailbot.zone import PARIS
from tests.steps.letters import (
    AMAZON,
    CASE,
    MERCHANT,
    ORDER,
    TEMPLATES,
    VERDICT,
    deadlines,
    with_order,
)

FOLDER = Path(__file__).parents[1] / "golden"
_GUARDS = TEMPLATES.parent / "rules" / "garde_fous.toml"
LEXICON = Familiar.model_validate(
    tomllib.loads((TEMPLATES.parent / "rules" / "tutoiement.toml").read_text("utf-8"))
)
TWO = (
    Line(sku="TAS-BL-02", label="Tasse bleue", qty=1, unit_price=Decimal("17.50")),
    Line(sku="BOL-03", label="Bol à l'ancienne, n° 3", qty=3, unit_price=Decimal("9.00")),
)
CHRISTMAS = datetime(2026, 12, 23, 18, 0, tzinfo=PARIS)


def case(**order: object) -> Case:
    """The usual case, its order with these facts."""
    return with_order(replace(ORDER, **order))  # type: ignore[arg-type]


def asking(remedy: str) -> Case:
    """The usual case, its customer asking for this."""
    return replace(CASE, verdict=replace(VERDICT, remedy=remedy))


SCENES: dict[str, Case] = {
    "nom inconnu, remboursement demandé": replace(
        case(customer_name=None), verdict=replace(VERDICT, remedy="remboursement")
    ),
    "deux articles, nouvel envoi demandé": replace(
        case(lines=TWO), verdict=replace(VERDICT, remedy="reexpedition")
    ),
    "place de marché": replace(CASE, channel=AMAZON),
    "client belge, deuxième réclamation": replace(
        case(city="Liège", postal_code="4000", country="BE"),
        facts={**CASE.facts, "zone": "europe", "deuxieme_reclamation": True},
    ),
    "fêtes, client en colère": replace(
        CASE, now=CHRISTMAS, mail=replace(CASE.mail, received=CHRISTMAS, sent=CHRISTMAS),
        deadlines=deadlines(start=CHRISTMAS), verdict=replace(VERDICT, flags=frozenset({"colere"})),
    ),
}  # fmt: skip


COMPOSER = Composer(
    read_templates(TEMPLATES),
    OutputRules.compiled(Guards.model_validate(tomllib.loads(_GUARDS.read_text("utf-8")))),
    LEXICON,
)


def text(stem: str, scene: Case = CASE) -> str:
    """A letter of the shop in words, its spaces all alike."""
    return COMPOSER.compose(stem, scene).text.replace("\u00a0", " ")


def familiar(scene: Case) -> Case:
    """The same case in a shop that says « tu »."""
    return replace(scene, merchant=MERCHANT.model_copy(update={"adresse": "tu"}))


def letters() -> Iterator[tuple[Path, str]]:
    """Each golden file with what it should hold today."""
    for stem in sorted(COMPOSER.stems):
        yield FOLDER / f"{stem}.txt", _letters(stem, SCENES)
        if not LEXICON.keeps_vous(stem):
            spoken = {name: familiar(scene) for name, scene in SCENES.items() if scene.channel is not AMAZON}
            yield FOLDER / "tu" / f"{stem}.txt", _letters(stem, spoken)


def _letters(stem: str, scenes: dict[str, Case]) -> str:
    return "\n".join(_letter(stem, name, scene) for name, scene in scenes.items())


def _letter(stem: str, name: str, scene: Case) -> str:
    reply = COMPOSER.compose(stem, scene)
    head = [f"=== {name}", f"Objet : {reply.subject}", *(f"Arrêtée : {one}" for one in reply.blocked)]
    return "\n".join([*head, "", reply.text]).replace("\u00a0", " ")


def main() -> None:
    for path, text in letters():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()

"""One situation, one file: rules/situations/<famille>/<nom>.toml, and the conditions it is made of."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from rapidfuzz import process

from mailbot.ruleset.base import Rule
from mailbot.ruleset.counting import SituationDeadline
from mailbot.vocabulary import FACTS, Facts, FactValue

Remedy = Literal[
    "information", "remboursement", "remboursement_partiel", "reexpedition", "remplacement", "echange",
    "retour", "annulation", "reparation", "geste_commercial", "envoi_manquant", "facture", "modification",
    "dommages",
]  # fmt: skip
Stage = Literal[
    "avis", "securite", "juridique", "donnees", "commande", "operateur", "reclamation", "situation", "defaut"
]
STAGES: tuple[Stage, ...] = (
    "avis", "securite", "juridique", "donnees", "commande", "operateur", "reclamation", "situation", "defaut",
)  # fmt: skip
LIMITS = ("min", "max", "plus_de", "moins_de")


class Condition(Rule):
    """What one fact must satisfy. An unknown fact never does, except with `inconnu = true`.
    Short forms in files: `fait = true`, `fait = "mot"`, `fait = ["un", "autre"]`."""

    est: bool | None = None
    parmi: tuple[str, ...] | None = None
    min: float | None = None
    max: float | None = None
    plus_de: float | None = None
    moins_de: float | None = None
    inconnu: bool = False

    def accepts(self, value: FactValue) -> bool:
        """True when `value` (None: unknown) satisfies this condition."""
        if value is None:
            return self.inconnu
        if self.est is not None:
            return value is self.est
        if self.parmi is not None:
            return value in self.parmi
        if isinstance(value, str | bool):
            return False
        return self._has_limits() and self._within(float(value))

    def _has_limits(self) -> bool:
        return any(getattr(self, limit) is not None for limit in LIMITS)

    def _within(self, number: float) -> bool:
        return (
            (self.min is None or number >= self.min)
            and (self.max is None or number <= self.max)
            and (self.plus_de is None or number > self.plus_de)
            and (self.moins_de is None or number < self.moins_de)
        )

    def problem(self, name: str) -> str | None:
        """Why this condition does not fit the fact `name` (French), or None."""
        fact = FACTS.get(name)
        if fact is None:
            return f"fait inconnu « {name} »{nearest(name, FACTS)}"
        used = {
            "oui_non": self.est is not None,
            "choix": self.parmi is not None,
            "texte": self.parmi is not None,
            "nombre": self._has_limits(),
        }
        given = (self.est is not None, self.parmi is not None, self._has_limits())
        if sum(given) > 1 or not (used[fact.kind] or (self.inconnu and not any(given))):
            return f"« {name} » : {_EXPECTED[fact.kind]} est attendu"
        for word in (self.parmi or ()) if fact.kind == "choix" else ():
            if word not in fact.choices:
                return f"« {name} » : mot inconnu « {word} »{nearest(word, fact.choices)}"
        return None


_EXPECTED = {
    "oui_non": "true ou false",
    "choix": "un mot, ou une liste de mots,",
    "texte": "un texte, ou une liste de textes,",
    "nombre": "une table { min = ..., max = ..., plus_de = ..., moins_de = ... }",
}


def nearest(word: str, known: Mapping[str, object] | tuple[str, ...], *, listed_by: str = "") -> str:
    """The end of a French sentence that names the nearest known word, or, when none is near, all of them (`listed_by`:
    the command that lists them, where they are too many for a sentence)."""
    words = tuple(known)
    if found := process.extractOne(word, words, score_cutoff=60):
        return f" : vouliez-vous dire « {found[0]} » ?"
    return f" : « {listed_by} » les montre toutes" if listed_by else f" (connus : {', '.join(words)})"


def _long_form(raw: object) -> object:
    if isinstance(raw, bool):
        return {"est": raw}
    if isinstance(raw, str):
        return {"parmi": (raw,)}
    if isinstance(raw, list | tuple):
        return {"parmi": tuple(raw)}
    return raw


def _long_forms(raw: object) -> object:
    return {name: _long_form(value) for name, value in raw.items()} if isinstance(raw, dict) else raw


def _fit_the_facts(conditions: Mapping[str, Condition]) -> Mapping[str, Condition]:
    for name, condition in conditions.items():
        if found := condition.problem(name):
            raise ValueError(found)
    return conditions


def _value_problem(name: str, value: FactValue) -> str | None:
    fact = FACTS.get(name)
    if fact is None:
        return f"fait inconnu « {name} »{nearest(name, FACTS)}"
    fits = {
        "oui_non": isinstance(value, bool),
        "choix": value in fact.choices,
        "texte": isinstance(value, str),
        "nombre": isinstance(value, int | float | Decimal) and not isinstance(value, bool),
    }
    if fits[fact.kind]:
        return None
    hint = nearest(str(value), fact.choices) if fact.kind == "choix" else ""
    return f"« {name} » : valeur {value!r} impossible{hint}"


def _possible_values(facts: Mapping[str, FactValue]) -> Mapping[str, FactValue]:
    for name, value in facts.items():
        if found := _value_problem(name, value):
            raise ValueError(found)
    return facts


Conditions = Annotated[Mapping[str, Condition], BeforeValidator(_long_forms), AfterValidator(_fit_the_facts)]
ExampleFacts = Annotated[Mapping[str, FactValue], AfterValidator(_possible_values)]


class CaseExample(Rule):
    """A case the situation must claim. `intentions`: requests, primary first (default: its own first one)."""

    intentions: tuple[str, ...] = ()
    drapeaux: frozenset[str] = frozenset()
    faits: ExampleFacts = Field(default_factory=dict)


class CounterExample(CaseExample):
    """A case that must go to the situation `gagne` (its stem; "humain": to nobody)."""

    gagne: str


class Remedies(Rule):
    recommandes: tuple[Remedy, ...] = ()
    permis: tuple[Remedy, ...] = ()


class SituationAction(Rule):
    """What may be done. `envoi_seul`: may leave without a human once the shop has switched it on.
    `score_min`: of the deciding intent; `correspondance_min`: of the order match. `modele`: a template of the
    same stem exists; `remedes_seul`: what the customer may ask for when the reply leaves alone ("none": nothing,
    or nothing certain); `question_admise`: it may leave alone although the customer asks a question;
    `drapeaux_admis`: flags that its letter answers itself."""

    type: Literal["brouillon", "humain", "ignorer"]
    envoi_seul: bool = False
    score_min: float = Field(default=0.95, ge=0, le=1)
    correspondance_min: float = Field(default=0.9, ge=0, le=1)
    modele: bool = True
    remedes_seul: frozenset[str] = frozenset({"information", "none"})
    question_admise: bool = False
    drapeaux_admis: frozenset[str] = frozenset()

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> "SituationAction":
        if self.envoi_seul and self.type != "brouillon":
            raise ValueError('envoi_seul = true ne va qu\'avec type = "brouillon"')
        if self.modele and self.type == "ignorer":
            raise ValueError('type = "ignorer" : ajoutez modele = false')
        if not self.modele and self.type == "brouillon":
            raise ValueError('type = "brouillon" demande un modèle : retirez modele = false')
        return self


class Situation(Rule):
    """One row of judgement. `id` is the stem (<famille>/<nom>). It claims a case when one of `intentions` is
    asked (empty: any), one of `drapeaux` is raised (empty: no matter), all `conditions` hold, and one table
    of `ou` (empty: no matter). Earlier `etape` first; in one stage higher `rang`, then more conditions.
    `seule`: its reply leaves the other requests alone; `comprend`: other requests its own letter already answers;
    `contredit`: requests whose letter would say the contrary of its own, which an agent answers;
    `passe_devant`: requests before which it decides, and which it answers. Stage `avis` is for notices of machines."""

    id: str
    titre: str
    ligne: str | None = None
    intentions: tuple[str, ...] = ()
    etape: Stage = "situation"
    rang: int = 0
    drapeaux: frozenset[str] = frozenset()
    sauf_drapeaux: frozenset[str] = frozenset()
    conditions: Conditions = Field(default_factory=dict)
    ou: tuple[Conditions, ...] = ()
    seule: bool = False
    comprend: tuple[str, ...] = ()
    contredit: frozenset[str] = frozenset()
    passe_devant: tuple[str, ...] = ()
    delais: tuple[SituationDeadline, ...] = ()
    remedes: Remedies = Remedies()
    doit_contenir: tuple[str, ...] = ()
    jamais: tuple[str, ...] = ()
    piece_jointe: str | None = None
    action: SituationAction
    raison: str
    exemples: tuple[CaseExample, ...] = Field(min_length=1)
    contre_exemples: tuple[CounterExample, ...] = ()

    @property
    def weight(self) -> tuple[int, int, int]:
        """Sort key, smallest first: stage, then rank, then how much it asks for."""
        asked = len(self.conditions) + bool(self.drapeaux) + bool(self.sauf_drapeaux) + bool(self.ou)
        return STAGES.index(self.etape), -self.rang, -asked

    def claims(self, facts: Facts, flags: frozenset[str]) -> bool:
        """True when flags and conditions hold; intents are the caller's business."""
        if (self.etape == "avis") is not (facts.get("avis_automatique") is True):
            return False
        if (self.drapeaux and not (self.drapeaux & flags)) or self.sauf_drapeaux & flags:
            return False
        return _hold(self.conditions, facts) and (
            not self.ou or any(_hold(table, facts) for table in self.ou)
        )


class Situations(tuple[Situation, ...]):
    """Those of one rulebook, sorted by weight. Equal to nothing but itself: what is known of it is found at once."""

    __slots__ = ()
    __hash__ = object.__hash__
    __eq__ = object.__eq__


def _hold(conditions: Mapping[str, Condition], facts: Facts) -> bool:
    return all(condition.accepts(facts.get(name)) for name, condition in conditions.items())

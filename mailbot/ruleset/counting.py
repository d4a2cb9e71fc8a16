"""rules/delais.toml, rules/calendrier.toml: ways to count, closed days, and the clocks of situations."""

from collections.abc import Mapping
from functools import cached_property
from typing import Literal, Self

from pydantic import Field, model_validator

from mailbot.ruleset.base import Rule, former


class DeadlineRule(Rule):
    """One way to count, from rules/delais.toml. An id with a lower-case `n` (JO_n) is a family: the number of
    units is read from the name (JO_2). `recul`: a consumer's deadline rolls off closed days (L221-19), a
    merchant's never. `region_de`: whose holidays close days. `puis_mois`: months added after the period.
    `depart_dernier`: the later of both events starts the count. `suspension`: what the second event does: a return or
    its proof of dispatch may delay (retour_ou_preuve), information given late starts the period anew (information)."""

    id: str
    unite: Literal[
        "heures", "heures_hors_we_feries", "jours_ouvres", "jours_ouvrables", "jours_calendaires", "mois"
    ]
    n: int | None = Field(default=None, ge=1)
    recul: Literal["consommateur", "aucun"] = "aucun"
    region_de: Literal["boutique", "client"] = "boutique"
    puis_mois: int | None = Field(default=None, ge=1)
    suspension: Literal["retour_ou_preuve", "information"] | None = None
    depart_dernier: bool = False
    libelle: str
    fondement: str
    source: str
    verifie_le: str

    @model_validator(mode="after")
    def _number_is_known(self) -> Self:
        if ("n" in self.id) == (self.n is not None):
            raise ValueError(
                f"règle « {self.id} » : donnez un n minuscule dans l'id (JO_n) ou la clé n, jamais les deux"
            )
        return self


Event = Literal[
    "demande", "commande", "expedition", "expedition_max", "livraison", "livraison_max", "dernier_evenement",
    "retractation", "retour_recu", "reparation", "remplacement", "resiliation", "reclamation_ouverte",
    "remboursement",
]  # fmt: skip


class SituationDeadline(Rule):
    """One clock a situation starts. `regle`: the id of a DeadlineRule (JO_2, L221_24, ...), or "canal" for
    the channel's own answer delay. `second`: the event a two-event rule looks at (L221_24: retour_recu). `pour`: whose
    time it is; the customer's own (a right that ends) is shown but never announced as late. `canal`: some duties exist
    only on marketplaces."""

    id: str
    libelle: str
    depart: Event
    regle: str
    second: Event | None = None
    pour: Literal["boutique", "client"] = "boutique"
    canal: Literal["tous", "place_de_marche"] = "tous"


class PenaltyStep(Rule):
    """Up to and including `jusqu_a` days late (None: no end) the sum grows by `majoration` percent (None: the
    legal interest rate)."""

    jusqu_a: int | None = Field(default=None, ge=1)
    majoration: int | None = Field(default=None, ge=0)


class PenaltyScale(Rule):
    """What a late refund costs (rules/delais.toml). After the last step: `par_mois` points per new month of
    30 days begun, up to `plafond` percent."""

    id: str
    libelle: str
    paliers: tuple[PenaltyStep, ...] = Field(min_length=1)
    par_mois: int | None = None
    plafond: int | None = None
    fondement: str
    source: str
    verifie_le: str


class FixedHoliday(Rule):
    """A holiday of one region on the same day each year; `jour` is MM-JJ."""

    jour: str = Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")
    nom: str


class Region(Rule):
    """One holiday area. `bibliotheque`: its subdivision in the `holidays` library ("" = none); `exclure`: the
    days of that subdivision which are custom, not law; `jours`: legal days the library lacks. The longest
    matching postcode prefix wins. `fuseau`: IANA zone of a consumer who lives there."""

    id: str
    nom: str
    bibliotheque: str = ""
    exclure: tuple[str, ...] = ()
    jours: tuple[FixedHoliday, ...] = ()
    codes_postaux: tuple[str, ...] = ()
    fuseau: str = "Europe/Paris"


class Limits(Rule):
    """Beyond these a date or a count is taken for a mistake."""

    annee_min: int
    annee_max: int
    unites_max: int


class CountingRules(Rule):
    """rules/delais.toml (regle, penalite), rules/calendrier.toml (region, pays, limites)."""

    regle: tuple[DeadlineRule, ...]
    penalite: tuple[PenaltyScale, ...]
    region: tuple[Region, ...]
    pays: tuple[str, ...]  # how an order may name France, upper case
    limites: Limits
    _former = former("cible_interne")

    @cached_property
    def rule_by_id(self) -> Mapping[str, DeadlineRule]:
        return {rule.id: rule for rule in self.regle}

    @cached_property
    def resolved(self) -> dict[str, tuple[DeadlineRule, int]]:
        """The rules that ids were found to name, with their number of units: only remembered."""
        return {}

    @cached_property
    def region_by_id(self) -> Mapping[str, Region]:
        return {region.id: region for region in self.region}

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        for kind in (self.regle, self.penalite, self.region):
            names = [item.id for item in kind]
            if doubles := sorted({name for name in names if names.count(name) > 1}):
                raise ValueError(f"deux entrées portent le même id : {', '.join(doubles)}")
        if "FR" not in self.region_by_id:
            raise ValueError("la région « FR » (calendrier national) est absente")
        return self

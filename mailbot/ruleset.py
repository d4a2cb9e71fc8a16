"""What rules/ says, as frozen types. Files are validated into these by rulebook.py; steps only read them.

Keys of the files are French because support leads write them. Unknown keys are errors.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Rule(BaseModel):
    """Base of everything read from rules/: frozen, closed vocabulary."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class DeadlineRule(Rule):
    """One way to count, from rules/delais.toml. `n` is the number of units; rules JO, JC, JOUVRABLES take it from
    their name (JO_2). `recul`: a consumer's deadline rolls off closed days (L221-19), a merchant's never."""

    id: str
    unite: Literal[
        "heures", "heures_hors_we_feries", "jours_ouvres", "jours_ouvrables", "jours_calendaires", "mois"
    ]
    n: int | None = None
    recul: Literal["consommateur", "aucun"] = "aucun"
    puis_mois: int | None = None
    suspension: Literal["retour_ou_preuve"] | None = None
    libelle: str
    fondement: str
    source: str
    verifie_le: str


class Channel(Rule):
    """One sales channel, from rules/canaux/<id>.toml. Regular expressions are full Python `re` patterns."""

    id: str
    nom: str
    place_de_marche: bool
    expediteurs_relais: tuple[str, ...] = ()  # a sender that matches is always a buyer
    expediteurs_notification: tuple[str, ...] = ()  # a sender that matches is always a machine
    references: tuple[str, ...] = ()  # shapes of order numbers, on upper-cased text
    enveloppe_debut: tuple[str, ...] = ()  # wrapper lines before the buyer's words
    enveloppe_fin: tuple[str, ...] = ()  # wrapper lines after them
    delai_reponse: str  # a DeadlineRule id, e.g. "JO_2"
    fondement: str
    interdits: tuple[
        str, ...
    ] = ()  # ids of guards: liens, adresses, telephones, promotion, avis, pieces_jointes
    source: str = ""
    verifie_le: str = ""


class Merchant(Rule):
    """rules/entreprise.toml: who the shop is and what it promises. Empty means 'not filled in': a reply that needs
    it is blocked and names it."""

    nom: str
    signature: str
    site: str = ""
    adresse_retour: str = ""
    retour_frais: Literal["client", "boutique"] | None = None
    mediateur: str = ""
    domaine_message_id: str = "mailbot.invalid"
    valeur_elevee: int = 100
    garder_article_sous: int = 10
    retractation_jours: int = 14
    samedi_ouvre: bool = False
    region: str = "FR"
    mention_ia: str = Field(default="")

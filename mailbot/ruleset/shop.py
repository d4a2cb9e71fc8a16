"""rules/entreprise.toml and rules/canaux/: who the shop is, and where it sells."""

from typing import Literal

from pydantic import Field, field_validator

from mailbot.ruleset.base import Rule, former
from mailbot.ruleset.counting import SituationDeadline


class ChannelClock(SituationDeadline):
    """A clock the channel itself starts, whatever the situation: a window in which claims are taken, a time to refund.
    `intentions`: the requests it goes with (empty: all); `non_livree`: only while the parcel is not delivered by the
    data. Two of one id: the earlier counts. One that was over before the customer wrote is not shown."""

    intentions: tuple[str, ...] = ()
    non_livree: bool = False
    fondement: str = ""


class Channel(Rule):
    """One sales channel, from rules/canaux/<id>.toml. Regular expressions are full Python `re` patterns."""

    id: str
    nom: str
    place_de_marche: bool
    retractation_jours: int | None = Field(default=None, ge=14, le=365)  # when the channel promises more
    expediteurs_relais: tuple[str, ...] = ()  # a sender that matches is always a buyer
    expediteurs_notification: tuple[str, ...] = ()  # a sender that matches is always a machine
    references: tuple[str, ...] = ()  # shapes of order numbers, on upper-cased text
    enveloppe_debut: tuple[str, ...] = ()  # wrapper lines before the buyer's words
    enveloppe_fin: tuple[str, ...] = ()  # wrapper lines after them
    delai_reponse: str  # a DeadlineRule id, e.g. "JO_2"
    fondement: str
    delai_reclamation: str = "ELAPSED_48H"  # time to answer a claim opened on the channel
    fondement_reclamation: str = ""
    fenetres: tuple[ChannelClock, ...] = ()
    interdits: tuple[
        str, ...
    ] = ()  # ids of guards: liens, adresses, telephones, promotion, avis, pieces_jointes
    source: str = ""
    verifie_le: str = ""


class Zone(Rule):
    """Where parcels go and how long they usually take. `codes_postaux`: prefixes that win over the country;
    `jours`: calendar days from dispatch after which a parcel without promised date is late. The zone without
    countries takes the rest."""

    id: Literal["france", "europe", "monde"]
    pays: tuple[str, ...] = ()
    codes_postaux: tuple[str, ...] = ()
    jours: int = Field(ge=1)


class Merchant(Rule):
    """rules/entreprise.toml: who the shop is and what it promises. Empty means 'not filled in': a reply that needs
    it is blocked and names it."""

    nom: str
    signature: str
    adresse: Literal["vous", "tu"] = "vous"  # how letters speak to customers (rules/tutoiement.toml)
    site: str = ""
    adresse_retour: str = ""
    retour_frais: Literal["client", "boutique"] | None = None
    mediateur: str = ""
    domaine_message_id: str = "mailbot.invalid"
    valeur_elevee: int = 100
    retractation_jours: int = Field(default=14, ge=14, le=365)  # L221-18: never less
    samedi_ouvre: bool = False
    region: str = "FR"
    mention_ia: str = Field(default="")
    suivi_bloque_heures: int = Field(default=48, ge=1)
    zones: tuple[Zone, ...] = ()
    envois_sans_suivi: tuple[str, ...] = ()  # carriers or services that give no tracking number
    _former = former("garder_article_sous")

    @field_validator("domaine_message_id")
    @classmethod
    def _is_a_domain(cls, domain: str) -> str:
        """As headers can carry it: with an accent in it (in its IDNA form), no reply could leave."""
        try:
            plain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            plain = ""
        if not plain or any(sign.isspace() or sign in "@<>" for sign in plain):
            raise ValueError(f"« {domain} » n'est pas un nom de domaine ; attendu par exemple boutique.fr")
        return plain

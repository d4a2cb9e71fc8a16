"""rules/transporteurs/ and rules/reperes.toml: carriers, and the words around numbers."""

from typing import Literal

from pydantic import Field

from mailbot.ruleset.base import Rule, former
from mailbot.ruleset.counting import Event


class NumberFormat(Rule):
    """One shape of a carrier's parcel numbers, on the folded number (A-Z, 0-9 only). `generique`: so common a
    shape that it counts only near a word that announces a parcel; a failed check digit is a doubt, no refusal."""

    motif: str
    controle: Literal["s10", "ups_1z", "colissimo", "gls", "dpd", "fedex", "mod7"] | None = None
    generique: bool = False
    source: str = ""


DutyCase = Literal["avarie", "perte", "bloque", "livre_conteste", "retour"]


class CarrierDuty(Rule):
    """What the shop does at the carrier as its customer; the buyer's rights never wait for it. `quand`: cases of
    rules/suivi/demarches.toml; `contact`, `pieces`: where and with what; `depart`, `regle`: as in SituationDeadline.
    `si_nomme`: only when the order names this service or contract (it then wins over the duties without);
    `remplace`: the situation's clock this one says better; `confirme`: law or the carrier's own page sets the limit."""

    id: str = Field(pattern="^[a-z0-9_]+$")
    quand: tuple[DutyCase, ...] = Field(min_length=1)
    libelle: str
    contact: str
    pieces: tuple[str, ...] = ()
    depart: Event
    regle: str
    fondement: str
    source: str
    confirme: bool
    si_nomme: str = ""
    remplace: str | None = None


class Carrier(Rule):
    """One carrier, from rules/transporteurs/<id>.toml. `mots`: how exports and customers name it, lower case
    without accents. `lien`: where a customer follows a parcel, with {numero}; empty when not verified."""

    id: str
    nom: str
    mots: tuple[str, ...] = ()
    formats: tuple[NumberFormat, ...] = ()
    lien: str = ""
    demarches: tuple[CarrierDuty, ...] = ()
    source: str = ""
    verifie_le: str = ""
    _former = former("exige_code_postal")


class NotANumber(Rule):
    """Digits that look like an order number and are something else (telephone, date, price): a `re` pattern on
    the text as written, and what it is (French)."""

    nom: str
    motif: str


class Landmarks(Rule):
    """rules/reperes.toml: the words around numbers that say what they are, lower case without accents."""

    commande: tuple[str, ...]  # announce an order number
    suivi: tuple[str, ...]  # announce a parcel number (carriers' own `mots` too)
    autre_numero: tuple[str, ...]  # announce another number: telephone, invoice, bank, company
    mots_vides: tuple[str, ...] = ()  # words of product labels that tell nothing apart
    jamais: tuple[NotANumber, ...] = ()
    etats: dict[str, tuple[str, ...]] = Field(default_factory=dict)  # intent → plausible order statuses

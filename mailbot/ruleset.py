"""What rules/ says, as frozen types. Files are validated into these by rulebook.py; steps only read them.

Keys of the files are French because support leads write them. Unknown keys are errors.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Rule(BaseModel):
    """Base of everything read from rules/: frozen, closed vocabulary."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class DeadlineRule(Rule):
    """One way to count, from rules/delais.toml. An id with a lower-case `n` (JO_n) is a family: the number of
    units is read from the name (JO_2). `recul`: a consumer's deadline rolls off closed days (L221-19), a
    merchant's never. `region_de`: whose holidays close days. `puis_mois`: months added after the period.
    `depart_dernier`: the later of both events starts the count. `suspension`: the second event may delay."""

    id: str
    unite: Literal[
        "heures", "heures_hors_we_feries", "jours_ouvres", "jours_ouvrables", "jours_calendaires", "mois"
    ]
    n: int | None = Field(default=None, ge=1)
    recul: Literal["consommateur", "aucun"] = "aucun"
    region_de: Literal["boutique", "client"] = "boutique"
    puis_mois: int | None = Field(default=None, ge=1)
    suspension: Literal["retour_ou_preuve"] | None = None
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


class InternalTarget(Rule):
    """When the shop wants to be done: `heure` o'clock on the due working day, else the one before."""

    heure: int = Field(ge=0, le=23)
    alertes_heures: tuple[int, ...] = ()


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
    """rules/delais.toml (regle, penalite, cible_interne), rules/calendrier.toml (region, pays, limites)."""

    regle: tuple[DeadlineRule, ...]
    penalite: tuple[PenaltyScale, ...]
    cible_interne: InternalTarget
    region: tuple[Region, ...]
    pays: tuple[str, ...]  # how an order may name France, upper case
    limites: Limits

    @cached_property
    def rule_by_id(self) -> Mapping[str, DeadlineRule]:
        return {rule.id: rule for rule in self.regle}

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
    site: str = ""
    adresse_retour: str = ""
    retour_frais: Literal["client", "boutique"] | None = None
    mediateur: str = ""
    domaine_message_id: str = "mailbot.invalid"
    valeur_elevee: int = 100
    garder_article_sous: int = 10
    retractation_jours: int = Field(default=14, ge=14, le=365)  # L221-18: never less
    samedi_ouvre: bool = False
    region: str = "FR"
    mention_ia: str = Field(default="")
    suivi_bloque_heures: int = Field(default=48, ge=1)
    zones: tuple[Zone, ...] = ()
    envois_sans_suivi: tuple[str, ...] = ()  # carriers or services that give no tracking number


class IntentRule(Rule):
    """One intent, from rules/intentions/<id>.toml. Signals are written in the little language of
    rules/exemples/LISEZMOI.md (words, `début*`, `a|b`, `<liste>`, `...`). `seuil`: from which calibrated
    probability the intent counts as requested."""

    id: str
    titre: str
    definition: str = ""
    seuil: float = Field(default=0.45, ge=0.0, le=1.0)
    signaux: tuple[str, ...] = ()
    contre_signaux: tuple[str, ...] = ()
    exemples: tuple[str, ...] = ()
    contre_exemples: tuple[str, ...] = ()


class FlagRule(Rule):
    """One flag, from rules/intentions/_drapeaux.toml: raised when a signal is found outside every `sauf`."""

    id: str
    titre: str
    signaux: tuple[str, ...]
    sauf: tuple[str, ...] = ()
    meme_nie: bool = False  # also raised when the signal is negated
    exemples: tuple[str, ...] = ()
    contre_exemples: tuple[str, ...] = ()


class RemedyRule(Rule):
    """One remedy a customer may ask for, from rules/intentions/_remedes.toml."""

    id: str
    titre: str
    signaux: tuple[str, ...] = ()
    contre_signaux: tuple[str, ...] = ()
    exemples: tuple[str, ...] = ()


class Lexicon(Rule):
    """Word lists that signals refer to as `<liste>`, spellings of text-speak, and the words that negate;
    from rules/intentions/_lexique.toml."""

    listes: dict[str, str] = Field(default_factory=dict)  # words separated by spaces
    formes: dict[str, str] = Field(default_factory=dict)
    negations: str = ""
    ecarte_la_suite: tuple[str, ...] = ()  # sets aside what follows, to the next pause
    ecarte_la_phrase: tuple[str, ...] = ()  # sets aside the clause it stands in
    langues: dict[str, str] = Field(default_factory=dict)  # ISO 639-1 → its commonest words


class Recognition(Rule):
    """Everything the classify step reads from rules/intentions/."""

    intentions: tuple[IntentRule, ...]
    drapeaux: tuple[FlagRule, ...] = ()
    remedes: tuple[RemedyRule, ...] = ()
    lexique: Lexicon = Lexicon()


class Example(Rule):
    """One labelled text of rules/exemples/*.jsonl; `intents` primary first, `groupe` the file it comes from."""

    id: str
    subject: str
    text: str
    intents: tuple[str, ...]
    remedy: str = "none"
    detail: str = ""
    style: str = ""
    groupe: str = ""


class FlagGuard(Rule):
    """A flag of the verdict that always asks for a human, with the French reason. `ligne`: its decision row."""

    ligne: str | None = None
    drapeau: str
    raison: str


class NeverSay(Rule):
    """Words no outgoing text may hold. `motifs`: full Python `re` patterns. `partout`: on every channel;
    otherwise only where the channel's `interdits` names this id."""

    id: str
    motifs: tuple[str, ...] = Field(min_length=1)
    raison: str
    partout: bool = True


class OutputLimits(Rule):
    """Bounds of an outgoing text. A text whose share of `mots_courants` is below `part_courante_min` is not taken
    for French; without a list this is not looked at."""

    mots_min: int = Field(default=12, ge=1)
    caracteres_max: int = Field(default=6000, ge=200)
    mots_courants: frozenset[str] = frozenset()
    part_courante_min: float = Field(default=0.2, ge=0, le=1)


class Guards(Rule):
    """rules/garde_fous.toml: the brakes. Nothing leaves alone unless its stem is in `envoi_seul`. `delai_reponse`: the
    clock of every mail whose situation names none."""

    arret_general: bool = False
    envoi_seul: tuple[str, ...] = ()
    langues: tuple[str, ...] = ("fr",)
    certitude_min: float = Field(default=0.35, ge=0, le=1)
    plafond_correspondant: int = Field(default=2, ge=0)
    plafond_fil: int = Field(default=1, ge=0)
    plafond_heure: int = Field(default=20, ge=0)
    drapeaux_humains: tuple[FlagGuard, ...] = ()
    notifications_humaines: tuple[str, ...] = ()  # intents of a platform's notice that a human must see
    ligne_mention_ia: str | None = None
    jamais: tuple[NeverSay, ...] = ()
    textes: OutputLimits = OutputLimits()
    delai_reponse: SituationDeadline = SituationDeadline(
        id="reponse", libelle="Répondre au client", depart="demande", regle="canal"
    )


class DecisionRow(Rule):
    """One case of the decision table, and what it is about in a few French words."""

    id: str = Field(pattern=r"^[A-Z]{2}[0-9]{2}$")
    titre: str


class DecisionTable(Rule):
    """rules/lignes.toml: the cases that must each have a rule."""

    ligne: tuple[DecisionRow, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _rows_are_unique(self) -> Self:
        names = [row.id for row in self.ligne]
        if doubles := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"deux lignes portent le même id : {', '.join(doubles)}")
        return self


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
    exige_code_postal: bool = False
    demarches: tuple[CarrierDuty, ...] = ()
    source: str = ""
    verifie_le: str = ""


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


class HeaderMark(Rule):
    """A header field that says a machine wrote. `nom` in lower case; `motif` is searched in its value, any case."""

    nom: str
    motif: str = "."
    genre: Literal["auto_reply", "bounce", "notification", "bulk"]


class Shape(Rule):
    """The outline of one kind of machine mail, judged as a whole: one point for each distinct pattern found in
    subject (`objets`) and new text (`textes`, `surs`); `seuil` points make a machine, unless a `humain` pattern is
    in the text or it is longer than `longueur_max`. Where `surs` are given, one of them must be found. Nothing is
    tried unless one of the words `indices` is there.
    All patterns are written for folded text: lower case, no accents, straight apostrophes."""

    nom: str
    genre: Literal["auto_reply", "bounce", "notification", "bulk"]
    indices: tuple[str, ...] = Field(min_length=1)
    objets: tuple[str, ...] = ()
    textes: tuple[str, ...] = ()
    surs: tuple[str, ...] = ()
    humain: tuple[str, ...] = ()
    seuil: int = Field(default=2, ge=1)
    longueur_max: int = Field(default=2000, ge=1)
    meme_reponse: bool = False  # also judge a mail that answers one (Re:, In-Reply-To)


class Reading(Rule):
    """rules/lecture.toml: how a mail is read. Line patterns are anchored at the beginning of a line, any case."""

    attributions: tuple[str, ...] = ()  # "Le … a écrit :", may run over several lines
    attribution_sure: str = ""  # without it, an attribution counts only before '>' lines
    separateurs: tuple[str, ...] = ()  # from here on, all is quoted
    citations_chevrons: tuple[str, ...] = ()  # what a '>' line says when it is surely a quote
    html_citations: tuple[str, ...] = ()  # attributes of a tag that begins a quoted message
    html_blocs_cites: tuple[str, ...] = ()  # attributes of a <blockquote> that is a quote
    lignes_appareil: tuple[str, ...] = ()  # whole lines programs add
    mentions_legales: tuple[str, ...] = ()  # beginnings of paragraphs that are legal notices
    enveloppe_debut: tuple[str, ...] = ()  # of any buyer relay, besides the channel's own
    enveloppe_fin: tuple[str, ...] = ()
    texte_sans_valeur: tuple[str, ...] = ()  # a plain part that only points at the HTML one
    reponse: tuple[str, ...] = ()  # beginnings of a subject that answers or forwards
    transfert: tuple[str, ...] = ()  # beginnings of a subject that forwards
    entetes: tuple[HeaderMark, ...] = ()
    expediteurs_rejet: tuple[str, ...] = ()  # senders of delivery reports
    expediteurs_notification: tuple[str, ...] = ()  # carriers, platforms: sender decides
    expediteurs_robots: tuple[str, ...] = ()  # no-reply and the like
    formes: tuple[Shape, ...] = ()

"""rules/garde_fous.toml: the brakes."""

from typing import Literal

from pydantic import Field

from mailbot.ruleset.base import Rule
from mailbot.ruleset.counting import SituationDeadline


class FlagGuard(Rule):
    """A flag of the verdict that always asks for a human, with the French reason. `ligne`: its decision row."""

    ligne: str | None = None
    drapeau: str
    raison: str


class NeverSay(Rule):
    """Words no outgoing text may hold. `motifs`: full Python `re` patterns. `partout`: on every channel;
    otherwise only where the channel's `interdits` names this id. `derogation`: an agent may pass over it with a
    reason."""

    id: str
    motifs: tuple[str, ...] = Field(min_length=1)
    raison: str
    partout: bool = True
    derogation: bool = False


class Hint(Rule):
    """Words of a customer's mail that hint at a wish: the reply leaves alone only where that wish is understood or
    answered. `motifs`: full `re` patterns on the folded subject and text (lower case, no accents); `sauf_demandes`,
    `sauf_remedes`, `sauf_situations`: what answers it."""

    id: str
    motifs: tuple[str, ...] = Field(min_length=1)
    raison: str
    sauf_demandes: frozenset[str] = frozenset()
    sauf_remedes: frozenset[str] = frozenset()
    sauf_situations: frozenset[str] = frozenset()


class Control(Rule):
    """A guard on outgoing texts that an agent may pass over with a reason, when `derogation` is true."""

    derogation: bool = False


class Firm(Rule):
    """A guard that nobody passes over: another customer's data, what a channel forbids, a hole in the text."""

    derogation: Literal[False] = False


class Controls(Rule):
    """The guards on outgoing texts besides the never-say list: `dates`, `montants`, `numeros` that are not of the case,
    `dates_passees` promised, `coordonnees` of somebody else, `liens`, `adresses`, `telephones`, `pieces_jointes` where
    the channel forbids them, `trou` left to fill in, `longueur`, `langue`."""

    dates: Control = Control(derogation=True)
    montants: Control = Control(derogation=True)
    longueur: Control = Control(derogation=True)
    langue: Control = Control(derogation=True)
    dates_passees: Control = Control()
    numeros: Firm = Firm()
    coordonnees: Firm = Firm()
    liens: Firm = Firm()
    adresses: Firm = Firm()
    telephones: Firm = Firm()
    pieces_jointes: Firm = Firm()
    trou: Firm = Firm()


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
    certitude_autre_langue: float = Field(default=0.9, ge=0, le=1)  # below it, no letter in another one
    certitude_min: float = Field(default=0.35, ge=0, le=1)
    certitude_remede: float = Field(
        default=0.7, ge=0, le=1
    )  # below it, what is wished for counts as not said
    autre_demande_max: float = Field(default=0.1, ge=0, le=1)  # above it, a second request may be hidden
    anciennete_max_jours: int = Field(default=7, ge=1)  # from Date to arrival; beyond it nothing leaves alone
    drapeaux_indifferents: frozenset[str] = frozenset()  # flags that do not keep a reply from leaving alone
    questions_ordinaires: tuple[str, ...] = ()  # full `re` patterns: questions that the letters answer
    indices: tuple[Hint, ...] = ()
    plafond_correspondant: int = Field(default=1, ge=0)
    plafond_fil: int = Field(default=1, ge=0)
    plafond_heure: int = Field(default=20, ge=0)
    accord_au_dessus: float = Field(default=0, ge=0)  # € of an order; above it two people approve; 0: never
    drapeaux_humains: tuple[FlagGuard, ...] = ()
    notifications_humaines: tuple[str, ...] = ()  # intents of a platform's notice that a human must see
    ligne_mention_ia: str | None = None
    ligne_machine: str | None = None  # row of a machine's mail that is filed without an answer
    jamais: tuple[NeverSay, ...] = ()
    textes: OutputLimits = OutputLimits()
    controles: Controls = Controls()
    delai_reponse: SituationDeadline = SituationDeadline(
        id="reponse", libelle="Répondre au client", depart="demande", regle="canal"
    )

    def admits_override(self, guard: str) -> bool:
        """May an agent pass over this guard (a key of `controles`, or `jamais.<id>`) with a reason?"""
        kind, _, name = guard.partition(".")
        if kind == "jamais":
            return any(rule.derogation for rule in self.jamais if rule.id == name)
        control = getattr(self.controles, guard, None)
        return control is not None and bool(control.derogation)

"""rules/lecture.toml: how a mail is read."""

from typing import Literal

from pydantic import Field

from mailbot.ruleset.base import Rule


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
    salutations: tuple[str, ...] = ()  # whole lines that only greet, close or sign
    texte_sans_valeur: tuple[str, ...] = ()  # a plain part that only points at the HTML one
    reponse: tuple[str, ...] = ()  # beginnings of a subject that answers or forwards
    transfert: tuple[str, ...] = ()  # beginnings of a subject that forwards
    entetes: tuple[HeaderMark, ...] = ()
    expediteurs_rejet: tuple[str, ...] = ()  # senders of delivery reports
    expediteurs_notification: tuple[str, ...] = ()  # carriers, platforms: sender decides
    expediteurs_robots: tuple[str, ...] = ()  # no-reply and the like
    suites_robots: tuple[str, ...] = ()  # words that may follow in their addresses
    non_remise: dict[str, str] = Field(
        default_factory=dict
    )  # RFC 3463 status, or its beginning → why, in French
    formes: tuple[Shape, ...] = ()

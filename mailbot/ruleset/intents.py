"""rules/intentions/ and rules/exemples/: what people ask for, and how it is recognised."""

from pydantic import Field

from mailbot.ruleset.base import Rule


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


class Capitals(Rule):
    """Raised by a text of at least `lettres` letters of which the share `part` or more are capitals, unless it holds a
    kind word of `sauf` (lower case, without accents)."""

    lettres: int = Field(ge=10)
    part: float = Field(gt=0.5, le=1)
    sauf: tuple[str, ...] = ()


class FlagRule(Rule):
    """One flag, from rules/intentions/_drapeaux.toml: raised when a signal is found outside every `sauf`, and by
    capitals."""

    id: str
    titre: str
    signaux: tuple[str, ...]
    sauf: tuple[str, ...] = ()
    meme_nie: bool = False  # also raised when the signal is negated
    majuscules: Capitals | None = None
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

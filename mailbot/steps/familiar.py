"""A letter written with « vous », said with « tu »: the words of the shop change, the facts of the case never do."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from mailbot.ruleset.familiar import Familiar

_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_QUOTED = re.compile(r'"([^"\n]*)"')
_QUIET, _FACT = "\ue000", "\ue001"  # what stands for a tag without text, and for one that prints something
_GAP = rf"[\s{_QUIET}]+"
_CLITICS = rf"(?:(?:(?:ne|nous|vous|me|le|la|les|lui|leur|en|y){_GAP})|[nl]['’])*"
_WORD = r"[^\W\d_]+"
_SPOKEN = re.compile(
    rf"(?P<vous>\bvous\b)(?:(?P<gap>{_GAP})(?P<clitics>{_CLITICS})(?P<verb>{_WORD}))?"
    rf"|(?P<own>\b(?:votre|vos)\b)(?:{_GAP}(?P<owned>{_WORD}))?"
    r"|(?P<yours>\b(?:la )?vôtres?\b)"
    rf"|(?P<ez>\b(?:{_WORD}ez|dites|faites|êtes)\b)(?P<after>-(?:vous|en|y)\b)?",
    re.IGNORECASE,
)
_BEFORE = re.compile(rf"(?P<word>{_WORD})['’]?{_GAP}$")
_SENTENCE = re.compile(r"[.!?:;]\s")
_UNDOUBTED = frozenset(("avec", "chez", "vers", "entre", "contre", "envers", "selon"))
_PREPOSITIONS = frozenset(("à", "de", "pour", "sans", "par", "sur", "après", "avant"))
_WISHED = re.compile(r"\b(?:pour|afin|avant|sans|bien) que\s$", re.IGNORECASE)
_OBJECT = re.compile(r"(?:ons|er|ir|re)$")
_VOWEL = re.compile(r"[aeiouyàâéèêëîïôœûù]", re.IGNORECASE)
_OTHERS = frozenset(("chez", "assez", "nez", "rez"))  # words in -ez that are no verbs
_YOURS = {"vôtre": "tien", "la vôtre": "la tienne", "vôtres": "tiens"}


@dataclass(frozen=True, slots=True)
class Unspoken:
    """A place whose « tu » the lexicon does not give: 1-based line, the words there."""

    line: int
    words: str


def said(source: str, lexicon: Familiar) -> str:
    """The source of a template with « tu » for « vous »; what is unknown stays as it was (see `unspoken`)."""
    return _Speech(lexicon).template(source)


def all_said(templates: Mapping[str, str], lexicon: Familiar) -> dict[str, str]:
    """Every template (name → source) with « tu »."""
    return {name: said(source, lexicon) for name, source in templates.items()}


def unspoken(source: str, lexicon: Familiar) -> list[Unspoken]:
    """Every place of a template that the lexicon cannot say with « tu »."""
    speech = _Speech(lexicon)
    speech.template(source)
    return speech.unknown


class _Speech:
    """One source being said: what cannot be is kept in `unknown`."""

    def __init__(self, lexicon: Familiar) -> None:
        self._lexicon = lexicon
        self.unknown: list[Unspoken] = []
        phrases = sorted(lexicon.tournures, key=len, reverse=True)
        self._phrases = re.compile(
            r"\b(?:" + "|".join(map(re.escape, phrases)) + r")(?!\w)" if phrases else r"(?!)", re.IGNORECASE
        )

    def template(self, source: str) -> str:
        tags = _TAG.findall(source)
        plain = _TAG.sub(lambda tag: _FACT if tag[0].startswith("{{") else _QUIET, source)
        spoken = self._say(plain, tags)
        again = iter(tags)
        return re.sub(f"[{_QUIET}{_FACT}]", lambda _: self._tag(next(again)), spoken)

    def _tag(self, tag: str) -> str:
        """The words a tag hands on, in double quotes, are the shop's too."""
        if tag.startswith("{#"):
            return tag
        return _QUOTED.sub(lambda quoted: f'"{self._say(quoted[1], [])}"', tag)

    def _say(self, text: str, tags: list[str]) -> str:
        parts: list[str] = []
        at = 0
        while found := _first(self._phrases.search(text, at), _SPOKEN.search(text, at)):
            words, end = self._spoken(found)
            if words is None:
                words, end = found[0], found.end()
                self.unknown.append(Unspoken(_line(text, found.start(), tags), _shown(text, found)))
            parts += [text[at : found.start()], _cased(words, found[0])]
            at = end
        return "".join((*parts, text[at:]))

    def _spoken(self, found: re.Match[str]) -> tuple[str | None, int]:
        """What is said there, None when the lexicon does not know, and where the reading goes on."""
        if found.re is self._phrases:
            return self._lexicon.tournures[found[0].lower()], found.end()
        for kind, say in self._ways():
            if found[kind]:
                return say(found)
        return None, found.end()

    def _ways(self) -> Iterator[tuple[str, Callable[[re.Match[str]], tuple[str | None, int]]]]:
        yield "vous", self._vous
        yield "own", self._own
        yield "yours", lambda found: (_YOURS.get(found[0].lower()), found.end())
        yield "ez", self._verb

    def _vous(self, found: re.Match[str]) -> tuple[str | None, int]:
        before = _BEFORE.search(found.string, 0, found.start())
        word = before["word"].lower() if before else ""
        stop = found.end("vous")
        if word in _UNDOUBTED:
            return "toi", stop
        if not found["verb"]:
            return ("toi" if word in _PREPOSITIONS else None), stop
        verb = found["verb"].lower()
        if _second_person(verb):
            return self._subject(found, verb), found.end()
        if verb in self._lexicon.complements or _OBJECT.search(verb):
            return _object(found)
        return ("toi" if word in _PREPOSITIONS else None), stop

    def _subject(self, found: re.Match[str], verb: str) -> str | None:
        """« vous » who does what the verb says, with what stands between them."""
        wished = verb.endswith("iez") and _WISHED.search(found.string, 0, found.start())
        form = (self._lexicon.subjonctifs if wished else self._lexicon.verbes).get(verb)
        if form is None:
            return None
        clitics = re.sub(rf"\bvous({_GAP})", r"te\1", found["clitics"], flags=re.IGNORECASE)
        if _VOWEL.match(form):
            clitics = re.sub(rf"\b(n|t)e{_GAP}$", r"\1'", clitics)
        elif clitics.endswith(("n'", "n’")):  # « vous n'allez pas », « tu ne vas pas »
            clitics = clitics[:-2] + "ne "
        return f"tu{found['gap']}{clitics}{form}"

    def _own(self, found: re.Match[str]) -> tuple[str | None, int]:
        stop = found.end("own")
        if found["own"].lower() == "vos":
            return "tes", stop
        owned = (found["owned"] or "").lower()
        if not owned:
            return None, stop
        if _VOWEL.match(owned) or owned in self._lexicon.masculins:
            return "ton", stop
        return ("ta" if owned in self._lexicon.feminins else None), stop

    def _verb(self, found: re.Match[str]) -> tuple[str | None, int]:
        """A verb without « vous » before it: a question (« pourriez-vous »), or an order."""
        verb = found["ez"].lower()
        if verb in _OTHERS:
            return found[0], found.end()
        form = self._lexicon.verbes.get(verb)
        if form is None or (found["after"] or "").lower() == "-vous":
            return (None if form is None else f"{form}-tu"), found.end()
        if not self._is_order(found, verb):
            return None, found.end()
        kept = found["after"] or not form.endswith(("es", "vas"))
        return (form if kept else form[:-1]) + (found["after"] or ""), found.end()

    def _is_order(self, found: re.Match[str], verb: str) -> bool:
        """« dites » and « faites » are participles too; a verb that goes on after « vous ... et » is no order."""
        text, start = found.string, found.start()
        stands_out = found[0][0].isupper() or text[found.end() :][:1] == "-"
        if verb == "êtes" or (verb in ("dites", "faites") and not stands_out):
            return False
        before = _BEFORE.search(text, 0, start)
        if before is None or before["word"].lower() not in ("et", "ou", "ni"):
            return True
        sentence = _SENTENCE.split(text[:start])[-1]
        return not re.search(r"(?<!-)\bvous\b", sentence, re.IGNORECASE)


def _object(found: re.Match[str]) -> tuple[str, int]:
    """« vous » before a verb that somebody else does."""
    after = found["clitics"] or found["verb"]
    if not _VOWEL.match(after):
        return "te", found.end("vous")
    return "t'" + re.sub(r"\s", "", found["gap"]), found.end("gap")


def _second_person(verb: str) -> bool:
    return (verb.endswith("ez") and verb not in _OTHERS) or verb in ("êtes", "dites", "faites")


def _first(one: re.Match[str] | None, other: re.Match[str] | None) -> re.Match[str] | None:
    """The earlier of two; the phrase, when both begin together."""
    if one is None or other is None:
        return one or other
    return other if other.start() < one.start() else one


def _cased(words: str, like: str) -> str:
    return words[0].upper() + words[1:] if like[0].isupper() else words


def _line(text: str, at: int, tags: list[str]) -> int:
    """The line in the source: tags may span several."""
    before = text[:at]
    inside = tags[: before.count(_QUIET) + before.count(_FACT)]
    return 1 + before.count("\n") + sum(tag.count("\n") for tag in inside)


def _shown(text: str, found: re.Match[str]) -> str:
    around = text[max(0, found.start() - 15) : found.end() + 15]
    return " ".join(re.sub(f"[{_QUIET}{_FACT}]", " … ", around).split())

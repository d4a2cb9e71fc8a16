"""Mail → Verdict: what the writer wants, with calibrated scores and the words that show it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mailbot.model import Intent, Mail, Verdict
from mailbot.steps import scoring, second, shouting
from mailbot.steps.features import Reading
from mailbot.steps.known import Doubles
from mailbot.steps.language import language
from mailbot.steps.signals import Found
from mailbot.steps.telling_words import TellingWords, telling_words
from mailbot.steps.trained import Model

_BATCH = 64
_FLOOR = 0.02  # intents less probable than this are not worth naming


class Ranked(NamedTuple):
    """One intent (its number) with its score; `asked`: whether it is a request of the mail."""

    intent: int
    score: float
    asked: bool


def classify(mails: Sequence[Mail], model: Model) -> list[Verdict]:
    """One verdict per mail, in order. A mail without any word has no intents."""
    verdicts: list[Verdict] = []
    for start in range(0, len(mails), _BATCH):
        readings = [model.extractor.read(mail.subject, mail.text) for mail in mails[start : start + _BATCH]]
        verdicts.extend(_verdicts(readings, model))
    return [
        shouting.heard(verdict, mail, model.recognition)
        for mail, verdict in zip(mails, verdicts, strict=True)
    ]


def _verdicts(readings: Sequence[Reading], model: Model) -> list[Verdict]:
    known = scoring.scored(readings, model)
    chances = second.chances(known, model.calibration)
    limits = [rule.seuil for rule in model.recognition.intentions]
    telling = telling_words(readings, model)
    each = zip(
        readings, chances.main, chances.asked, chances.sure.tolist(), chances.remedy, telling, strict=True
    )
    return [
        _verdict(reading, rank(main, asked, certain, limits), wish, words, model)
        for reading, main, asked, certain, wish, words in each
    ]


def _verdict(
    reading: Reading, ranked: Sequence[Ranked], remedy: Doubles, telling: TellingWords, model: Model
) -> Verdict:
    spoken = language(reading.words, model.recognition.lexique.langues)
    flags = raised(reading, model)
    if not (reading.plain or reading.aside or reading.title):
        return Verdict(intents=(), requests=(), remedy=None, language=spoken, flags=flags)
    intents = tuple(
        Intent(
            id=model.intents[one.intent],
            score=round(one.score, 4),
            evidence=telling.for_intent(one.intent) if one.asked else (),
        )
        for one in ranked
        if one.asked or one.score >= _FLOOR
    )
    return Verdict(
        intents=intents,
        requests=tuple(model.intents[one.intent] for one in ranked if one.asked),
        remedy=model.remedies[int(np.argmax(remedy))],
        language=spoken,
        flags=flags,
        remedy_score=round(float(np.max(remedy)), 4),
    )


def rank(primary: Doubles, presence: Doubles, sure: float, limits: Sequence[float]) -> list[Ranked]:
    """Intents, best first: the most probable main request by how sure it is, the others by their probability to be
    asked at all, none above the first. Those as probable as their limit are requests."""
    best = int(np.argmax(primary))
    chances = np.maximum(primary, presence).tolist()
    others = sorted(
        (number for number in range(len(chances)) if number != best), key=lambda one: -chances[one]
    )
    return [
        Ranked(best, sure, asked=True),
        *(Ranked(one, min(chances[one], sure), chances[one] >= limits[one]) for one in others),
    ]


def raised(reading: Reading, model: Model) -> frozenset[str]:
    """The flags whose signals stand in the mail, outside their exceptions."""
    double = {flag.id for flag in model.recognition.drapeaux if flag.meme_nie}
    return frozenset(_raised(reading.found, double) | _raised(reading.title_found, double))


def _raised(found: Sequence[Found], even_negated: set[str]) -> set[str]:
    flags: set[str] = set()
    for hit in found:
        kind, _, name = hit.signal.owner.partition(":")
        if kind != "drapeau" or (hit.negated and name not in even_negated):
            continue
        if not any(_voids(other, hit, name) for other in found):
            flags.add(name)
    return flags


def _voids(other: Found, hit: Found, name: str) -> bool:
    return other.signal.owner == f"sauf:{name}" and other.first <= hit.last and hit.first <= other.last

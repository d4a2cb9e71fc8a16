"""Mail → Verdict: what the writer wants, with calibrated scores and the words that show it."""

from collections.abc import Sequence

import numpy as np

from mailbot.model import Intent, Mail, Verdict
from mailbot.steps import scoring, second, shouting
from mailbot.steps.features import Reading
from mailbot.steps.language import language
from mailbot.steps.second import Doubles
from mailbot.steps.signals import Found
from mailbot.steps.telling_words import TellingWords
from mailbot.steps.trained import Model

_BATCH = 64
_FLOOR = 0.02  # intents less probable than this are not worth naming


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
    signs = second.signs(readings, model.recognition)
    scores = scoring.scores(readings, model)
    primary, presence, remedy = second.probabilities(scores.astype(np.float64), signs, model.calibration)
    return [
        _verdict(reading, primary[row], presence[row], remedy[row], model)
        for row, reading in enumerate(readings)
    ]


def _verdict(reading: Reading, primary: Doubles, presence: Doubles, remedy: Doubles, model: Model) -> Verdict:
    spoken = language(reading.words, model.recognition.lexique.langues)
    flags = raised(reading, model)
    if not (reading.plain or reading.aside or reading.title):
        return Verdict(intents=(), requests=(), remedy=None, language=spoken, flags=flags)
    ranked = rank(primary, presence)
    best = ranked[0][0]
    requests = tuple(
        number
        for number, score in ranked
        if number == best or score >= model.recognition.intentions[number].seuil
    )
    telling = TellingWords(reading, model)
    intents = tuple(
        Intent(
            id=model.intents[number],
            score=round(float(score), 4),
            evidence=telling.for_intent(number) if number in requests else (),
        )
        for number, score in ranked
        if number in requests or score >= _FLOOR
    )
    return Verdict(
        intents=intents,
        requests=tuple(model.intents[number] for number in requests),
        remedy=model.remedies[int(np.argmax(remedy))],
        language=spoken,
        flags=flags,
        remedy_score=round(float(np.max(remedy)), 4),
    )


def rank(primary: Doubles, presence: Doubles) -> list[tuple[int, float]]:
    """Intent numbers with their scores, best first: the best by its probability to be the main request, the
    others by their probability to be asked at all."""
    best = int(np.argmax(primary))
    top = float(primary[best])
    others = [
        (number, min(float(max(presence[number], primary[number])), top))
        for number in range(len(primary))
        if number != best
    ]
    return [(best, top), *sorted(others, key=lambda item: (-item[1], item[0]))]


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

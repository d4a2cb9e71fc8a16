"""The words a judgement rests on, marked in the customer's text."""

import unicodedata
from collections.abc import Sequence

from markupsafe import Markup, escape

from mailbot.model import Intent


def marked(text: str, intents: Sequence[Intent]) -> Markup:
    """The text as HTML with the evidence of each intent in a <mark>; accents and capitals do not matter."""
    folded = "".join(map(_fold, text))
    spans: list[tuple[int, int, str]] = []
    for intent in intents:
        for words in intent.evidence:
            looked_for = "".join(map(_fold, " ".join(words.split())))
            at = folded.find(looked_for) if len(looked_for) > 2 else -1
            if at >= 0:
                spans.append((at, at + len(looked_for), intent.id))
    return _woven(text, sorted(spans))


def _fold(sign: str) -> str:
    """One sign for one sign, so that places stay the same."""
    if sign.isspace():
        return " "
    plain = unicodedata.normalize("NFKD", sign)[:1].lower()
    return plain if len(plain) == 1 else sign


def _woven(text: str, spans: Sequence[tuple[int, int, str]]) -> Markup:
    done, parts = 0, []
    for start, end, intent in spans:
        if start < done:
            continue
        parts += [
            escape(text[done:start]),
            Markup('<mark data-intent="{}" title="{}">').format(intent, intent),
        ]
        parts += [escape(text[start:end]), Markup("</mark>")]
        done = end
    return Markup("").join([*parts, escape(text[done:])])

"""The phrases and word lists of rules/intentions: each word can stand in a text as a reader cuts and folds it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailbot.edges.intent_rules import read_recognition
from mailbot.identifiers import fold_text
from mailbot.ruleset.intents import Recognition
from mailbot.steps.words import Folder

RULES = Path(__file__).parents[2] / "rules"


@pytest.fixture(scope="module")
def recognition() -> Recognition:
    return read_recognition(RULES)


def _lists(recognition: Recognition) -> Iterator[tuple[str, ...]]:
    for intent in recognition.intentions:
        yield from (intent.signaux, intent.contre_signaux)
    for flag in recognition.drapeaux:
        yield from (flag.signaux, flag.sauf)
    for remedy in recognition.remedes:
        yield from (remedy.signaux, remedy.contre_signaux)
    yield from (recognition.lexique.ecarte_la_suite, recognition.lexique.ecarte_la_phrase)


def _phrases(recognition: Recognition) -> Iterator[str]:
    for phrases in _lists(recognition):
        yield from phrases


def _never_read(words: Iterator[str], recognition: Recognition) -> set[str]:
    """Words that no text can hold: digits (they are read as #1, #2), text-speak that is spelt out, two words in one."""
    folder = Folder(recognition.lexique.formes)
    plain = {word for word in words if not word.startswith(("<", "#")) and not word.endswith("*")}
    return {word for word in plain - {"...", ""} if folder.words(word).folded != (fold_text(word),)}


def test_every_word_of_a_phrase_can_stand_in_a_text(recognition: Recognition) -> None:
    words = (
        word
        for phrase in _phrases(recognition)
        for part in phrase.replace("'", " ").replace("-", " ").split()
        for word in part.split("|")
    )

    assert _never_read(words, recognition) == set()


def test_no_phrase_has_an_empty_or_doubled_alternative(recognition: Recognition) -> None:
    parts = [part.split("|") for phrase in _phrases(recognition) for part in phrase.split()]

    assert [part for part in parts if "" in part or len(set(map(fold_text, part))) < len(part)] == []


def test_no_phrase_is_written_twice_for_the_same_purpose(recognition: Recognition) -> None:
    assert [phrases for phrases in _lists(recognition) if len(set(phrases)) < len(phrases)] == []

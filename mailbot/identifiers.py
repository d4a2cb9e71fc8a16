"""Numbers, names and words in the one form that both the store's indexes and the steps compare."""

import re
import unicodedata
from functools import lru_cache

_NOT_ALNUM = re.compile(r"[^A-Z0-9]+")
_WORD = re.compile(r"[^\W\d_]+")
_IN_WORDS = re.compile(r"\w")
_DIGIT = re.compile(r"\d")
_LETTER = 4000  # characters of a text worth remembering: several steps fold the same mail


def fold_id(text: str) -> str:
    """An order or parcel number as it is indexed: upper case, no accents, only A-Z and 0-9."""
    if not text.isascii():
        text = _plain(text)
    return _NOT_ALNUM.sub("", text.upper())


def fold_text(text: str) -> str:
    """Lower case without accents; ligatures opened. For comparing words, not for showing."""
    lowered = text.lower()
    return lowered if lowered.isascii() else _plain(lowered.replace("œ", "oe").replace("æ", "ae"))


def fold_name(text: str) -> str:
    """A person's name as it is indexed: folded words in alphabetical order, so that 'Dupont Marie' equals
    'Marie Dupont'; '' when there are fewer than two words (a first name finds nobody)."""
    words = _WORD.findall(fold_text(text))
    return " ".join(sorted(words)) if len(words) >= 2 else ""


def has_word(text: str, word: str) -> bool:
    """Whether a folded word stands in a folded text, not as a part of a longer one."""
    return _stands_alone(text, word, _IN_WORDS)


def has_number(text: str, number: str) -> bool:
    """Whether a number stands in a text, not as a part of a longer one; letters may touch it ('F-75011')."""
    return _stands_alone(text, number, _DIGIT)


def _stands_alone(text: str, part: str, kind: re.Pattern[str]) -> bool:
    """No pattern of its own for each name or town: compiling it takes longer than looking."""
    place = text.find(part)
    while place >= 0:
        end = place + len(part)
        if not kind.match(text[place - 1 : place]) and not kind.match(text[end : end + 1]):
            return True
        place = text.find(part, place + 1)
    return False


def _plain(text: str) -> str:
    return _opened_before(text) if len(text) <= _LETTER else _opened(text)


def _opened(text: str) -> str:
    try:
        western = text.encode("cp1252").translate(_WESTERN)
    except UnicodeEncodeError:
        return _decomposed(text)
    return _decomposed(text) if 0 in western else western.decode("cp1252")


def _decomposed(text: str) -> str:
    opened = unicodedata.normalize("NFKD", text)
    for mark in filter(unicodedata.combining, set(opened)):  # a handful of marks, however long the text
        opened = opened.replace(mark, "")
    return opened


_opened_before = lru_cache(maxsize=256)(_opened)


def _western(code: int) -> int:
    """The cp1252 byte of a letter without its accents; 0 where that is no single such byte."""
    opened = _decomposed(bytes((code,)).decode("cp1252", "ignore")).encode("cp1252", "ignore")
    return opened[0] if len(opened) == 1 else 0


_WESTERN = bytes(map(_western, range(256)))  # most French mail folds by this table, ten times as fast

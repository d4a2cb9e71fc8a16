"""French typography of a finished letter: what a reader would stumble over, each in French with its words."""

import re
from collections.abc import Iterator

_FAULTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\S* {2,}\S*"), "deux espaces à la suite"),
    (re.compile(r"\S*[ \u00a0]+[,.)](?=\s|$)"), "espace avant un point, une virgule ou une parenthèse"),
    (re.compile(r"\S+ [:;!?»%€](?=\s|$)"), "il faut une espace insécable avant ce signe"),
    (re.compile(r"[^\W\d_]+[;!?»](?=\s|$)"), "il manque l'espace insécable avant ce signe"),
    (re.compile(r"[^\W\d_]+:(?=\s|$)"), "il manque l'espace insécable avant les deux-points"),
    (re.compile(r"«[^\u00a0\u202f]\S*"), "il manque l'espace insécable après le guillemet"),
    (re.compile(r"\"[^\"\n]*\"?"), "guillemets droits : écrivez « … »"),
    (re.compile(r"\S*(?<!\.)\.\.(?!\.)"), "deux points finals à la suite"),
    (re.compile(r"\S*,,\S*|\S*,\."), "ponctuation en double"),
    (re.compile(r"\S*\.{3,}"), "points de suspension : écrivez …"),
    (re.compile(r"\d+\.\d{2}[\s\u00a0]?€"), "montant : la virgule sépare les centimes"),
    (re.compile(r"\b(?:mr|Mr)\.? "), "abréviation : écrivez M."),
    (re.compile(r"(?m)^[a-zà-ÿ][^\n]*"), "une ligne commence par une minuscule"),
)
_LINK = re.compile(r"https?://\S+")
_ADDRESS = re.compile(r"\S+@\S+")


def faults(text: str) -> tuple[str, ...]:
    """What is wrong with the typography of a text; () when nothing is."""
    plain = _ADDRESS.sub("…", _LINK.sub("…", text))
    return tuple(dict.fromkeys([*_found(plain), *_unpaired(plain)]))


def _found(text: str) -> Iterator[str]:
    for pattern, what in _FAULTS:
        for found in pattern.finditer(text):
            yield f"« {found[0].strip()[:40]} » : {what}"


def _unpaired(text: str) -> Iterator[str]:
    for opening, closing in ("«»", "()"):
        if text.count(opening) != text.count(closing):
            yield f"{opening} {closing} : l'un manque"

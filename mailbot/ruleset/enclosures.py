"""rules/pieces_jointes.toml: the files a letter may carry, and how they are named in the folder."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import model_validator

from mailbot.ruleset.base import Rule

_FIELD = re.compile(r"\{(\w+)\}")
_SAFE = re.compile(r"\w[\w .()+-]{0,150}\.(?:pdf|png|jpg|jpeg)", re.IGNORECASE)
_PLAIN = re.compile(r"[\w .()+-]*\.(?:pdf|png|jpg|jpeg)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """Where the files lie, and how large one may be (bytes)."""

    path: Path
    max_bytes: int


def is_safe(name: str) -> bool:
    """A plain file name of a known kind: no folder, no way up, nothing hidden."""
    return bool(_SAFE.fullmatch(name)) and ".." not in name


class EnclosureRule(Rule):
    """One kind of file. `fichier`: its name, with {colonne} for a column of the orders file; `colonne`: the column that
    names the file itself, if the shop has one. `titre` as the letter calls it."""

    id: str
    titre: str
    fichier: str
    colonne: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns the name is made of."""
        return tuple(_FIELD.findall(self.fichier))

    @model_validator(mode="after")
    def _is_a_name(self) -> Self:
        if not _PLAIN.fullmatch(_FIELD.sub("x", self.fichier)) or self.fichier.startswith("."):
            raise ValueError(
                f"fichier : « {self.fichier} » : un nom de fichier .pdf, .png ou .jpg est attendu, sans dossier, par "
                'exemple "{invoice_number}.pdf"'
            )
        return self


class Enclosures(Rule):
    """The whole file; the shop's list may be empty."""

    pieces: tuple[EnclosureRule, ...] = ()

    def rule(self, name: str) -> EnclosureRule | None:
        """The kind of this id, or None."""
        return next((one for one in self.pieces if one.id == name), None)

"""What rules/suivi says: the carriers' status words and codes, and when the shop has business with a carrier."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from mailbot.ruleset.base import Rule, former
from mailbot.ruleset.carriers import DutyCase
from mailbot.situation import Conditions, nearest
from mailbot.vocabulary import TRACKING


def _known_status(word: str) -> str:
    if word not in TRACKING:
        raise ValueError(f"état inconnu « {word} »{nearest(word, TRACKING)}")
    return word


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"expression incorrecte « {pattern} » ({error})") from error
    return pattern


def _long_forms(raw: object) -> object:
    """Short form in files: `CODE = "en_transit"`."""
    if not isinstance(raw, dict):
        return raw
    return {code: {"statut": value} if isinstance(value, str) else value for code, value in raw.items()}


Status = Annotated[str, AfterValidator(_known_status)]
Pattern = Annotated[str, AfterValidator(_compiles)]


class StatusCode(Rule):
    """What one code of a carrier or tracking service means. `alerte`: somebody should look; `confirme = false`: met
    in practice, not in the service's own pages; `libelle_prime`: the code is ambiguous, text beside it decides."""

    statut: Status
    detail: str = ""
    alerte: bool = False
    sens: str = ""
    confirme: bool = True
    libelle_prime: bool = False


class StatusSource(Rule):
    """The codes of one source, from rules/suivi/codes/<id>.toml. `avec_libelle`: exports write its codes before their
    label ("DI1 - Distribué")."""

    id: str
    nom: str
    codes: Annotated[Mapping[str, StatusCode], BeforeValidator(_long_forms)]
    avec_libelle: bool = False
    source: str
    verifie_le: str

    _former = former("porteurs")


class StatusLabel(Rule):
    """One kind of French label: a `re` pattern on folded text (lower case, no accents, straight apostrophes), unless
    one of `sauf` is found too. `exemples` must come out as this status, with the whole list in force."""

    motif: Pattern
    sauf: tuple[Pattern, ...] = ()
    statut: Status
    detail: str = ""
    alerte: bool = False
    exemples: tuple[str, ...] = Field(min_length=1)


class StatusLabels(Rule):
    """rules/suivi/libelles.toml: the labels in the order they are tried, and labels nobody may guess from."""

    libelles: tuple[StatusLabel, ...]
    incompris: tuple[str, ...] = ()

    @cached_property
    def compiled(self) -> tuple[tuple[StatusLabel, re.Pattern[str], re.Pattern[str] | None], ...]:
        """Each label with its pattern and that of its exceptions."""
        return tuple(
            (label, re.compile(label.motif), re.compile("|".join(label.sauf)) if label.sauf else None)
            for label in self.libelles
        )


class ClaimCase(Rule):
    """When the shop has something to do at the carrier: one of `intentions` is asked, one of `drapeaux` is raised
    (empty: no matter) and all `conditions` hold. Several cases may share an id."""

    id: DutyCase
    intentions: tuple[str, ...] = Field(min_length=1)
    drapeaux: frozenset[str] = frozenset()
    conditions: Conditions = Field(default_factory=dict)


class ClaimCases(Rule):
    """rules/suivi/demarches.toml. `colonne_contrat`: the column of an orders file that names a shipping contract."""

    cas: tuple[ClaimCase, ...] = Field(min_length=1)
    colonne_contrat: str


class TrackingRules(Rule):
    """The folder rules/suivi as a whole."""

    sources: tuple[StatusSource, ...]
    labels: StatusLabels
    claims: ClaimCases

    @cached_property
    def codes(self) -> Mapping[str, Mapping[str, StatusCode]]:
        """By source, then by folded code."""
        return {
            one.id: {fold_code(code): meaning for code, meaning in one.codes.items()} for one in self.sources
        }

    @cached_property
    def before_labels(self) -> frozenset[str]:
        """Sources whose codes may stand before their label."""
        return frozenset(one.id for one in self.sources if one.avec_libelle)


def fold_code(code: str) -> str:
    """Letters and digits only, lower case: OUT_FOR_DELIVERY, OutForDelivery and "out for delivery" are one code."""
    return "".join(char for char in code.lower() if char.isalnum())

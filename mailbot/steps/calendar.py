"""French days: which are closed where. Pure; holidays are computed once per region and year."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path
from typing import Any

import holidays

from mailbot.errors import DeadlineError
from mailbot.ruleset.counting import CountingRules, Region

ONE_DAY = timedelta(days=1)
SATURDAY, SUNDAY = 5, 6


class Calendar:
    """The closed days of one region. Working days are Monday to Friday (jours ouvrés), or to Saturday (jours
    ouvrables), without the legal holidays of the region."""

    __slots__ = ("_region", "_years")

    def __init__(self, region: Region) -> None:
        self._region = region
        self._years: dict[int, Mapping[date, str]] = {}

    def holiday(self, day: date) -> str | None:
        """The French name of the holiday, or None."""
        year = self._years.get(day.year)
        if year is None:
            year = self._years[day.year] = _holidays(self._region, day.year)
        return year.get(day)

    def is_working(self, day: date, *, saturday: bool = False) -> bool:
        """Is `day` a working day; `saturday`: do Saturdays count as one."""
        return day.weekday() < (SUNDAY if saturday else SATURDAY) and self.holiday(day) is None

    def next_working(self, day: date) -> date:
        """`day` itself, or the first Monday-to-Friday working day after it (regulation 1182/71 art. 2(2))."""
        while not self.is_working(day):
            day += ONE_DAY
        return day


def _holidays(region: Region, year: int) -> Mapping[date, str]:
    found: dict[date, str] = {}
    listed = _library().France(subdiv=region.bibliotheque or None, years=year, language="fr")
    for day, names in listed.items():
        kept = [name for name in names.split("; ") if name not in region.exclure]
        if kept and day.year == year:
            found[day] = ", ".join(kept)
    for fixed in region.jours:
        found.setdefault(date.fromisoformat(f"{year}-{fixed.jour}"), fixed.nom)
    return found


@lru_cache(maxsize=1)
def _library() -> Any:
    """The library's module for France. Asked by name, it would load those of every country first: 250 modules, more
    than all rule files take to read."""
    countries = [str(Path(folder) / "countries") for folder in holidays.__path__]
    spec = PathFinder.find_spec("holidays.countries.france", countries)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError("holidays.countries.france")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@lru_cache(maxsize=64)
def calendar_of(region: Region) -> Calendar:
    return Calendar(region)


def find_region(region: str, rules: CountingRules) -> Region:
    """The region with this id ("FR", "67", "974"). Raises DeadlineError that lists the known ones."""
    found = rules.region_by_id.get(region)
    if found is None:
        known = ", ".join(rules.region_by_id)
        raise DeadlineError(f"région inconnue : « {region} ». Régions connues : {known}.")
    return found


def region_of(postal_code: str | None, rules: CountingRules, country: str | None = None) -> str:
    """The region id of a French postcode; "FR" when it is unknown or abroad."""
    if country and country.strip().upper() not in rules.pays:
        return "FR"
    code = "".join((postal_code or "").split())
    best, length = "FR", 0
    for region in rules.region:
        for prefix in region.codes_postaux:
            if len(code) == 5 and code.startswith(prefix) and len(prefix) > length:
                best, length = region.id, len(prefix)
    return best

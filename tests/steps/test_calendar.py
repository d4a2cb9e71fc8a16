"""The French calendar against a table of holidays checked by hand, and postcodes against their regions."""

import csv
import subprocess
import sys
from datetime import date, datetime, timedelta

import pytest

from mailbot.errors import DeadlineError
from mailbot.ruleset.counting import CountingRules
from mailbot.steps.calendar import calendar_of, find_region, region_of
from mailbot.steps.telling import french_day, french_instant
from mailbot.zone import PARIS
from tests.steps.counting_rules import ROOT, RULES

DATA = ROOT / "tests" / "data"


@pytest.fixture(scope="module")
def rules() -> CountingRules:
    return RULES


def expected_holidays(region: str) -> set[date]:
    with (DATA / "holidays_fr.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        date.fromisoformat(row["date"])
        for row in rows
        if row["scope"] == "FR" or region in row["scope"].split(";")
    }


@pytest.mark.parametrize("region", ["FR", "57", "67", "68", "971", "972", "973", "974", "976", "977", "978"])
def test_every_day_of_2025_to_2030_is_open_or_closed_as_the_table_says(
    region: str, rules: CountingRules
) -> None:
    calendar = calendar_of(find_region(region, rules))
    first, last = date(2025, 1, 1), date(2030, 12, 31)
    found = {
        day
        for day in (first + timedelta(days=n) for n in range((last - first).days + 1))
        if calendar.holiday(day)
    }
    assert found == expected_holidays(region)


def test_holidays_carry_french_names(rules: CountingRules) -> None:
    calendar = calendar_of(find_region("67", rules))
    assert calendar.holiday(date(2026, 11, 11)) == "Armistice"
    assert calendar.holiday(date(2026, 4, 3)) == "Vendredi saint"
    assert calendar.holiday(date(2026, 12, 26)) == "Saint-Étienne"


def test_two_holidays_on_one_day_are_both_named(rules: CountingRules) -> None:
    name = calendar_of(find_region("FR", rules)).holiday(date(2008, 5, 1))
    assert name is not None
    assert "Ascension" in name
    assert "Travail" in name


@pytest.mark.parametrize(
    ("postal_code", "country", "region"),
    [
        ("75011", None, "FR"),
        ("57000", "FR", "57"),
        ("67 000", "France", "67"),
        ("68100", "FR", "68"),
        ("97110", "FR", "971"),
        ("97133", "FR", "977"),
        ("97150", "FR", "978"),
        ("97200", "Martinique", "972"),
        ("97300", "gf", "973"),
        ("97400", "RE", "974"),
        ("97500", None, "975"),
        ("97600", "La Réunion", "976"),
        ("20000", "FR", "FR"),
        ("68159", "DE", "FR"),
        ("6700", "LU", "FR"),
        ("6700", None, "FR"),
        ("", None, "FR"),
        (None, None, "FR"),
        ("n'importe quoi", None, "FR"),
    ],
)
def test_a_postcode_leads_to_its_region(
    postal_code: str | None, country: str | None, region: str, rules: CountingRules
) -> None:
    assert region_of(postal_code, rules, country) == region


def test_a_bridge_day_is_worked_and_whit_monday_is_not(rules: CountingRules) -> None:
    calendar = calendar_of(find_region("FR", rules))
    assert calendar.is_working(date(2026, 5, 15))
    assert not calendar.is_working(date(2026, 5, 25))


def test_saturday_is_open_only_for_a_shop_that_says_so(rules: CountingRules) -> None:
    calendar = calendar_of(find_region("FR", rules))
    assert not calendar.is_working(date(2026, 11, 21))
    assert calendar.is_working(date(2026, 11, 21), saturday=True)
    assert not calendar.is_working(date(2026, 11, 22), saturday=True)
    assert not calendar.is_working(date(2026, 8, 15), saturday=True)


def test_an_unknown_region_is_named_with_the_known_ones(rules: CountingRules) -> None:
    with pytest.raises(DeadlineError, match=r"région inconnue : « 99 ».*FR, 57, 67"):
        find_region("99", rules)


def test_days_are_said_in_french() -> None:
    assert french_day(date(2026, 11, 11)) == "mercredi 11 novembre"
    assert french_day(date(2026, 5, 1), year=True) == "vendredi 1er mai 2026"
    assert french_instant(datetime(2026, 8, 15, 9, 5, tzinfo=PARIS)) == "samedi 15 août 2026 à 9 h 05"


def test_the_library_is_asked_for_france_alone_and_says_what_it_says_by_name() -> None:
    script = (
        "import sys\n"
        "from mailbot.steps import calendar\n"
        "france = calendar._library().France(subdiv='57', years=2026, language='fr')\n"
        "others = [name for name in sys.modules if name.startswith('holidays.countries')]\n"
        "assert not others, others\n"
        "import holidays\n"
        "assert dict(france) == dict(holidays.country_holidays('FR', subdiv='57', years=2026, language='fr'))\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)

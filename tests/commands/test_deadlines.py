"""`mailbot deadlines`: what is due first, for people, scripts and calendars."""

import json
import shutil
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mailbot.commands.deadlines import style
from mailbot.config import defaults_dir
from mailbot.edges.store import Store, cases
from tests.commands.conftest import Said
from tests.edges.store.samples import NOW, clock, mail, order, prepare

HOUR = timedelta(hours=1)
Run = Callable[..., Said]


@pytest.fixture
def due(store: Store, config: Path, mailbot: Run) -> Callable[..., list[dict[str, Any]]]:
    """`deadlines list --json` one hour after NOW, as values."""

    def listed(*words: object) -> list[dict[str, Any]]:
        said = mailbot("deadlines", "list", "-c", config, "--json", *words, at=NOW + HOUR)
        assert said.code == 0, said.err
        return [json.loads(line) for line in said.out.splitlines()]

    return listed


def names(found: list[dict[str, Any]]) -> list[str]:
    return [one["id"] for one in found]


def three_clocks(store: Store) -> int:
    clocks = (
        clock("loin", due=90 * HOUR),
        clock("passe", due=HOUR / 2),
        clock("proche", due=4 * HOUR),
        replace(clock("droit", due=HOUR / 4), duty=False, label="Se rétracter"),
    )
    return prepare(store, mail(1), uid=1, clocks=clocks, found=order())


def test_what_is_due_first_comes_first_and_the_customer_s_own_clocks_only_when_asked(
    store: Store, due: Callable[..., list[dict[str, Any]]]
) -> None:
    ticket = three_clocks(store)
    found = due()
    assert names(found) == ["passe", "proche", "loin"]
    first = found[0]
    assert (first["ticket"], first["late"], first["remaining_seconds"]) == (ticket, True, -1800)
    assert (first["order"], first["channel"]) == ("FR-1001", "site")
    assert (first["situation"], first["customer"]) == ("colis_non_recu/en_route", "marie@example.org")
    everything = due("--all")
    assert names(everything) == ["droit", "passe", "proche", "loin"]
    assert (everything[0]["for"], everything[0]["late"]) == ("customer", False)


def test_clocks_are_chosen_by_time_channel_and_situation(
    store: Store, due: Callable[..., list[dict[str, Any]]]
) -> None:
    three_clocks(store)
    assert names(due("--late")) == ["passe"]
    assert names(due("--within", 3)) == ["passe", "proche"]
    assert names(due("--limit", 1)) == ["passe"]
    assert len(due("--channel", "site")) == 3
    assert due("--channel", "amazon_fr") == []
    assert (
        len(due("--situation", "colis_non_recu/en_route")) == len(due("--situation", "colis_non_recu")) == 3
    )
    assert due("--situation", "colis") == due("--situation", "colis_non_recu/en") == []
    assert due("--situation", "colis%") == []


def test_an_answered_or_closed_ticket_has_no_clock_in_the_list(
    store: Store, due: Callable[..., list[dict[str, Any]]]
) -> None:
    cases.close(store, three_clocks(store), "camille", "réglé par téléphone", NOW)
    assert due("--all") == []


def test_a_person_sees_what_is_left_in_words(store: Store, config: Path, mailbot: Run) -> None:
    three_clocks(store)
    said = mailbot("deadlines", "list", "-c", config, "--all", at=NOW + HOUR)
    assert said.code == 0
    for words in ("dépassé de 0 h 30", "reste 3 h 00", "terminé", "FR-1001", "Marie Dupont"):
        assert words in said.words
    assert mailbot("deadlines", "list", "-c", config, "--limit", 2).words.endswith(
        "--limit 20 en montre davantage."
    )


def test_no_clock_is_said_so(store: Store, config: Path, mailbot: Run) -> None:
    assert mailbot("deadlines", "list", "-c", config).words == "Aucune échéance en cours."


@pytest.mark.parametrize(
    ("hours", "duty", "wanted"),
    [(-1, True, "red"), (0, True, "red"), (3.9, True, "bold yellow"), (4, True, "yellow"), (24, True, ""),
     (-1, False, "dim"), (3, False, "dim")],
)  # fmt: skip
def test_the_colour_says_how_urgent_it_is(hours: float, duty: bool, wanted: str) -> None:
    assert style(NOW + hours * HOUR, NOW, duty=duty) == wanted


@pytest.mark.parametrize("words", [("--late", "--within", "4"), ("--late", "--all"), ("--within", "-1")])
def test_filters_that_cannot_be_meant_are_a_wrong_usage(
    store: Store, config: Path, mailbot: Run, words: tuple[str, ...]
) -> None:
    assert mailbot("deadlines", "list", "-c", config, *words).code == 2


def test_the_calendar_file_is_private_and_keeps_its_entries_names(
    store: Store, config: Path, mailbot: Run, tmp_path: Path
) -> None:
    three_clocks(store)
    file = tmp_path / "échéances.ics"
    uids = []
    for hours in (1, 2):
        said = mailbot("deadlines", "ics", file, "-c", config, at=NOW + hours * HOUR)
        assert (said.code, said.words) == (0, f"3 échéances écrites dans {file}.")
        text = file.read_bytes().decode("utf-8")
        uids.append([line for line in text.split("\r\n") if line.startswith("UID:")])
    assert uids[0] == uids[1] and len(set(uids[0])) == 3
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert f"DTSTART:{datetime(2026, 11, 20, 13, tzinfo=UTC):%Y%m%dT%H%M%SZ}" in text
    assert "SUMMARY:Répondre au client : ticket 1\\, Marie Dupont" in text
    assert [path.name for path in tmp_path.iterdir() if ".ics" in path.name] == [file.name]


def test_the_customer_s_own_clocks_are_exported_without_reminder(
    store: Store, config: Path, mailbot: Run
) -> None:
    own = replace(clock("droit", due=90 * HOUR), duty=False)
    prepare(store, mail(1), uid=1, clocks=(own,))
    file = config.with_name("agenda.ics")
    mailbot("deadlines", "ics", file, "-c", config, at=NOW)
    assert b"VEVENT" not in file.read_bytes()
    mailbot("deadlines", "ics", file, "-c", config, "--all", at=NOW)
    assert b"VEVENT" in file.read_bytes()
    assert b"VALARM" not in file.read_bytes()


def test_a_calendar_file_that_cannot_be_written_is_a_french_failure(
    store: Store, config: Path, mailbot: Run, tmp_path: Path
) -> None:
    said = mailbot("deadlines", "ics", tmp_path / "absent" / "a.ics", "-c", config)
    assert said.code == 1
    assert "écriture impossible" in said.err


def test_one_count_is_shown_day_by_day(mailbot: Run) -> None:
    said = mailbot("deadline", "JO_2", "--from", "2026-11-10T11:00", "--json")
    assert json.loads(said.out)["due_at"] == "2026-11-13T23:59:59+01:00"
    assert mailbot("deadline", "JO_2", "--from", "hier").code == 2


@pytest.mark.parametrize(
    ("words", "said_about_it"),
    [
        (("TRUC", "--from", "2026-11-10T10:00"), "règle de délai inconnue : « TRUC »"),
        (("JO_2", "--from", "2026-11-10T10:00", "--region", "99"), "région inconnue : « 99 »"),
        (("JO_2", "--from", "hier"), "n'est pas une date écrite comme 2026-11-23T10:15"),
        (("JO_0", "--from", "2026-11-10T10:00"), "le nombre doit être entre 1 et 3660"),
        (("JO_2", "--from", "0001-01-01T10:00"), "date hors limites"),
    ],
)
def test_a_deadline_asked_for_wrongly_is_wrong_usage(
    mailbot: Run, words: tuple[str, ...], said_about_it: str
) -> None:
    said = mailbot("deadline", *words)
    assert said.code == 2
    assert said_about_it in said.err
    assert len(said.err.splitlines()) == 1


def test_a_deadline_is_counted_by_the_rules_of_the_configuration(
    mailbot: Run, config: Path, tmp_path: Path
) -> None:
    rules = Path(shutil.copytree(defaults_dir() / "rules", tmp_path / "regles"))
    shop = rules / "entreprise.toml"
    text = (
        shop.read_text("utf-8")
        .replace('region = "FR"', 'region = "67"')
        .replace("samedi_ouvre = false", "samedi_ouvre = true")
    )
    shop.write_text(text, "utf-8")
    config.write_text('rules_dir = "regles"\n' + config.read_text("utf-8"), "utf-8")
    asked = ("deadline", "JO_2", "--from", "2026-04-02T15:00", "--json")
    assert json.loads(mailbot(*asked).out)["due_at"] == "2026-04-07T23:59:59+02:00"
    own = json.loads(mailbot(*asked, "-c", config).out)["due_at"]
    assert own == "2026-04-07T23:59:59+02:00"  # Good Friday closed in Strasbourg, but Saturday works
    paris = json.loads(mailbot(*asked, "-c", config, "--region", "FR").out)["due_at"]
    assert paris == "2026-04-04T23:59:59+02:00"

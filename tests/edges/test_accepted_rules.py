"""Which rulebooks need no second check."""

import subprocess
import sys
from pathlib import Path

import pytest

from mailbot import rulebook
from mailbot.edges import accepted_rules
from mailbot.errors import RuleError
from mailbot.rulebook import Rulebook

ROOT = Path(__file__).parents[2]
RULES, TEMPLATES = ROOT / "rules", ROOT / "templates"


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The digests of the rulebooks that are checked in full."""
    seen: list[str] = []

    def check(book: Rulebook) -> list[str]:
        seen.append(book.digest)
        return []

    monkeypatch.setattr(rulebook, "_problems", check)
    return seen


def test_a_rulebook_is_known_once_it_was_noted_even_after_others(tmp_path: Path) -> None:
    assert not accepted_rules.known(tmp_path, "ab")
    accepted_rules.note(tmp_path, "ab")
    accepted_rules.note(tmp_path, "cd")
    assert accepted_rules.known(tmp_path, "ab")
    assert not accepted_rules.known(tmp_path, "ef")


def test_only_the_last_twenty_are_kept(tmp_path: Path) -> None:
    for number in range(25):
        accepted_rules.note(tmp_path, str(number))
    assert [number for number in range(25) if accepted_rules.known(tmp_path, str(number))] == list(
        range(5, 25)
    )


def test_another_program_checks_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    accepted_rules.note(tmp_path, "ab")
    monkeypatch.setattr(accepted_rules, "_program", lambda: "the next version")
    assert not accepted_rules.known(tmp_path, "ab")


def test_a_folder_that_cannot_be_written_to_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "fichier").write_text("")
    accepted_rules.note(tmp_path / "fichier", "ab")
    assert not accepted_rules.known(tmp_path / "fichier", "ab")


def test_rules_that_passed_are_not_checked_again_and_others_are(tmp_path: Path, checks: list[str]) -> None:
    for _ in range(3):
        rulebook.load(RULES, TEMPLATES, remembered_in=tmp_path)
    assert len(checks) == 1
    rulebook.load(RULES, TEMPLATES)
    assert len(checks) == 2


def test_refused_rules_are_refused_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rulebook, "_problems", lambda _book: ["lignes.toml : une faute"])
    for _ in range(2):
        with pytest.raises(RuleError, match="une faute"):
            rulebook.load(RULES, TEMPLATES, remembered_in=tmp_path)


def test_what_is_compiled_comes_back_as_it_was_or_not_at_all(tmp_path: Path) -> None:
    assert accepted_rules.letters(tmp_path, "ab") == b""
    accepted_rules.note(tmp_path, "ab", b"code")
    assert accepted_rules.letters(tmp_path, "ab") == b"code"
    (kept,) = tmp_path.glob("lettres-*")
    kept.write_bytes(kept.read_bytes()[:-1] + b"X")
    assert accepted_rules.letters(tmp_path, "ab") == b""


def test_letters_of_the_last_two_rulebooks_are_kept(tmp_path: Path) -> None:
    for digest in ("ab", "cd", "ef"):
        accepted_rules.note(tmp_path, digest, digest.encode())
    assert len(list(tmp_path.glob("lettres-*"))) == 2
    assert accepted_rules.letters(tmp_path, "ef") == b"ef"


def test_the_next_start_writes_its_letters_without_compiling_any(tmp_path: Path) -> None:
    script = f"""
import sys
import subprocess
import sys
from pathlib import Path
import jinja2
from mailbot import rulebook
from mailbot.steps.compose import Composer
from mailbot.steps.guards import OutputRules

if sys.argv[1] == "again":
    def refused(self, *args, **options):
        raise AssertionError("compiled again")
    jinja2.Environment.compile = refused
book = rulebook.load(Path({str(RULES)!r}), Path({str(TEMPLATES)!r}), remembered_in=Path({str(tmp_path)!r}))
composer = Composer(book.templates, OutputRules.compiled(book.guards))
print(*sorted(name for stem in composer.stems for name in composer._formal.letter(stem).blocks))
"""
    first, again = (
        subprocess.run([sys.executable, "-c", script, time], check=True, capture_output=True).stdout
        for time in ("first", "again")
    )
    assert first == again
    assert b"reponse" in first

"""The report of a replay: for the screen, and as one file without anything from outside."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from mailbot.commands import replayed
from mailbot.errors import MailbotError
from mailbot.jobs.replay import Difference, Side, summary
from tests.edges.store.samples import NOW

BEFORE = Side(
    situation="colis_non_recu/bloque", decision_row="NR09", action="draft", missing=(), blocked=(),
    deadlines={"reponse": "2026-11-23T22:59:59+00:00", "enquete": "2026-11-24T22:59:59+00:00"},
    text="Bonjour Nina,\n\nVotre colis part demain.\n",
)  # fmt: skip
AFTER = replace(
    BEFORE, situation="colis_non_recu/perdu", decision_row="NR13", action="human", missing=("ville de livraison",),
    blocked=("À ne pas écrire : « sous peu ».",), text="Bonjour Nina,\n\nVotre colis part lundi.\n",
    deadlines={"reponse": "2026-11-25T22:59:59+00:00", "enquete": "2026-11-24T22:59:59+00:00"},
)  # fmt: skip
ONE = Difference(
    ticket=12, name="ticket 12", subject="<script>alert(1)</script> {{ 7 * 7 }}", before=BEFORE, after=AFTER
)


def test_each_side_says_what_the_other_does_not() -> None:
    assert replayed.told(ONE, before=True) == [
        "colis_non_recu/bloque", "ligne NR09", "brouillon", "reponse : lun. 23/11 23:59",
    ]  # fmt: skip
    assert replayed.told(ONE, before=False) == [
        "colis_non_recu/perdu", "ligne NR13", "agent", "reponse : mer. 25/11 23:59",
        "manque : ville de livraison", "À ne pas écrire : « sous peu ».",
    ]  # fmt: skip


def test_the_whole_is_said_in_a_few_lines() -> None:
    lines = replayed.in_words(summary(40, [ONE]))
    assert lines[0] == "40 mails rejugés, 1 jugement différent."
    assert "  colis_non_recu/bloque → colis_non_recu/perdu : 1" in lines
    assert "  brouillon → agent : 1" in lines
    assert "  manquerait : ville de livraison (1)" in lines


def test_the_screen_shows_the_texts_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    replayed.show(summary(40, [ONE]), [ONE], 5)
    out = capsys.readouterr().out
    line = next(line for line in out.splitlines() if "part demain" in line)
    assert "part lundi" in line


def test_nothing_changed_is_said_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    replayed.show(summary(40, []), [], 5)
    assert capsys.readouterr().out == "Rien ne changerait. 40 mails rejugés.\n"


def test_the_page_needs_nothing_from_outside_and_runs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "rapport.html"
    replayed.write_html(path, summary(40, [ONE]), [ONE], NOW)
    page = path.read_text("utf-8")
    assert "<del>demain</del>" in page and "<ins>lundi</ins>" in page
    assert "&lt;script&gt;alert(1)" in page and "<script" not in page and "{{ 7 * 7 }}" in page
    assert not re.search(r"(?:src|href)\s*=|url\(", page)
    assert "default-src 'none'" in page


def test_a_page_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(MailbotError, match="écriture impossible"):
        replayed.write_html(tmp_path / "nulle_part" / "rapport.html", summary(0, []), [], NOW)

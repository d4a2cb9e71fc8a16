"""Every row of the decision table has sample mails that the whole line decides as that row."""

from pathlib import Path

import pytest

from mailbot.commands.opening import load_line
from mailbot.config import cache_home, defaults_dir
from mailbot.errors import RuleError
from mailbot.jobs import samples
from mailbot.jobs.samples import Outcome
from mailbot.line import Line
from tests.steps.scenes import shipped_rules


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    line = load_line(None, None, cache_home())

    def line_for(shadow: bool) -> Line:
        return Line.build(line.rulebook, line.model, shadow=shadow) if shadow else line

    return list(samples.run(samples.read(defaults_dir() / "rules"), line_for))


def test_every_row_has_a_sample_mail() -> None:
    there = {sample.row for sample in samples.read(defaults_dir() / "rules")}
    assert there == {row.id for row in shipped_rules().rows}


def test_every_row_decides_at_least_one_of_its_sample_mails(outcomes: list[Outcome]) -> None:
    decided = {one.sample.row for one in outcomes if not one.problems}
    assert {row.id for row in shipped_rules().rows} - decided == set()


def test_nearly_every_sample_mail_is_decided_as_its_row(outcomes: list[Outcome]) -> None:
    """What is understood moves a little with every text that is learnt; the rules must bear that."""
    wrong = [f"{one.sample.name} : {problem}" for one in outcomes for problem in one.problems]
    assert len(outcomes) >= 180
    assert len(wrong) <= len(outcomes) * 0.03, "\n".join(wrong)


def test_no_sample_reply_has_a_hole_unless_a_person_sees_it(outcomes: list[Outcome]) -> None:
    for one in outcomes:
        reply = one.answer["reply"]
        if reply and one.answer["decision"]["action"] == "send":
            assert not reply["missing"] and not reply["blocked"], one.sample.name


def test_a_wrong_word_in_a_sample_is_refused_with_the_nearest_key(tmp_path: Path) -> None:
    folder = tmp_path / "cas"
    folder.mkdir()
    (folder / "NR01.toml").write_text(
        '[[cas]]\nnom = "x"\nrecu = 2026-01-01T10:00:00\ntexet = "y"\nattendu = { decision = "brouillon" }\n',
        "utf-8",
    )
    with pytest.raises(RuleError, match="texet : clé inconnue : vouliez-vous dire « texte »"):
        samples.read(tmp_path)

"""The bench of the letters: every letter on the examples of its situation."""

import shutil
from datetime import datetime
from pathlib import Path

import pytest

from mailbot.edges.store.versions import Version, content_digest
from mailbot.errors import RuleError
from mailbot.jobs import new_template
from mailbot.jobs.template_bench import Template, look, situation_of, write_all
from mailbot.line import Line
from mailbot.rulebook import load
from mailbot.zone import PARIS
from tests.steps.scenes import ROOT, shipped_rules

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=PARIS)
CHRISTMAS = datetime(2026, 12, 24, 17, 0, tzinfo=PARIS)
BEFORE_THE_CHANGE_OF_HOUR = datetime(2026, 10, 23, 23, 30, tzinfo=PARIS)


@pytest.fixture
def own(tmp_path: Path) -> tuple[Path, Path]:
    """A shop's own rules and templates."""
    for name in ("rules", "templates"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path / "rules", tmp_path / "templates"


def by_stem(found: list[Template]) -> dict[str, Template]:
    return {one.stem: one for one in found}


@pytest.mark.parametrize("now", [MONDAY, CHRISTMAS, BEFORE_THE_CHANGE_OF_HOUR])
def test_every_shipped_letter_passes_guards_and_typography_on_all_its_examples(now: datetime) -> None:
    found, other = look(ROOT / "rules", ROOT / "templates", now)
    assert other == []
    wrong = {one.stem: (one.problems, one.missing, one.blocked, one.faults) for one in found if not one.ready}
    assert wrong == {}
    assert len(found) > 80


def test_every_situation_claims_the_sample_made_of_its_example() -> None:
    """The made-up order really shows what the example says, at least where the facts are the order's own."""
    book = shipped_rules()
    line = Line.build(book, None)
    for situation in book.situations:
        for letter in write_all(line, situation, MONDAY):
            assert letter.reply.template == situation.id
            assert letter.reply.text.startswith("Bonjour")


def test_a_letter_for_a_person_may_have_holes_and_they_are_named() -> None:
    found, _other = look(ROOT / "rules", ROOT / "templates", MONDAY)
    answer = by_stem(found)["question/reponse"]
    assert answer.missing == ("réponse à la question",) and answer.ready
    assert answer.action == "humain" and answer.blocked == ()


def test_what_a_guard_or_a_reader_would_object_to_is_told(own: tuple[Path, Path]) -> None:
    letter = own[1] / "colis_non_recu" / "bloque.txt.j2"
    letter.write_text(
        letter.read_text("utf-8").replace(
            "Nous comprenons votre inquiétude.", "Nous revenons vers vous sous peu, le 3 mai 2031..."
        ),
        "utf-8",
    )
    found, other = look(*own, MONDAY)
    one = by_stem(found)["colis_non_recu/bloque"]
    assert other == [] and not one.ready
    assert any("sous peu" in reason for reason in one.blocked)
    assert any("3 mai 2031" in reason for reason in one.blocked)
    assert any("points de suspension" in fault for fault in one.faults)


def test_rules_that_do_not_load_are_looked_at_all_the_same(own: tuple[Path, Path]) -> None:
    letter = own[1] / "colis_non_recu" / "bloque.txt.j2"
    letter.write_text(letter.read_text("utf-8").replace("suivi.evenement_le", "suivi.evenment_le"), "utf-8")
    (own[0] / "entreprise.toml").write_text("nom = ", "utf-8")
    found, other = look(*own, MONDAY)
    one = by_stem(found)["colis_non_recu/bloque"]
    assert one.title == "Colis sans mouvement depuis 48 h, livraison pas encore en retard"
    assert any("vouliez-vous dire « evenement_le »" in problem for problem in one.problems)
    assert any("entreprise.toml" in problem for problem in other)


def test_the_version_shown_is_the_one_that_brought_the_present_text(own: tuple[Path, Path]) -> None:
    name = "colis_non_recu/bloque"
    text = (own[1] / f"{name}.txt.j2").read_bytes()

    def version(number: int, data: bytes) -> Version:
        files = {f"templates/{name}.txt.j2": content_digest(data)}
        return Version(
            number=number, digest=str(number), published_at=MONDAY, author="", note="", files=files
        )

    newest_first = [version(4, text), version(3, text), version(2, b"autre"), version(1, text)]
    found, _other = look(*own, MONDAY, newest_first)
    assert by_stem(found)[name].changed_in == 3
    found, _other = look(*own, MONDAY, [version(5, b"autre"), *newest_first])
    assert by_stem(found)[name].changed_in is None


def test_an_unknown_template_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(RuleError, match="vouliez-vous dire « colis_non_recu/bloque »"):
        situation_of(shipped_rules(), "colis_non_recu/bloqué")


def test_a_new_situation_is_laid_out_from_its_nearest_neighbour_and_disturbs_nothing(
    own: tuple[Path, Path],
) -> None:
    before = load(*own).digest
    made = new_template.lay_out(*own, "colis_non_recu/bloque_bis")
    assert made.nearest == "colis_non_recu/bloque"
    assert "À compléter" in made.rule.read_text("utf-8")
    assert load(*own).digest == before, "a draft is no rule yet"


def test_a_draft_that_is_not_distinct_is_not_put_in_place(own: tuple[Path, Path]) -> None:
    made = new_template.lay_out(*own, "colis_non_recu/perdu_bis")
    with pytest.raises(RuleError, match="pas encore prêt"):
        new_template.activate(*own, "colis_non_recu/perdu_bis")
    assert made.rule.exists() and made.letter.exists()


def test_a_draft_that_is_distinct_is_put_in_place_with_its_letter(own: tuple[Path, Path]) -> None:
    stem = "colis_non_recu/perdu_bis"
    made = new_template.lay_out(*own, stem)
    assert made.nearest == "colis_non_recu/perdu"
    text = made.rule.read_text("utf-8")
    text = text.replace("[conditions]\n", "[conditions]\nnombre_articles = { min = 50 }\n")
    text = text.replace("faits = { ", "faits = { nombre_articles = 60, ", 1)
    made.rule.write_text(text, "utf-8")
    new_template.activate(*own, stem)
    assert situation_of(load(*own), stem).titre == "À compléter"
    assert not made.rule.exists() and not made.letter.exists()


@pytest.mark.parametrize("stem", ["perdu", "../x/y", "colis non recu/x", "colis_non_recu/perdu"])
def test_a_bad_or_taken_name_is_refused(own: tuple[Path, Path], stem: str) -> None:
    with pytest.raises(RuleError, match=r"un nom s'écrit|existe déjà"):
        new_template.lay_out(*own, stem)

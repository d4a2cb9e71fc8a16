from pathlib import Path

import pytest

from mailbot.steps.compose import read_templates
from mailbot.steps.letter_check import problems
from tests.steps.letters import TEMPLATES

BASE = (
    "Bonjour,\n{% block reponse %}{% endblock %}\n{% block suite %}{% endblock %}\n{{ boutique.signature }}\n"
)
MACROS = "{% macro nouvelle() %}le {{ delais.prochaine_nouvelle }}{% endmacro %}\n"
HEAD = '{% extends "_base.txt.j2" %}\n{% block sujet %}votre colis{% endblock %}\n'


def found(answer: str, *, letter: str | None = None, declared: list[str] | None = None) -> list[str]:
    source = letter if letter is not None else HEAD + f"{{% block reponse %}}\n{answer}\n{{% endblock %}}\n"
    templates = {"_base.txt.j2": BASE, "_blocs.txt.j2": MACROS, "colis/perdu.txt.j2": source}
    return problems(templates, None if declared is None else {"colis/perdu": declared})


def test_a_good_letter_has_no_problem() -> None:
    assert found("{{ client.nom }} {% for a in commande.articles %}{{ a.libelle }}{% endfor %}") == []


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("{{ comande.numero }}", "ligne 4 : mot inconnu « comande » : vouliez-vous dire « commande » ?"),
        (
            "\n{{ commande.numro }}",
            "ligne 5 : « commande » n'a pas de « numro » : vouliez-vous dire « numero » ?",
        ),
        ("{% for a in commande.articles %}{{ a.label }}{% endfor %}", "« a » n'a pas de « label »"),
        ("{{ nouvele() }}", "mot inconnu « nouvele » : vouliez-vous dire « nouvelle » ?"),
        (
            "{% if faits.livre %}x{% endif %}",
            "« faits » n'a pas de « livre » : vouliez-vous dire « livree » ?",
        ),
    ],
)
def test_an_unknown_word_is_named_with_its_line_and_the_nearest_one(answer: str, says: str) -> None:
    (problem,) = found(answer)
    assert problem.startswith("colis/perdu.txt.j2, ligne ") and says in problem


def test_a_syntax_error_is_named_with_its_line() -> None:
    (problem,) = found("a\n{% if client.nom %}b")
    assert "colis/perdu.txt.j2, ligne 6 : syntaxe incorrecte" in problem


def test_a_forgotten_block_is_named() -> None:
    assert found("", letter='{% extends "_base.txt.j2" %}\n{% block reponse %}x{% endblock %}') == [
        "colis/perdu.txt.j2, ligne 1 : il manque le bloc « sujet »"
    ]
    assert len(found("", letter="Bonjour")) == 3


def test_a_deadline_no_situation_declares_is_named_also_through_a_macro() -> None:
    answer = "{{ delais.renvoi_max }}\n{{ nouvelle() }}"
    assert found(answer, declared=["renvoi_max", "prochaine_nouvelle"]) == []
    (direct,) = found(answer, declared=["prochaine_nouvelle"])
    assert "ligne 4 : l'échéance « renvoi_max » n'est pas déclarée" in direct
    (through,) = found(answer, declared=["renvoi_max"])
    assert "ligne 5" in through and "« prochaine_nouvelle »" in through


def test_a_letter_that_cannot_be_written_without_facts_is_named() -> None:
    (problem,) = found("{{ commande.montant + 1 }}")
    assert "ne peut pas s'écrire" in problem


def test_the_shared_parts_must_be_there() -> None:
    assert [line.split(" :")[0] for line in problems({"a/b.txt.j2": HEAD})] == [
        "_base.txt.j2",
        "_blocs.txt.j2",
    ]


def test_the_shipped_templates_have_no_problem(tmp_path: Path) -> None:
    assert problems(read_templates(TEMPLATES)) == []
    assert "LISEZMOI.md" not in read_templates(TEMPLATES)
    assert len(problems(read_templates(tmp_path))) == 2

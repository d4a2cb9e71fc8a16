"""The shipped rulebook loads, covers the decision table, and refuses when in doubt."""

import shutil
from collections.abc import Callable
from pathlib import Path
from time import process_time

import pytest

from mailbot import rule_overlaps
from mailbot.errors import RuleError
from mailbot.rulebook import Rulebook, digest, load, rules_coverage
from mailbot.vocabulary import FACTS

ROOT = Path(__file__).parents[2]
LATE = "situations/colis_non_recu/delai_depasse.toml"


@pytest.fixture(scope="module")
def shipped() -> Rulebook:
    return load(ROOT / "rules", ROOT / "templates")


@pytest.fixture
def copy(tmp_path: Path) -> Callable[[], Rulebook]:
    for name in ("rules", "templates"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("exemples"))
    return lambda: load(tmp_path / "rules", tmp_path / "templates")


def change(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / "rules" / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def refusal(attempt: Callable[[], Rulebook]) -> str:
    with pytest.raises(RuleError) as caught:
        attempt()
    return str(caught.value)


def test_every_row_of_the_decision_table_is_covered(shipped: Rulebook) -> None:
    covered = rules_coverage(shipped)
    assert len(covered) == 76
    assert all(covered.values())


def test_every_situation_has_an_example_and_most_a_rival(shipped: Rulebook) -> None:
    assert all(one.exemples for one in shipped.situations)
    assert sum(bool(one.contre_exemples) for one in shipped.situations) >= len(shipped.situations) - 2


def test_every_situation_that_is_answered_starts_the_answer_clock(shipped: Rulebook) -> None:
    for one in shipped.situations:
        if (
            one.etape == "avis"
        ):  # answered on the platform: a claim within its own time, a message within the channel's
            asked = "reclamation" if one.id.startswith("litige/") else "canal"
            assert any(delay.regle == asked for delay in one.delais), one.id
        elif one.action.type != "ignorer":
            assert any(delay.regle == "canal" and delay.depart == "demande" for delay in one.delais), one.id


def test_nothing_is_switched_on_to_leave_alone(shipped: Rulebook) -> None:
    assert shipped.guards.envoi_seul == ()
    assert not shipped.guards.arret_general


def test_a_human_row_never_leaves_alone(shipped: Rulebook) -> None:
    assert all(not one.action.envoi_seul for one in shipped.situations if one.action.type != "brouillon")


def test_the_rulebook_loads_in_less_than_a_second(shipped: Rulebook) -> None:
    began = process_time()
    load(ROOT / "rules", ROOT / "templates")
    assert process_time() - began < 2  # 0.6 s alone on this machine


def test_the_digest_follows_every_change(copy: Callable[[], Rulebook], tmp_path: Path) -> None:
    before = copy().digest
    assert before == digest(tmp_path / "rules", tmp_path / "templates")
    change(tmp_path, "entreprise.toml", 'nom = "Boutique Exemple"', 'nom = "Autre"')
    assert copy().digest != before


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        (LATE, "raison = ", "raizon = ", ("delai_depasse.toml", "raizon", "« raison »")),
        (LATE, "[conditions]\n", "[conditions]\nexpedie = true\n", ("conditions", "expedie", "« expediee »")),
        (LATE, "valeur_elevee = false", "valeur_elevee = 12", ("valeur_elevee",)),
        (LATE, '"bloque", "en_livraison"', '"bloqué", "en_livraison"', ("bloqué", "« bloque »")),
        (LATE, 'regle = "L216_7"', 'regle = "L216_77"', ("delais.remboursement_max.regle", "L216_77")),
        (LATE, '["colis_non_recu"]', '["colis_non_reçu"]', ("intentions", "« colis_non_recu »")),
        (LATE, 'type = "brouillon"', 'type = "brouilon"', ("action.type", "brouilon")),
        (LATE, "faits = { expediee = true", "faits = { expedie = true", ("exemples", "« expediee »")),
        (LATE, 'gagne = "colis_non_recu/perdu"', 'gagne = "colis_non_recu/perd"', ("gagne", "perdu »")),
        ("garde_fous.toml", 'drapeau = "tiers"', 'drapeau = "tier"', ("drapeaux_humains", "« tiers »")),
        ("garde_fous.toml", "envoi_seul = []", 'envoi_seul = ["facture/modification"]', ("envoi_seul",)),
        ("garde_fous.toml", "'mauvaise foi'", "'mauvaise (foi'", ("jamais.accusation", "mauvaise (foi")),
        ("entreprise.toml", 'region = "FR"', 'region = "75"', ("region", "75")),
        ("entreprise.toml", "valeur_elevee = 100", 'valeur_elevee = "cent"', ("entreprise.toml", "valeur_elevee")),
        ("entreprise.toml", 'nom = "Boutique', 'nom = Boutique', ("entreprise.toml", "TOML")),
        ("canaux/site.toml", 'id = "site"', 'id = "sit"', ("canaux", "sit")),
    ],
)  # fmt: skip
def test_a_mistake_is_refused_with_file_key_and_nearest_word(
    copy: Callable[[], Rulebook], tmp_path: Path, name: str, old: str, new: str, words: tuple[str, ...]
) -> None:
    change(tmp_path, name, old, new)
    message = refusal(copy)
    for word in words:
        assert word in message, message


def test_settings_of_earlier_rules_that_nothing_reads_any_more_are_no_error(
    copy: Callable[[], Rulebook], tmp_path: Path
) -> None:
    change(tmp_path, "entreprise.toml", "\nregion =", "\ngarder_article_sous = 10\nregion =")
    change(tmp_path, "transporteurs/colis_prive.toml", "\nmots =", "\nexige_code_postal = true\nmots =")
    with (tmp_path / "rules" / "delais.toml").open("a", encoding="utf-8") as file:
        file.write("\n[cible_interne]\nheure = 18\nalertes_heures = [24, 4]\n")
    assert copy().merchant.region == "FR"


def test_a_rule_that_no_longer_wins_its_example_is_refused(
    copy: Callable[[], Rulebook], tmp_path: Path
) -> None:
    change(tmp_path, LATE, "delai_livraison_depasse = true\n", "delai_livraison_depasse = false\n")
    message = refusal(copy)
    assert "colis_non_recu/delai_depasse.toml : exemple 1" in message
    assert "est attendu" in message


def test_two_rules_that_claim_the_same_example_are_both_named(
    copy: Callable[[], Rulebook], tmp_path: Path
) -> None:
    for folder, suffix in (("rules/situations", ".toml"), ("templates", ".txt.j2")):
        shutil.copy(
            tmp_path / folder / f"question/reponse{suffix}", tmp_path / folder / f"question/double{suffix}"
        )
    message = refusal(copy)
    assert "question/reponse" in message and "question/double" in message and "à égalité" in message


def test_an_orphan_on_either_side_is_refused(copy: Callable[[], Rulebook], tmp_path: Path) -> None:
    (tmp_path / "templates/question/reponse.txt.j2").rename(tmp_path / "templates/question/repons.txt.j2")
    message = refusal(copy)
    assert "templates/question/reponse.txt.j2 manque" in message
    assert "question/repons.txt.j2 : aucune situation" in message
    assert "« question/reponse »" in message


def test_a_letter_with_an_unknown_word_or_date_is_refused(
    copy: Callable[[], Rulebook], tmp_path: Path
) -> None:
    letter = tmp_path / "templates/question/reponse.txt.j2"
    text = letter.read_text("utf-8")
    letter.write_text(
        text.replace("{% block reponse %}", "{% block reponse %}{{ commande.numro }}", 1), "utf-8"
    )
    assert "« numro » : vouliez-vous dire « numero »" in refusal(copy)
    letter.write_text(text.replace("{% block reponse %}", "{% block reponse %}{{ delais.rien }}", 1), "utf-8")
    assert "« rien »" in refusal(copy)


def test_a_missing_file_says_how_to_get_it_back(copy: Callable[[], Rulebook], tmp_path: Path) -> None:
    (tmp_path / "rules/garde_fous.toml").unlink()
    assert "mailbot init" in refusal(copy)


def test_all_bad_situations_are_named_at_once(copy: Callable[[], Rulebook], tmp_path: Path) -> None:
    change(tmp_path, LATE, "raison = ", "raizon = ")
    change(tmp_path, "situations/question/reponse.toml", "titre = ", "titres = ")
    message = refusal(copy)
    assert "delai_depasse.toml" in message and "reponse.toml" in message


def test_the_rules_guide_names_every_fact() -> None:
    guide = (ROOT / "docs/regles.md").read_text("utf-8")
    assert [name for name in FACTS if f"`{name}`" not in guide] == []


def test_an_editor_s_hidden_files_are_no_rules(copy: Callable[[], Rulebook], tmp_path: Path) -> None:
    before = copy().digest
    (tmp_path / "rules" / "situations" / "litige" / ".#avis_negatif.toml").symlink_to("camille@bureau:1")
    (tmp_path / "templates" / "litige" / ".avis_negatif.txt.j2").write_text("{% if", "utf-8")
    assert copy().digest == before


def test_a_row_nobody_knows_is_refused(copy: Callable[[], Rulebook], tmp_path: Path) -> None:
    change(tmp_path, LATE, 'ligne = "NR10"', 'ligne = "NR100"')
    assert "ligne : « NR100 » n'est pas dans lignes.toml : vouliez-vous dire « NR10 » ?" in refusal(copy)


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        (
            "situations/colis_non_recu/suivi_inconnu.toml", "{ min = 24, max = 72 }", "{ min = 72, max = 24 }",
            ("suivi_inconnu.toml", "conditions.heures_depuis_expedition", "impossible"),
        ),
        (
            "situations/colis_non_recu/suivi_inconnu.toml", "{ min = 24, max = 72 }", "{ min = 24, moins_de = 24 }",
            ("conditions.heures_depuis_expedition", "aucune valeur ne la remplit"),
        ),
        (
            LATE, 'valeur_elevee = false\n', 'valeur_elevee = false\n\n[[ou]]\nvaleur_elevee = true\n',
            ("ou : impossible",),
        ),
        (
            "situations/litige/avis_negatif.toml", 'drapeaux = ["avis_negatif"]\n',
            'drapeaux = ["avis_negatif"]\nsauf_drapeaux = ["avis_negatif"]\n', ("sauf_drapeaux", "avis_negatif"),
        ),
        (
            "situations/ne_veut_plus/en_cours_de_livraison.toml", "\n[conditions]",
            'passe_devant = ["colis_non_recu"]\n\n[conditions]', ("passe_devant", "boucle", "l'inverse dans"),
        ),
        (LATE, 'passe_devant = ["ne_veut_plus"]', 'passe_devant = ["colis_non_recu"]', ("est déjà dans intentions",)),
        (LATE, 'passe_devant = ["ne_veut_plus"]', 'passe_devant = ["ne_veux_plus"]', ("dire « ne_veut_plus »",)),
        ("canaux/amazon_fr.toml", 'delai_reclamation = "ELAPSED_48H"', 'delai_reclamation = "ELAPSE_48H"',
         ("canaux/amazon_fr.toml : delai_reclamation", "« ELAPSED_48H »")),
        ("canaux/amazon_fr.toml", 'regle = "JC_90"', 'regle = "JC_9O"', ("fenetres.reclamation_fin.regle", "JC_9O")),
        ("canaux/amazon_fr.toml", "non_livree = true", "non_livre = true", ("clé inconnue", "« non_livree »")),
    ],
)  # fmt: skip
def test_a_condition_that_cannot_hold_or_goes_round_in_a_circle_is_refused(
    copy: Callable[[], Rulebook], tmp_path: Path, name: str, old: str, new: str, words: tuple[str, ...]
) -> None:
    change(tmp_path, name, old, new)
    message = refusal(copy)
    for word in words:
        assert word in message, message


def test_no_two_shipped_situations_may_claim_one_case_alike(shipped: Rulebook) -> None:
    assert list(rule_overlaps.overlapping(shipped.situations)) == []

"""A shop that says « tu »: its letters are right French, whole, and never half one and half the other."""

import re
import tomllib
from dataclasses import replace

import pytest

from mailbot.model import Line
from mailbot.ruleset.guards import Guards
from mailbot.steps.familiar import said, unspoken
from mailbot.steps.forbidden import Forbidden
from tests.steps.golden import COMPOSER, FOLDER, LEXICON, familiar
from tests.steps.letters import AMAZON, CASE, ORDER, TEMPLATES, with_order
from tests.steps.test_letters import DEMANDS, SCENES

STEMS = sorted(COMPOSER.stems)
SPEAKING_TU = [stem for stem in STEMS if not LEXICON.keeps_vous(stem)]
VOUS = re.compile(r"\b(?:vous|votre|vos|vôtres?|(?!chez|assez)[^\W\d_]+ez)\b", re.IGNORECASE)
TU = re.compile(r"\b(?:tu|te|toi|ton|ta|tes|tiens?|tiennes?)\b|\bt'", re.IGNORECASE)
ADDRESS = re.compile(r"https?://\S+|\[à compléter[^\]]*\]|(?m:^Arrêtée : .*$)")
SAYINGS = {
    "Vous nous écrivez que vous n'avez rien reçu.": "Tu nous écris que tu n'as rien reçu.",
    "Nous vous écrivons, nous vous y aidons.": "Nous t'écrivons, nous t'y aidons.",
    "Il vous est remis ; s'il ne peut pas vous être remis, nous vous en remboursons le prix.":
        "Il t'est remis ; s'il ne peut pas t'être remis, nous t'en remboursons le prix.",
    "Répondez à ce message, et indiquez-nous votre choix.": "Réponds à ce message, et indique-nous ton choix.",
    "Pensez-y, gardez-en une copie, allez au point de retrait.":
        "Penses-y, gardes-en une copie, va au point de retrait.",
    "Pourriez-vous vérifier auprès de vos voisins ?": "Pourrais-tu vérifier auprès de tes voisins ?",
    "C'est à nous de vous remettre votre commande ; chez vous, avec vous, à vous.":
        "C'est à nous de te remettre ta commande ; chez toi, avec toi, à toi.",
    "Votre adresse, votre banque, votre colis et vos droits.": "Ton adresse, ta banque, ton colis et tes droits.",
    "La date du vôtre, la vôtre.": "La date du tien, la tienne.",
    "Pour que vous la passiez à nouveau, le prix que vous attendiez.":
        "Pour que tu la passes à nouveau, le prix que tu attendais.",
    "Vous n'êtes pas chez vous assez tôt.": "Tu n'es pas chez toi assez tôt.",
    "Si vous vous trompez, vous n'allez rien perdre.": "Si tu te trompes, tu ne vas rien perdre.",
    "Une personne reconnaît-elle le rendez-vous ?": "Une personne reconnaît-elle le rendez-vous ?",
    "Nous{% endif %} vous écrivons, vous{% if x %} pouvez": "Nous{% endif %} t'écrivons, tu{% if x %} peux",
    '{{ montant_ou("votre commande") }} {# vous #}': '{{ montant_ou("ta commande") }} {# vous #}',
}  # fmt: skip


@pytest.mark.parametrize("formal", SAYINGS)
def test_a_sentence_is_said_with_tu(formal: str) -> None:
    assert said(formal, LEXICON) == SAYINGS[formal]
    assert unspoken(formal, LEXICON) == []


@pytest.mark.parametrize(
    "formal",
    [
        "Vous zézayez.", "Zézayez.", "Votre {{ article.libelle }}", "Votre zibeline", "Le colis vous zigzague.",
        "Les démarches faites hier.", "Vous demandez un avoir et souhaitez un retour.", "Pour que vous répondiez.",
        "Vous {{ client.nom }}",
    ],
)  # fmt: skip
def test_what_the_lexicon_does_not_know_is_told_and_left_as_it_is(formal: str) -> None:
    found = unspoken(f"{{# deux\nlignes #}}\n{formal}", LEXICON)
    assert [one.line for one in found] == [3]


@pytest.mark.parametrize("name", [name for name in SCENES if name.endswith("à tu")])
def test_no_letter_says_tu_and_vous(name: str) -> None:
    place = SCENES[name].channel is AMAZON
    for stem in STEMS:
        text = ADDRESS.sub("", COMPOSER.compose(stem, SCENES[name]).text)
        both = (bool(TU.search(text)), bool(VOUS.search(text)))
        assert both in (
            (False, False),
            (False, True) if place or stem not in SPEAKING_TU else (True, False),
        ), stem


def test_the_letters_that_were_read_say_one_or_the_other() -> None:
    for path in FOLDER.rglob("*.txt"):
        wrong = VOUS if path.is_relative_to(FOLDER / "tu") else TU
        assert wrong.search(ADDRESS.sub("", path.read_text("utf-8"))) is None, path
    kept = {
        path.relative_to(FOLDER / "tu").with_suffix("").as_posix() for path in (FOLDER / "tu").rglob("*.txt")
    }
    assert sorted(kept) == SPEAKING_TU


@pytest.mark.parametrize("stem", sorted(set(DEMANDS) & set(SPEAKING_TU)))
def test_a_letter_with_tu_holds_what_its_row_demands(stem: str) -> None:
    must, never = (tuple(said(words, LEXICON) for words in kind) for kind in DEMANDS[stem])
    written = COMPOSER.compose(stem, familiar(CASE)).text.replace("\u00a0", " ")
    assert [words for words in must if words not in written] == []
    assert [words for words in never if words in written] == []


def test_the_facts_of_a_case_are_never_said_otherwise() -> None:
    lines = (Line(sku="L-1", label="Vous êtes ici, votre carnet", qty=1, unit_price=None),)
    scene = familiar(with_order(replace(ORDER, lines=lines)))
    text = COMPOSER.compose("colis_non_recu/bloque", scene).text.replace("\u00a0", " ")
    assert "te renvoyer « Vous êtes ici, votre carnet » à nos frais" in text


def test_a_marketplace_a_company_and_the_law_are_spoken_to_with_vous() -> None:
    stem, scene = "colis_non_recu/bloque", familiar(CASE)
    company = replace(scene, facts={**scene.facts, "acheteur_societe": True})
    assert "vous" not in COMPOSER.compose(stem, scene).text
    for other in (replace(scene, channel=AMAZON), company):
        assert "Nous comprenons votre inquiétude" in COMPOSER.compose(stem, other).text
    assert "votre réclamation au sérieux" in COMPOSER.compose("litige/menace_juridique", scene).text
    both = COMPOSER.compose(stem, scene, ["donnees_personnelles/demande"]).text
    assert VOUS.search(both) and not TU.search(both)


def test_a_second_request_is_answered_with_tu_too() -> None:
    both = COMPOSER.compose("colis_non_recu/bloque", familiar(CASE), ["facture/envoi_direct"]).text
    assert "Au sujet de ta facture" in both.replace("\u00a0", " ") and not VOUS.search(ADDRESS.sub("", both))


FORBIDDEN_WITH_TU = {
    "attendre_le_transporteur": "Tu dois attendre la fin de l'enquête.",
    "suivi_fait_preuve": "Le colis a bien été reçu par tes soins.",
    "fabricant": "Adresse-toi directement au fabricant.",
    "accusation": "Ta fraude est connue.",
    "avis_juridique": "Tu n'as aucun recours.",
    "indemnite_transporteur": "Le transporteur t'indemnisera.",
    "coordonnees_bancaires": "Donne-nous le numéro de ta carte.",
    "promotion": "Appelle-nous demain.",
    "avis": "Pourrais-tu retirer ta réclamation ?",
}


@pytest.mark.parametrize("rule", FORBIDDEN_WITH_TU)
def test_what_is_never_said_with_vous_is_never_said_with_tu(rule: str) -> None:
    guards = Guards.model_validate(
        tomllib.loads((TEMPLATES.parent / "rules" / "garde_fous.toml").read_text("utf-8"))
    )
    one = next(never for never in guards.jamais if never.id == rule)
    forbidden = Forbidden(rule, everywhere=True, patterns=one.motifs, reason="")
    assert forbidden.find(FORBIDDEN_WITH_TU[rule], [FORBIDDEN_WITH_TU[rule]])

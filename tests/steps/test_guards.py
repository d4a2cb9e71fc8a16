import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.ruleset.guards import Guards, NeverSay, OutputLimits
from mailbot.steps.context import Case
from mailbot.steps.guards import CaseFacts, OutputRules, case_facts, check
from mailbot.zone import PARIS
from tests.steps.letters import AMAZON, CASE, GUARDS, MATCH, ORDER, with_order

RULES = OutputRules.compiled(GUARDS)
TODAY = date(2026, 11, 23)
PADDING = " Nous vous remercions de votre message et restons à votre disposition pour toute question."
ON_AMAZON = replace(CASE, channel=AMAZON)


def reasons(
    text: str, case: Case = CASE, *, rules: OutputRules = RULES, today: date = TODAY
) -> tuple[str, ...]:
    facts = case_facts(case)
    return check(text + PADDING, f"Re: {facts.subject}", facts, rules, today=today)


def test_a_text_with_this_case_s_facts_passes() -> None:
    text = (
        "Bonjour Sophie Martin, la commande n° CMD-2026-10458 (« Tasse bleue », 39,90 €) est partie le mercredi "
        "11 novembre 2026, numéro de suivi 8V80939237982. Deuxième colis : 8L 205 247 520 32."
    )
    assert reasons(text.replace("8L 205 247 520 32", "8L20524752032")) == ()


@pytest.mark.parametrize(
    "hole",
    [
        "[à compléter : numéro de suivi]", "[nom]", "[...]", "{{ client }}", "{% if %}", "{#", "None", "nan",
        "Undefined",
    ],
)  # fmt: skip
def test_a_hole_is_named(hole: str) -> None:
    assert any("compléter" in reason for reason in reasons(f"Bonjour {hole}."))


def test_brackets_of_an_article_are_no_hole() -> None:
    line = replace(ORDER.lines[0], label="Tasse [lot de 2] {{ 7*7 }} None")
    case = with_order(replace(ORDER, lines=(line,)))
    assert reasons("Votre « Tasse [lot de 2] {{ 7*7 }} None » est partie.", case) == ()


def test_never_said_words_stop_the_text_with_their_reason() -> None:
    (reason,) = reasons("Faute de réserves, nous ne pouvons rien faire.")
    assert "faute de réserves" in reason and "ne conditionnent pas" in reason


def test_a_prohibition_of_a_channel_counts_only_there() -> None:
    assert reasons("Voici un code promo.") == ()
    assert reasons("Voici un code promo.", ON_AMAZON) == (
        "À ne pas écrire : « code promo ». Pas de promotion.",
    )


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Voyez https://www.latasserie.example/retours pour la suite.", "un lien"),
        ("Voyez www.latasserie.example pour la suite.", "un lien"),
        ("Écrivez à contact@latasserie.example.", "une adresse e-mail"),
        ("Appelez le 01 23 45 67 89.", "un numéro de téléphone"),
        ("Appelez le +33 6 12 34 56 78.", "un numéro de téléphone"),
    ],
)
def test_contacts_are_forbidden_on_a_marketplace(text: str, what: str) -> None:
    assert any(f"Amazon interdit {what}" in reason for reason in reasons(text, ON_AMAZON))


def test_the_carrier_s_page_of_this_parcel_is_allowed_on_a_marketplace() -> None:
    link = "https://www.laposte.fr/outils/suivre-vos-envois?code=8V80939237982"
    assert reasons(f"Page de suivi : {link}", ON_AMAZON) == ()
    assert reasons(f"Page de suivi : {link.replace('8V8', '8V9')}", ON_AMAZON) != ()


def test_a_contact_in_the_signature_does_not_slip_through_on_a_marketplace() -> None:
    merchant = CASE.merchant.model_copy(update={"signature": "L'équipe\nservice@latasserie.example"})
    text = "Cordialement, L'équipe, service@latasserie.example"
    assert reasons(text, replace(CASE, merchant=merchant)) == ()
    assert reasons(text, replace(ON_AMAZON, merchant=merchant)) != ()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Nous vous remboursons 500 €.", "Montant « 500 € »"),
        ("Nous vous remboursons 1 039,90 EUR.", "Montant « 1 039,90 EUR »"),
        ("Nous vous remboursons 40 euros.", "Montant « 40 euros »"),
        ("La commande n° 4242 est partie.", "Numéro « 4242 »"),
        ("La commande 406-1234567-1234567 est partie.", "Numéro « 406-1234567-1234567 »"),
        ("Le numéro de suivi est 6A12345678901.", "Numéro « 6A12345678901 »"),
        ("Vous le recevrez le 3 décembre 2026.", "Date « 3 décembre 2026 »"),
        ("Vous le recevrez le 3 décembre.", "Date « 3 décembre »"),
        ("Vous le recevrez le 03/12/2026.", "Date « 03/12/2026 »"),
        ("Vous le recevrez le 3/12/26.", "Date « 3/12/26 »"),
        ("Vous le recevrez le 2026-12-03.", "Date « 2026-12-03 »"),
        ("Écrivez à voisin@example.org.", "une adresse e-mail qui ne vient pas de ce dossier"),
        ("Voyez https://ailleurs.example/x", "un lien qui ne vient pas de ce dossier"),
    ],
)
def test_a_fact_of_nowhere_is_found(text: str, what: str) -> None:
    assert any(what in reason for reason in reasons(text))


@pytest.mark.parametrize(
    "text",
    [
        "La garantie de 24 mois et les 14 jours s'appliquent, soit 30 jours au plus.",
        "Expédiée le 11/11/2026, le 11 novembre, le 11.11.26 ou le 2026-11-11.",
        "Deux tasses à 17,50 €, soit 35 € et 39,9 € avec la livraison.",
        "Retour : La Tasserie, service retours, 4 rue du Four, 75006 Paris.",
        "Relais : Tabac des Lilas, 12 rue des Lilas, 69003 Lyon.",
        "Articles L217-3 et L221-18 du code de la consommation.",
    ],
)
def test_what_is_in_the_case_or_no_fact_passes(text: str) -> None:
    assert reasons(text) == ()


def test_a_promised_day_that_has_passed_is_refused() -> None:
    text = "Nous vous écrivons au plus tard le mercredi 25 novembre 2026."
    assert reasons(text) == ()
    assert any("déjà passée" in reason for reason in reasons(text, today=date(2026, 11, 26)))


def test_a_past_day_of_the_order_is_no_broken_promise() -> None:
    assert reasons("Le colis est parti le 11 novembre 2026.", today=date(2026, 12, 24)) == ()


def test_an_unverified_writer_is_told_nothing_of_the_order() -> None:
    case = replace(CASE, match=replace(MATCH, identity="unverified"))
    facts = case_facts(case)
    assert facts.numbers == ("CMD202610458",) and facts.amounts == () and facts.links == (CASE.merchant.site,)
    assert reasons("Le colis 8V80939237982 est parti le 11 novembre 2026.", case) != ()
    assert "Sophie Martin" not in facts.literals and "Tasse bleue" not in facts.literals


def test_bounds_and_language_are_looked_at() -> None:
    limits = OutputLimits(
        mots_min=5, caracteres_max=200, mots_courants=frozenset({"le", "est", "votre", "pour", "nous", "de"})
    )
    rules = replace(RULES, limits=limits)
    facts = case_facts(CASE)
    assert "trop court" in check("Bien reçu.", "Re: x", facts, rules, today=TODAY)[0]
    assert "trop long" in check("votre colis est pour le voisin " * 20, "Re: x", facts, rules, today=TODAY)[0]
    english = "Your parcel will arrive tomorrow, please wait until then and thank you."
    assert "français" in check(english, "Re: x", facts, rules, today=TODAY)[0]


def test_the_subject_a_person_wrote_is_checked_but_not_the_customer_s_own() -> None:
    mail = replace(CASE.mail, subject="Rappelez-moi au 06 12 34 56 78")
    facts = case_facts(replace(ON_AMAZON, mail=mail))
    text = "Votre colis est en route, nous vous écrivons demain pour la suite de votre demande."
    assert check(text, "Re: Rappelez-moi au 06 12 34 56 78", facts, RULES, today=TODAY) == ()
    assert check(text, "Appelez le 01 23 45 67 89", facts, RULES, today=TODAY) != ()


def test_a_customer_s_subject_with_a_reply_mark_is_still_his_own() -> None:
    facts = case_facts(replace(CASE, mail=replace(CASE.mail, subject="RE : Re: votre mail du 1er avril")))
    text = "Votre colis est en route, nous vous écrivons demain pour la suite de votre demande."
    assert check(text, "Re: votre mail du 1er avril", facts, RULES, today=TODAY) == ()


def test_facts_survive_storage() -> None:
    facts = case_facts(ON_AMAZON)
    assert CaseFacts.from_json(json.loads(json.dumps(facts.to_json()))) == facts


def test_rules_of_the_file_compile() -> None:
    guards = Guards(jamais=(NeverSay(id="a", motifs=("jamais (?:ça|cela)", "interdit"), raison="Non."),))
    assert reasons("JAMAIS CELA.", rules=OutputRules.compiled(guards)) == (
        "À ne pas écrire : « jamais cela ». Non.",
    )


@given(st.integers(10**6, 10**12), st.decimals(1, 900, places=2), st.integers(0, 700))
def test_no_fact_of_another_order_passes(number: int, amount: Decimal, days: int) -> None:
    other_day = datetime(2024, 1, 1, tzinfo=PARIS) + timedelta(days=days)
    known = case_facts(CASE)
    for text in (
        f"Commande n° {number}.",
        f"Montant : {amount:.2f} €.",
        f"Le {other_day.day}/{other_day.month}/{other_day.year}.",
    ):
        if str(number) in known.numbers or f"{amount:.2f}" in known.amounts:
            continue
        assert reasons(text) != (), text


@given(st.text(max_size=300))
def test_any_text_can_be_checked(text: str) -> None:
    assert isinstance(check(text, text, case_facts(CASE), RULES, today=TODAY), tuple)

"""Single letters: they answer what was asked, say nothing twice, and turn nothing into something else."""

from dataclasses import replace

import pytest

from tests.steps.golden import COMPOSER, TWO, asking, case, text
from tests.steps.letters import AMAZON, CASE, MERCHANT, VERDICT

STEMS = sorted(COMPOSER.stems)


def test_who_pays_a_return_is_the_shop_s_choice_for_withdrawals_and_never_for_defects() -> None:
    free = replace(CASE, merchant=MERCHANT.model_copy(update={"retour_frais": "boutique"}))
    assert "Les frais de ce retour restent à votre charge." in text("ne_veut_plus/dans_le_delai")
    assert "Les frais de retour sont à notre charge" in text("ne_veut_plus/dans_le_delai", free)
    for stem in STEMS:
        if stem.startswith(("produit_", "mauvais_produit/")):
            assert "à votre charge" not in text(stem)


def test_only_what_did_not_come_is_sent_again_or_refunded_of_several_articles() -> None:
    for remedy in ("none", "remboursement", "reexpedition"):
        scene = replace(case(lines=TWO), verdict=replace(VERDICT, remedy=remedy))
        written = text("colis_non_recu/delai_depasse", scene)
        assert "es articles qui ne vous sont pas parvenus" in written
        assert "Tasse bleue" not in written
        assert remedy == "reexpedition" or "si rien n'est arrivé, 39,90 €, livraison comprise" in written


def test_a_customer_who_has_a_part_is_not_refunded_the_whole_order() -> None:
    for remedy in ("none", "remboursement", "reexpedition"):
        scene = replace(CASE, verdict=replace(VERDICT, remedy=remedy, flags=frozenset({"colis_partiel"})))
        written = text("colis_non_recu/delai_depasse", scene)
        assert "ce qui ne vous est pas parvenu" in written and "39,90 €" not in written


def test_somebody_else_s_mail_is_not_greeted_with_the_buyer_s_name() -> None:
    for_her = replace(CASE, verdict=replace(VERDICT, flags=frozenset({"tiers"})))
    husband = replace(CASE, mail=replace(CASE.mail, text="Où est le colis ?\nPaul Martin"))
    herself = replace(CASE, mail=replace(CASE.mail, text="Où est le colis ?\nSophie Martin"))
    assert text("colis_non_recu/bloque", for_her).startswith("Bonjour,\n")
    assert text("colis_non_recu/bloque", husband).startswith("Bonjour,\n")
    assert text("colis_non_recu/bloque", herself).startswith("Bonjour Sophie Martin,\n")


@pytest.mark.parametrize(
    "stem", ["colis_non_recu/retour_expediteur", "colis_non_recu/suivi_inconnu_prolonge"]
)
def test_what_is_asked_for_is_not_asked_again(stem: str) -> None:
    assert "donner votre préférence" not in text(stem, asking("remboursement"))
    assert "Dites-nous ce que vous préférez" not in text(stem, asking("remboursement"))


def test_an_order_that_is_still_on_time_can_be_given_up() -> None:
    stem = "colis_non_recu/en_transit_dans_les_delais"
    assert "renoncer à cet achat" in text(stem, asking("remboursement"))
    assert "renoncer" not in text(stem, asking("information"))


def test_the_address_is_spoken_of_when_the_address_is_to_change() -> None:
    stem, scene = "modification_commande/avant_expedition", replace(CASE, channel=AMAZON)
    moved = replace(scene, verdict=replace(VERDICT, flags=frozenset({"changement_adresse"})))
    assert "adresse enregistrée" in text(stem, moved) and "adresse" not in text(stem, scene)


@pytest.mark.parametrize(
    ("flag", "words"),
    [
        ("prelevement_double", "débits"),
        ("avoir_non_voulu", "votre accord"),
        ("frais_de_port", "la différence"),
        ("remboursement_incomplet", "incomplet"),
    ],
)
def test_a_refund_is_answered_for_what_it_is(flag: str, words: str) -> None:
    assert words in text(
        "remboursement/a_verifier", replace(CASE, verdict=replace(VERDICT, flags=frozenset({flag})))
    )


def test_a_return_is_explained_once_however_many_things_go_back() -> None:
    also = ["produit_manquant/trois_solutions", "mauvais_produit/retour_ou_echange"]
    both = COMPOSER.compose("produit_abime/signale_apres_3_jours", CASE, also)
    assert both.text.count("75006 Paris") == both.text.count("Pour nous retourner") == 1


def test_a_second_letter_that_adds_nothing_is_left_out() -> None:
    alone = COMPOSER.compose("facture/modification", CASE).text
    assert (
        COMPOSER.compose("facture/modification", CASE, ["facture/modification_apres_expedition"]).text
        == alone
    )


def test_an_exchange_is_not_turned_into_a_withdrawal() -> None:
    written = text("ne_veut_plus/dans_le_delai", asking("echange"))
    assert "votre demande d'échange" in written and "votre rétractation" not in written
    assert "S'il y a remboursement" in written and "75006 Paris" in written


@pytest.mark.parametrize(
    ("remedy", "words"),
    [
        ("reparation", "Nous réparons l'article"),
        ("remplacement", "Nous remplaçons l'article"),
        ("remboursement", "nous traitons alors le remboursement"),
        ("geste_commercial", "avec votre accord"),
        ("none", "Vous avez le choix"),
    ],
)
def test_a_defect_is_mended_the_way_the_customer_asks_first(remedy: str, words: str) -> None:
    for stem in ("produit_en_panne/sous_garantie", "produit_abime/signale_sous_3_jours"):
        written = text(stem, asking(remedy))
        assert words in written and "répar" in written and "75006 Paris" in written


def test_the_missing_article_is_sent_first_when_it_is_asked_for() -> None:
    for remedy in ("none", "envoi_manquant"):
        written = text("produit_manquant/trois_solutions", asking(remedy))
        assert (
            "29 novembre 2026" in written
            and "geste commercial" in written
            and "contre remboursement" in written
        )
    asked, open_choice = (
        text("produit_manquant/trois_solutions", asking(one)) for one in ("envoi_manquant", "none")
    )
    assert (
        "Nous vous envoyons l’article manquant" in asked or "Nous vous envoyons l'article manquant" in asked
    )
    assert "Si vous les préférez" in asked and "Si vous les préférez" not in open_choice
    assert "Rappelez-nous seulement" in asked and "avec votre choix" in open_choice


@pytest.mark.parametrize(
    ("flag", "words"),
    [
        ("relance", "Vous nous écrivez de nouveau au sujet de la commande"),
        ("colere", "Nous comprenons votre mécontentement"),
        ("urgence", "Merci pour votre message"),
    ],
)
def test_a_letter_opens_in_the_tone_of_the_mail(flag: str, words: str) -> None:
    scene = replace(CASE, verdict=replace(VERDICT, flags=frozenset({flag})))
    assert words in text("colis_non_recu/bloque", scene)


@pytest.mark.parametrize(
    ("name", "words"), [("Amazon", "messagerie d'Amazon"), ("Fnac", "messagerie de Fnac")]
)
def test_a_marketplace_s_name_is_elided_as_it_is_spoken(name: str, words: str) -> None:
    scene = replace(CASE, channel=AMAZON.model_copy(update={"nom": name}))
    for stem in ("commande/identite_non_verifiee", "commande/ecrit_pour_autrui"):
        assert words in text(stem, scene)


def test_who_has_chosen_has_nothing_to_confirm() -> None:
    for stem in ("produit_abime/signale_apres_3_jours", "produit_en_panne/sous_garantie"):
        assert "rien à confirmer" in text(stem, asking("reparation"))
        assert "Dites-nous ce que vous préférez" in text(stem, asking("none"))
    stem = "mauvais_produit/retour_ou_echange"
    assert "rien à confirmer" in text(stem, asking("echange")) and "préférez : nous" in text(stem)


def test_a_date_that_two_requests_share_is_said_once() -> None:
    both = COMPOSER.compose("modification_commande/avant_expedition", CASE, ["facture/modification"]).text
    assert both.count("Nous revenons vers vous avec une réponse") == 1


def test_a_relay_that_is_not_known_is_not_a_hole() -> None:
    reply = COMPOSER.compose("colis_non_recu/en_point_relais", case(extra={}))
    assert reply.missing == () and "page de suivi" in reply.text

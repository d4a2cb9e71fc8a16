"""Orders in, situations out: the nine situations of the requirements, and the order of evaluation."""

from datetime import timedelta
from decimal import Decimal
from itertools import combinations

import pytest

from mailbot.situation import Situation
from mailbot.steps.choose import choose
from tests.steps.scenes import NOW, ago, chosen_for, facts_of, order, shipped_rules, stem_for, verdict

CHEAP = {"total": Decimal("30")}
LATE = order(
    status="shipped", shipped_at=ago(days=9), tracking_status="en_transit", tracking_last_event_at=ago(hours=20),
    estimated_delivery_max=(NOW - timedelta(days=3)).date(), **CHEAP,
)  # fmt: skip
DELIVERED = order(
    status="delivered", shipped_at=ago(days=4), delivered_at=ago(days=2), tracking_status="livre", **CHEAP
)
WAITING = order(status="processing", estimated_delivery_max=(NOW + timedelta(days=4)).date(), **CHEAP)


# --- the nine situations -----------------------------------------------------------------------------------------


def test_a_late_parcel_leaves_the_customer_the_choice() -> None:
    assert stem_for(LATE, verdict("colis_non_recu")) == "colis_non_recu/delai_depasse"


def test_a_parcel_said_delivered_is_answered_with_its_proof_within_seven_days() -> None:
    situation = chosen_for(DELIVERED, verdict("colis_non_recu")).situation
    assert situation is not None and situation.id == "colis_non_recu/livre_recent"
    assert "JC_7" in {delay.regle for delay in situation.delais}


def test_an_order_not_yet_sent_is_cancelled() -> None:
    assert stem_for(WAITING, verdict("ne_veut_plus")) == "ne_veut_plus/avant_expedition"


def test_a_withdrawal_in_time_gets_the_return_procedure() -> None:
    assert stem_for(DELIVERED, verdict("ne_veut_plus")) == "ne_veut_plus/dans_le_delai"


def test_a_withdrawal_too_late_is_decided_by_the_shop() -> None:
    late = order({"withdrawal_info_given": "yes"}, delivered_at=ago(days=30), placed_at=ago(days=35), **CHEAP)
    assert stem_for(late, verdict("ne_veut_plus")) == "ne_veut_plus/hors_delai"


def test_a_wrong_product_goes_back_or_is_exchanged() -> None:
    assert stem_for(DELIVERED, verdict("mauvais_produit")) == "mauvais_produit/retour_ou_echange"


def test_a_broken_product_goes_back_or_is_mended() -> None:
    assert stem_for(DELIVERED, verdict("produit_abime")) == "produit_abime/signale_sous_3_jours"


def test_a_product_that_stopped_is_under_guarantee() -> None:
    assert stem_for(DELIVERED, verdict("produit_en_panne")) == "produit_en_panne/sous_garantie"


def test_a_missing_item_gives_three_choices() -> None:
    assert stem_for(DELIVERED, verdict("produit_manquant")) == "produit_manquant/trois_solutions"


@pytest.mark.parametrize(
    ("channel", "stem"), [("site", "facture/envoi_direct"), ("cdiscount", "facture/espace_vendeur")]
)
def test_an_invoice_goes_where_the_channel_wants_it(channel: str, stem: str) -> None:
    assert stem_for(order(channel=channel), verdict("facture")) == stem


# --- order of evaluation -----------------------------------------------------------------------------------------


def test_danger_comes_before_everything() -> None:
    said = verdict("litige", "produit_abime", flags=("menace_juridique", "danger", "donnees_personnelles"))
    assert stem_for(None, said) == "securite/danger"


def test_law_comes_before_the_order() -> None:
    assert stem_for(None, verdict("colis_non_recu", flags=("menace_juridique",))) == "litige/menace_juridique"


def test_a_threat_in_the_second_request_decides_for_the_whole_mail() -> None:
    chosen = chosen_for(LATE, verdict("colis_non_recu", "litige"))
    assert chosen.situation is not None and chosen.situation.id == "litige/annonce_de_litige"
    assert [one.id for one in chosen.also] == ["colis_non_recu/delai_depasse"]


def test_an_unknown_order_is_asked_for() -> None:
    assert stem_for(None, verdict("colis_non_recu")) == "commande/introuvable"


def test_a_stranger_learns_nothing() -> None:
    chosen = chosen_for(LATE, verdict("colis_non_recu", "facture"), identity="unverified")
    assert chosen.situation is not None and chosen.situation.id == "commande/identite_non_verifiee"
    assert chosen.also == ()


def test_a_question_needs_no_order() -> None:
    assert stem_for(None, verdict("question")) == "question/reponse"


def test_who_ships_answers_for_the_delivery() -> None:
    amazon = order(channel="amazon_fr", fulfilment="platform", status="shipped")
    assert stem_for(amazon, verdict("colis_non_recu")) == "colis_non_recu/expedie_par_amazon"
    assert stem_for(amazon, verdict("ne_veut_plus")) == "ne_veut_plus/retour_par_la_plateforme"


def test_an_open_claim_is_answered_only_inside_the_claim() -> None:
    claimed = order({"claim_open": "yes"}, channel="cdiscount", status="shipped")
    assert stem_for(claimed, verdict("colis_non_recu")) == "litige/reclamation_ouverte"


def test_every_request_gets_its_situation_in_order() -> None:
    chosen = chosen_for(LATE, verdict("colis_non_recu", "facture", "question"))
    assert chosen.situation is not None and chosen.situation.id == "colis_non_recu/delai_depasse"
    assert [one.id for one in chosen.also] == ["facture/envoi_direct", "question/reponse"]


def test_no_letter_says_what_another_one_of_the_same_mail_denies() -> None:
    """A parcel whose content is broken has come: its letter is not followed by excuses for not bringing it."""
    chosen = chosen_for(DELIVERED, verdict("produit_abime", "colis_non_recu", "facture"))
    assert [one.id for one in chosen.also] == ["colis_non_recu/livre_recent", "facture/envoi_direct"]
    assert [one.id for one in chosen.told] == ["facture/envoi_direct"]
    threat = chosen_for(
        DELIVERED, verdict("litige", "produit_abime", "colis_non_recu", flags=("menace_juridique",))
    )
    assert "colis_non_recu/livre_recent" not in [one.id for one in threat.told]
    late = chosen_for(LATE, verdict("colis_non_recu", "facture"))
    assert late.told == late.also


def also(
    *requests: str, found: object = LATE, remedy: str | None = None, flags: tuple[str, ...] = ()
) -> list[str]:
    chosen = chosen_for(found, verdict(*requests, remedy=remedy, flags=flags))  # type: ignore[arg-type]
    return [one.id for one in chosen.also]


def test_a_refund_that_the_letter_already_answers_is_not_announced_twice() -> None:
    assert also("colis_non_recu", "remboursement", remedy="remboursement") == []
    assert also("ne_veut_plus", "remboursement", found=WAITING) == []
    assert also("produit_abime", "remboursement", found=DELIVERED) == ["remboursement/a_verifier"]


def test_a_refund_that_is_known_is_still_told() -> None:
    refunded = order(status="refunded", refunded_at=ago(days=2), delivered_at=ago(days=6), **CHEAP)
    assert also("produit_manquant", "remboursement", found=refunded) == ["remboursement/deja_effectue"]


def test_nobody_is_told_to_send_back_a_parcel_that_never_came() -> None:
    for found in (LATE, DELIVERED):
        assert also("colis_non_recu", "ne_veut_plus", found=found) == ["ne_veut_plus/colis_pas_recu"]


def test_a_threat_is_acknowledged_and_the_problem_is_answered() -> None:
    assert also("produit_abime", "litige", found=DELIVERED, flags=("menace_juridique",)) == [
        "produit_abime/signale_sous_3_jours"
    ]


def test_a_cited_article_of_law_is_no_threat() -> None:
    said = verdict("colis_non_recu", flags=("texte_de_loi",))
    assert stem_for(LATE, said) == "colis_non_recu/delai_depasse"


def test_a_relay_without_the_parcel_is_not_said_to_hold_it() -> None:
    waiting = order(status="shipped", shipped_at=ago(days=4), tracking_status="en_point_relais", **CHEAP)
    said = verdict("colis_non_recu", flags=("relais_introuvable",))
    assert stem_for(waiting, said) == "colis_non_recu/relais_sans_colis"
    assert stem_for(waiting, verdict("colis_non_recu")) == "colis_non_recu/en_point_relais"


def test_an_exchange_before_dispatch_is_not_a_cancellation() -> None:
    assert (
        stem_for(WAITING, verdict("ne_veut_plus", remedy="echange"))
        == "ne_veut_plus/echange_avant_expedition"
    )


def test_a_missing_screw_of_a_dear_order_is_simply_sent() -> None:
    dear = order(status="delivered", delivered_at=ago(days=2), total=Decimal("300"))
    said = verdict("produit_manquant", flags=("petite_piece",))
    assert stem_for(dear, said) == "produit_manquant/petite_piece"
    assert stem_for(dear, verdict("produit_manquant")) == "produit_manquant/valeur_elevee"


def test_questions_about_the_return_are_answered_by_the_rules_of_the_shop() -> None:
    assert also("ne_veut_plus", "question", found=DELIVERED, flags=("question_retour",)) == [
        "question/sur_le_retour"
    ]
    assert also("ne_veut_plus", "question", found=DELIVERED) == ["question/reponse"]


def test_an_invoice_to_correct_does_not_hide_the_article_to_add() -> None:
    said = verdict("modification_commande", "facture", flags=("facture_modification",))
    chosen = chosen_for(WAITING, said)
    assert chosen.situation is not None and chosen.situation.id == "modification_commande/avant_expedition"
    assert [one.id for one in chosen.also] == ["facture/modification"]


def test_no_order_number_is_asked_of_somebody_who_asks_before_buying() -> None:
    assert also("question", "facture", found=None) == ["facture/question_avant_achat"]


def test_thanks_beside_a_request_ask_for_nothing() -> None:
    assert chosen_for(DELIVERED, verdict("facture", "remerciement")).also == ()


def test_what_fits_nowhere_goes_to_a_human_with_a_reason() -> None:
    chosen = choose(verdict("inconnu"), facts_of(order()), shipped_rules().situations)
    assert chosen.situation is None
    assert "inconnu" in chosen.reasons[0]


def _copy(situation: Situation, name: str, action: str = "brouillon") -> Situation:
    return situation.model_copy(
        update={"id": name, "action": situation.action.model_copy(update={"type": action})}
    )


def test_two_situations_of_equal_rank_are_both_named() -> None:
    one = chosen_for(LATE, verdict("colis_non_recu")).situation
    assert one is not None
    rivals = (_copy(one, "a/un"), _copy(one, "a/deux"))
    chosen = choose(verdict("colis_non_recu"), facts_of(LATE), rivals)
    assert chosen.situation is None
    assert "a/un" in chosen.reasons[0] and "a/deux" in chosen.reasons[0]


def test_of_equals_the_human_one_wins() -> None:
    one = chosen_for(LATE, verdict("colis_non_recu")).situation
    assert one is not None
    chosen = choose(
        verdict("colis_non_recu"), facts_of(LATE), (_copy(one, "a/un"), _copy(one, "a/deux", "humain"))
    )
    assert chosen.situation is not None and chosen.situation.id == "a/deux"


def test_no_two_situations_of_one_request_can_tie_on_the_examples_of_all() -> None:
    """Every example of every situation leaves one winner for each request, never two."""
    situations = shipped_rules().situations
    for one in situations:
        for case in one.exemples:
            for pair in combinations(("facture", "question", *(case.intentions or one.intentions[:1])), 2):
                said = verdict(*pair, flags=tuple(case.drapeaux))
                usual = {"commande_trouvee": True, "identite_verifiee": True, "place_de_marche": False}
                chosen = choose(said, {**usual, **case.faits}, situations)
                assert chosen.situation is not None, (one.id, chosen.reasons)

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.model import Address, Mentions, OrderMatch
from mailbot.ruleset.shop import Merchant
from mailbot.steps.compose import Composer, quiet_tags, with_notice
from mailbot.steps.context import Case
from mailbot.steps.guards import CaseFacts, OutputRules, case_facts
from mailbot.zone import PARIS
from tests.steps.letters import (
    AMAZON,
    CASE,
    GUARDS,
    MAIL,
    MATCH,
    MERCHANT,
    ORDER,
    VERDICT,
    composer,
    deadlines,
    with_order,
)

COMPOSER = composer()
ORDER_FACTS = (
    "CMD-2026-10458", "8V80939237982", "8L20524752032", "Tasse bleue", "39,90", "17,50", "Lyon", "Lilas",
    "11 novembre", "13 novembre", "14 novembre", "16 novembre", "17 novembre", "18 novembre", "19 novembre",
    "20 novembre", "FA-2026-00981", "Sophie Martin", "Colissimo", "incomplète",
)  # fmt: skip
UNVERIFIED = replace(MATCH, identity="unverified", mentions=Mentions())
BASE = "{% block a %}Bonjour{% endblock %} {% block reponse %}{% endblock %} {{ boutique.signature }}"


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def write(stem: str, case: Case = CASE, *also: str) -> str:
    return plain(COMPOSER.compose(stem, case, also).text)


def small(answer: str, macros: str = "", base: str = BASE) -> Composer:
    """A composer of one letter, « a/b », with this answer."""
    letter = (
        '{% extends "_base.txt.j2" %}{% block sujet %}votre essai{% endblock %}\n'
        f"{{% block reponse %}}{answer}{{% endblock %}}"
    )
    templates = {"_base.txt.j2": base, "_blocs.txt.j2": macros, "a/b.txt.j2": letter}
    return Composer(templates, OutputRules.compiled(GUARDS))


def test_a_reply_goes_back_into_its_thread() -> None:
    reply = COMPOSER.compose("colis_non_recu/delai_depasse", CASE)
    assert reply.to == MAIL.reply_to and reply.in_reply_to == "<client-1@example.org>"
    assert reply.references == ("<avant@example.org>", "<client-1@example.org>")
    assert reply.message_id.startswith("<mailbot.") and reply.message_id.endswith("@latasserie.example>")
    assert reply.missing == () and reply.blocked == ()


def test_all_copies_of_a_mail_have_one_reply_and_different_mails_different_ones() -> None:
    def reply_id(**changes: Any) -> str:
        case = replace(CASE, mail=replace(MAIL, **changes))
        return COMPOSER.compose("colis_non_recu/delai_depasse", case).message_id

    usual = reply_id()
    assert reply_id(digest="cd" * 32) == usual
    assert reply_id(text="Un autre texte.") != usual
    assert reply_id(message_id="<client-2@example.org>") != usual
    assert reply_id(sent=datetime(2026, 1, 5, 8, 0, tzinfo=PARIS)) != usual
    bare: dict[str, Any] = {"message_id": None, "sent": None}
    assert reply_id(**bare) != reply_id(**bare, digest="cd" * 32)
    assert reply_id(sender=None) != reply_id(sender=None, digest="cd" * 32)


def test_composing_twice_gives_the_same_reply() -> None:
    assert COMPOSER.compose("facture/envoi_direct", CASE) == COMPOSER.compose("facture/envoi_direct", CASE)


def test_a_mail_without_message_id_still_gets_a_reply() -> None:
    mail = replace(MAIL, message_id=None, references=("<a@x>", "<a@x>"))
    reply = COMPOSER.compose("facture/envoi_direct", replace(CASE, mail=mail))
    assert reply.in_reply_to is None and reply.references == ("<a@x>",)


def test_a_mail_nobody_can_be_answered_to_is_blocked() -> None:
    mail = replace(MAIL, sender=None, reply_to=None)
    reply = COMPOSER.compose("facture/envoi_direct", replace(CASE, mail=mail))
    assert reply.to == Address(name="", addr="") and "Aucune adresse" in reply.blocked[0]


@pytest.mark.parametrize(
    ("subject", "answer"),
    [
        ("Où est ma commande ?", "Re: Où est ma commande ?"),
        ("Re: Où est ma commande ?", "Re: Où est ma commande ?"),
        ("RE : Re:  RÉP: colis", "Re: colis"),
        ("Re[2]: colis", "Re: colis"),
        ("AW: Paket", "Re: Paket"),
        ("Réclamation", "Re: Réclamation"),
        ("Retard", "Re: Retard"),
        ("Bonjour\r\nBcc: x@example.org", "Re: Bonjour Bcc: x@example.org"),
        ("", "Re: commande CMD-2026-10458"),
        ("Re:", "Re: commande CMD-2026-10458"),
    ],
)
def test_the_subject_is_marked_once_and_stays_on_one_line(subject: str, answer: str) -> None:
    reply = COMPOSER.compose("facture/envoi_direct", replace(CASE, mail=replace(MAIL, subject=subject)))
    assert reply.subject == answer and reply.blocked == ()


def test_the_person_is_greeted_by_name_when_it_is_known() -> None:
    assert write("facture/envoi_direct").startswith("Bonjour Sophie Martin,\n\n")


def test_a_relay_s_display_name_is_no_name() -> None:
    mail = replace(
        MAIL, channel="amazon_fr", sender=Address(name="Amazon Marketplace", addr="x@relay.example")
    )
    case = replace(with_order(replace(ORDER, customer_name=None)), mail=mail)
    assert write("facture/envoi_direct", case).startswith("Bonjour,\n\n")


def test_a_missing_fact_is_a_visible_hole_named_and_blocking() -> None:
    reply = COMPOSER.compose("colis_non_recu/suivi_inconnu", with_order(replace(ORDER, tracking_number=None)))
    assert "[à compléter : numéro de suivi]" in plain(reply.text)
    assert reply.missing == ("numéro de suivi",)
    assert any("numéro de suivi" in reason for reason in reply.blocked)


def test_a_missing_fact_that_is_only_asked_about_is_no_hole() -> None:
    case = with_order(replace(ORDER, shipped_at=None, total=None, lines=()))
    reply = COMPOSER.compose("colis_non_recu/delai_depasse", case)
    assert reply.missing == () and "votre commande" in reply.text


def test_a_deadline_that_was_not_computed_is_a_hole() -> None:
    reply = COMPOSER.compose("ne_veut_plus/dans_le_delai", replace(CASE, deadlines=()))
    assert reply.missing == ("échéance « renvoi_max »", "échéance « remboursement_max »")


def test_a_return_address_nobody_filled_in_blocks_and_is_named() -> None:
    merchant = MERCHANT.model_copy(update={"adresse_retour": "", "retour_frais": None})
    reply = COMPOSER.compose("ne_veut_plus/dans_le_delai", replace(CASE, merchant=merchant))
    assert [name.split(" (")[0] for name in reply.missing] == ["adresse de retour", "qui paie le retour"]
    assert reply.blocked


@pytest.mark.parametrize("stem", sorted(COMPOSER.stems))
def test_an_unverified_writer_reads_no_fact_of_the_order(stem: str) -> None:
    reply = COMPOSER.compose(stem, replace(CASE, match=UNVERIFIED, mail=replace(MAIL, subject="Bonjour")))
    for fact in ORDER_FACTS:
        assert fact not in plain(reply.text + reply.subject + str(reply.html)), fact


def test_an_unverified_writer_reads_no_date_counted_from_the_order() -> None:
    counted = deadlines(start=datetime(2026, 11, 17, 14, 5, tzinfo=PARIS))
    case = replace(CASE, match=UNVERIFIED, deadlines=counted)
    assert case.due == {}
    assert COMPOSER.compose("ne_veut_plus/a_verifier", case).missing != ()


def test_the_number_the_writer_gave_himself_may_be_repeated() -> None:
    match = OrderMatch(
        order=None, method=None, score=0, candidates=(), identity="unverified",
        mentions=Mentions(order_refs=("CMD-1",)),
    )  # fmt: skip
    reply = COMPOSER.compose("commande/introuvable", replace(CASE, match=match))
    assert "celui que vous avez écrit, CMD-1." in plain(reply.text) and reply.blocked == ()


HOSTILE = "{{ 7*7 }} {% raw %} {{ boutique.__class__ }}\n- liste\n\n[nom] \u2028 <script>"


def test_what_customers_and_files_say_is_never_a_template() -> None:
    order = replace(
        ORDER,
        customer_name=HOSTILE,
        lines=(replace(ORDER.lines[0], label=HOSTILE),),
        extra={**ORDER.extra, "return_reason": HOSTILE},
    )
    case = replace(with_order(order), mail=replace(MAIL, subject=HOSTILE, text=HOSTILE))
    reply = COMPOSER.compose("ne_veut_plus/plusieurs_colis", case)
    assert "« {{ 7*7 }} {% raw %} {{ boutique.__class__ }} - liste [nom] <script> »" in plain(reply.text)
    assert "49" not in reply.text and "<script>" not in str(reply.html)
    assert reply.text.startswith("Bonjour Sophie M.,\n")


@settings(max_examples=60)
@given(st.text(max_size=60), st.text(max_size=60))
def test_no_content_of_mail_or_order_stops_the_composer(label: str, name: str) -> None:
    order = replace(ORDER, customer_name=name, lines=(replace(ORDER.lines[0], label=label or "x"),))
    case = replace(with_order(order), mail=replace(MAIL, subject=label, text=name))
    reply = COMPOSER.compose("colis_non_recu/delai_depasse", case)
    assert "\n\n\n" not in reply.text and "\n" not in reply.subject and reply.missing == ()


def test_further_requests_are_answered_in_the_same_letter() -> None:
    text = write(
        "colis_non_recu/delai_depasse", CASE, "facture/envoi_direct", "produit_abime/signale_sous_3_jours"
    )
    assert text.count("Bonjour") == 1 and text.count("Bien cordialement") == 1
    first, invoice, damaged = (
        text.index(words)
        for words in ("Vous avez le choix", "Au sujet de votre facture :", "Au sujet de l'article")
    )
    assert first < invoice < damaged


def test_the_same_next_step_is_said_once() -> None:
    text = write("remboursement/a_verifier", CASE, "mauvais_produit/a_verifier", "remboursement/a_verifier")
    assert text.count("Nous revenons vers vous") == 1 and text.count("Au sujet de") == 1


def test_a_further_situation_without_letter_is_passed_over() -> None:
    assert write("facture/envoi_direct", CASE, "divers/remerciement") == write("facture/envoi_direct")


def test_a_hole_in_the_answer_to_a_further_request_counts_too() -> None:
    case = with_order(replace(ORDER, refunded_at=None))
    reply = COMPOSER.compose("facture/envoi_direct", case, ("remboursement/deja_effectue",))
    assert reply.missing == ("date du remboursement",)


def test_what_the_customer_asks_for_comes_first() -> None:
    refund = replace(CASE, verdict=replace(VERDICT, remedy="remboursement"))
    again = replace(CASE, verdict=replace(VERDICT, remedy="reexpedition"))
    stem = "colis_non_recu/delai_depasse"
    assert "Nous vous remboursons 39,90 €" in write(stem, refund)
    assert "nouvel envoi" in write(stem, refund) and "remboursement complet" in write(stem, again)


def test_a_tracking_link_comes_from_the_carrier_s_rule() -> None:
    link = "https://www.laposte.fr/outils/suivre-vos-envois?code=8V80939237982"
    assert f"Page de suivi : {link}\n" in write("colis_non_recu/en_livraison")
    no_rule = write("colis_non_recu/en_livraison", replace(CASE, carriers=()))
    assert "https://" not in no_rule and "site du transporteur" in no_rule


def test_a_tracking_number_cannot_break_out_of_its_link() -> None:
    order = replace(ORDER, tracking_number='X" onmouseover="y')
    reply = COMPOSER.compose("colis_non_recu/en_livraison", with_order(order))
    assert 'href="https://www.laposte.fr/outils/suivre-vos-envois?code=X%22%20onmouseover%3D%22y"' in str(
        reply.html
    )


def test_a_marketplace_gets_no_contact_and_no_mediator_link() -> None:
    case = replace(CASE, channel=AMAZON)
    for stem in sorted(COMPOSER.stems):
        reasons = COMPOSER.compose(stem, case).blocked
        assert [reason for reason in reasons if "à compléter" not in reason] == [], stem


def test_the_usual_window_is_told_only_when_no_date_was_promised() -> None:
    order = replace(
        ORDER,
        shipped_at=datetime(2026, 11, 21, 10, 0, tzinfo=PARIS),
        estimated_delivery_min=None,
        estimated_delivery_max=None,
    )
    text = write("colis_non_recu/en_transit_dans_les_delais", with_order(order))
    assert "habituellement au plus tard le vendredi 27 novembre 2026" in text
    later = with_order(replace(order, estimated_delivery_max=CASE.now.date() + timedelta(days=2)))
    text = write("colis_non_recu/en_transit_dans_les_delais", later)
    assert (
        "La livraison est prévue au plus tard le mercredi 25 novembre 2026." in text
        and "habituell" not in text
    )


def test_the_notice_of_a_machine_comes_last_and_only_when_asked_for() -> None:
    reply = COMPOSER.compose("facture/envoi_direct", CASE)
    told = with_notice(reply, MERCHANT)
    assert "programme" not in reply.text
    assert told.text.endswith("Ce message a été préparé par un programme, sans relecture humaine.\n")
    assert "sans relecture humaine" in str(told.html) and told.missing == ()


def test_without_a_notice_nothing_leaves_alone() -> None:
    told = with_notice(COMPOSER.compose("facture/envoi_direct", CASE), Merchant(nom="X", signature="Y"))
    assert told.missing != ()


def test_the_reply_carries_the_facts_an_edited_text_is_held_to() -> None:
    reply = COMPOSER.compose("facture/envoi_direct", CASE)
    assert CaseFacts.from_json(reply.facts) == case_facts(CASE)


def test_templates_cannot_reach_python() -> None:
    for attempt in (
        "{{ client.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ commande.articles.append(1) }}",
    ):
        with pytest.raises(Exception, match=r"unsafe|undefined|has no attribute"):
            small(attempt).compose("a/b", CASE)


def test_an_unknown_word_is_an_error_not_an_empty_place() -> None:
    with pytest.raises(Exception, match="numro"):
        small("{{ commande.numro }}").compose("a/b", CASE)


def test_a_line_of_tags_leaves_no_line_and_a_tag_at_a_line_s_end_glues_nothing() -> None:
    answer = "\nUn{% if client.nom %} deux{% endif %}\n{% if client.nom %}\ntrois.\n{% endif %}\n\nQuatre\n"
    assert plain(small(answer).compose("a/b", CASE).text).startswith("Bonjour Un deux trois.\n\nQuatre")
    source = "a\n{% if x %}\nb\n{# c #}\n{% endif %}\n"
    assert quiet_tags(source).count("\n") == source.count("\n")


@pytest.mark.parametrize(
    ("named", "written"),
    [("GEODIS", True), ("Heppner & Cie", True), ("http://colis.example/suivi", False), ("x" * 60, False)],
)
def test_an_unknown_carrier_is_named_only_when_it_has_a_name(named: str, written: bool) -> None:
    assert CASE.match.order is not None
    order = replace(CASE.match.order, carrier=named)
    case = replace(CASE, match=replace(CASE.match, order=order), carriers=())
    assert (named in write("colis_non_recu/en_livraison", case)) is written

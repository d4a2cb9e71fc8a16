"""Clues of a mail, and the order chosen among what they point at; a wrong order is far worse than none."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from mailbot.identifiers import fold_id
from mailbot.model import Address, Authentication, Clues, Finding, Mail, Order, OrderMatch
from mailbot.steps.match import choose, find_clues
from tests.numbers import LEA, mail, order, reader_for

PAUL = Address(name="Paul Le Goff", addr="paul@mail.example")
STRANGER = Address(name="", addr="inconnu@ailleurs.example")
SHOP = [
    order(number, f"c{i}@mail.example", name=f"Client Numéro{i}")
    for i, number in enumerate(["GHTAYOKOS", "ATLLTOESP", "EHPRUTTCI", "TUCPCXJKE", "QZRTVBNMK"])
]
SERIES = [order(f"{41000 + i}", f"c{i}@mail.example", name=f"Client Numéro{i}") for i in range(200)]


def found(clues: Clues, orders: Sequence[Order]) -> list[Finding]:
    """What exact look-ups of the clues find among a few orders."""
    findings = []
    for item in orders:
        if fold_id(item.order_id) in clues.refs:
            findings.append(Finding(order=item, method="order_ref", clue=fold_id(item.order_id)))
        if item.tracking_number and fold_id(item.tracking_number) in clues.tracking:
            findings.append(Finding(order=item, method="tracking", clue=fold_id(item.tracking_number)))
        if item.customer_email in clues.emails:
            findings.append(Finding(order=item, method="email", clue=str(item.customer_email)))
    return findings


def matched(
    written: Mail, orders: Sequence[Order], *more: Finding, intents: Sequence[str] = ()
) -> OrderMatch:
    reader = reader_for([*orders, *SHOP])
    clues = find_clues(written, reader)
    return choose(written, clues, [*found(clues, orders), *more], reader, intents)


def test_an_order_named_by_its_number_is_chosen_and_its_customer_verified() -> None:
    mine = order("LOFCHCAAS")
    match = matched(mail("Où en est ma commande LOFCHCAAS ?"), [mine, *SHOP])
    assert match.order is mine
    assert (match.method, match.identity) == ("order_ref", "verified")
    assert "numéro LOFCHCAAS écrit dans le mail" in match.reasons
    assert match.mentions.order_refs == ("LOFCHCAAS",)


@pytest.mark.parametrize(
    "written",
    [
        mail("la commande lofchcaas svp"),
        mail("ma commande lof chc aas n'est pas là"),
        mail("bonjour", "commande lofchcaas"),
        mail("bonjour", quoted="> Référence : LOFCHCAAS"),
        mail("voir la photo", attachments=["facture_LOFCHCAAS.pdf"]),
        mail("LOFCHCAAS,casque en panne"),
    ],
)
def test_a_number_is_read_wherever_and_however_it_is_written(written: Mail) -> None:
    mine = order("LOFCHCAAS")
    assert matched(written, [mine]).order is mine


def test_a_parcel_number_leads_to_its_order() -> None:
    mine = order("LOFCHCAAS", tracking="6A66993180877")
    match = matched(mail("colis 6A66993180877 toujours rien", sender=STRANGER), [mine])
    assert (match.order, match.method, match.identity) == (mine, "tracking", "unverified")
    assert match.mentions.tracking == ("6A66993180877",)


def test_a_known_address_with_one_order_is_enough() -> None:
    mine = order("LOFCHCAAS")
    match = matched(mail("je n'ai rien reçu"), [mine])
    assert (match.order, match.method, match.identity) == (mine, "email", "verified")


def test_nobody_known_is_no_order() -> None:
    match = matched(mail("avez-vous un catalogue ?", sender=STRANGER), [order("LOFCHCAAS")])
    assert match.order is None
    assert match.candidates == ()
    assert match.reasons == ("aucune commande ne correspond à ce mail",)


def test_an_order_placed_after_the_mail_is_not_its_order() -> None:
    assert matched(mail("je n'ai rien reçu"), [order("LOFCHCAAS", days=-3)]).order is None


def test_among_several_orders_the_products_named_decide() -> None:
    lamp, robe = (
        order("LOFCHCAAS", label="Lampe de chevet Oslo"),
        order("EULQQZYAM", label="Robe longue Amalfi"),
    )
    match = matched(mail("la robbe est déchirée"), [lamp, robe])
    assert match.order is robe
    assert any("article cité (robe)" in reason for reason in match.reasons)
    assert [candidate.order for candidate in match.candidates] == [lamp]


def test_among_several_orders_nothing_tells_apart_none_is_chosen() -> None:
    orders = [
        order("LOFCHCAAS", label="Lampe Oslo", days=20),
        order("EULQQZYAM", label="Lampe Oslo", days=22),
    ]
    match = matched(mail("ma lampe est cassée"), orders)
    assert match.order is None
    assert {candidate.order.order_id for candidate in match.candidates} == {"LOFCHCAAS", "EULQQZYAM"}
    assert match.identity == "unverified"


def test_the_only_recent_order_is_chosen_without_a_word() -> None:
    old, new = order("LOFCHCAAS", days=300), order("EULQQZYAM", days=4)
    assert matched(mail("toujours rien reçu"), [old, new]).order is new


def test_what_the_mail_wants_speaks_for_the_order_in_that_state() -> None:
    waiting, arrived = order("LOFCHCAAS", status="processing"), order("EULQQZYAM", status="delivered")
    wanted = matched(mail("changez l'adresse"), [waiting, arrived], intents=["modification_commande"])
    assert wanted.order is waiting


def test_two_orders_named_without_a_word_between_them_are_left_open() -> None:
    orders = [order("LOFCHCAAS"), order("EULQQZYAM", days=21)]
    match = matched(mail("commandes LOFCHCAAS et EULQQZYAM"), orders)
    assert match.order is None
    assert len(match.candidates) == 2
    assert match.mentions.order_refs == ("LOFCHCAAS", "EULQQZYAM")


def test_the_number_the_writer_gives_goes_before_the_quoted_one() -> None:
    orders = [order("LOFCHCAAS"), order("EULQQZYAM")]
    match = matched(mail("non, c'est la EULQQZYAM", quoted="> commande LOFCHCAAS"), orders)
    assert match.order is orders[1]


def test_somebody_elses_order_may_be_named_but_its_facts_stay_secret() -> None:
    mine, other = order("LOFCHCAAS"), order("EULQQZYAM", "paul@mail.example", name="Paul Le Goff")
    match = matched(mail("commande EULQQZYAM svp"), [mine, other])
    assert match.order is other
    assert match.identity == "unverified"
    assert any("n'est pas à l'adresse qui écrit" in reason for reason in match.reasons)


def test_an_unknown_order_number_does_not_become_the_writers_other_order() -> None:
    match = matched(mail("ma commande 408-1111111-9999999 n'arrive pas"), [order("LOFCHCAAS")])
    assert match.order is None
    assert match.mentions.order_refs == ("408-1111111-9999999",)
    assert [candidate.order.order_id for candidate in match.candidates] == ["LOFCHCAAS"]


def test_a_running_number_of_another_customer_is_taken_for_a_slip() -> None:
    mine = replace(SERIES[100], customer_email=LEA.addr)
    match = matched(mail("commande 41101 pas reçue"), [mine, *SERIES[101:110]])
    assert match.order is mine
    assert any("à une faute près" in reason for reason in match.reasons)


def test_a_running_number_far_from_the_writers_own_is_left_open() -> None:
    mine = replace(SERIES[100], customer_email=LEA.addr)
    match = matched(mail("commande 41055 pas reçue"), [mine, *SERIES[:100]])
    assert match.order is None
    assert match.candidates[0].order.order_id == "41055"


def test_the_writers_order_cut_short_is_recognised() -> None:
    mine = order("402-4141461-6514555")
    match = matched(mail("", "402-4141461-651455 pas arrivée"), [mine])
    assert (match.order, match.method) == (mine, "order_ref")
    assert match.mentions.order_refs == ("402-4141461-651455",)


def test_a_misspelt_number_that_nothing_confirms_is_left_open() -> None:
    reader = reader_for(SERIES)
    written = mail("commande 410999", sender=STRANGER)
    near = Finding(order=SERIES[99], method="order_ref", clue="410999")
    match = choose(written, find_clues(written, reader), [near], reader)
    assert match.order is None
    assert match.candidates[0].order is SERIES[99]


def test_a_misspelt_number_among_sparse_ones_is_recognised_from_anywhere() -> None:
    mine = order("LOFCHCAAS")
    near = Finding(order=mine, method="order_ref", clue="LOFHCCAAS")
    match = matched(mail("commande LOFHCCAAS", sender=STRANGER), [], near)
    assert (match.order, match.identity) == (mine, "unverified")
    assert match.mentions.order_refs == ("LOFHCCAAS",)


def test_a_misspelt_number_near_a_strangers_order_is_left_open() -> None:
    mine, other = order("LOFCHCAAS"), order("EULQQZYAM", "paul@mail.example", name="Paul Le Goff")
    near = Finding(order=other, method="order_ref", clue="EULQZQYAM")
    assert matched(mail("commande EULQZQYAM"), [mine], near).order is None


def test_a_name_and_a_product_lead_to_an_order_that_stays_unverified() -> None:
    mine = order("LOFCHCAAS", "lea@travail.example", label="Lampe de chevet Oslo")
    by_name = Finding(order=mine, method="name", clue="lea martin")
    match = matched(mail("ma lampe clignote"), [], by_name)
    assert (match.order, match.method, match.identity) == (mine, "name", "unverified")


def test_a_name_alone_is_not_enough() -> None:
    mine = order("LOFCHCAAS", "lea@travail.example", label="Lampe de chevet Oslo")
    match = matched(mail("toujours rien"), [], Finding(order=mine, method="name", clue="lea martin"))
    assert match.order is None
    assert [candidate.order for candidate in match.candidates] == [mine]


def test_our_thread_leads_to_its_order_and_verifies_only_its_own_writer() -> None:
    mine = order("LOFCHCAAS", "autre@mail.example")
    known = Finding(order=mine, method="thread", clue="LOFCHCAAS", vouched=True)
    match = matched(mail("voici la photo"), [], known)
    assert (match.order, match.method, match.identity) == (mine, "thread", "verified")
    match = matched(mail("voici la photo"), [], replace(known, vouched=False))
    assert (match.order, match.method, match.identity) == (mine, "thread", "unverified")


@pytest.mark.parametrize(
    ("stated", "identity"),
    [
        (Authentication(), "verified"),
        (Authentication(spf="pass", dkim="pass", dmarc="pass"), "verified"),
        (Authentication(spf="fail", dkim="pass", dmarc="pass"), "verified"),
        (Authentication(dmarc="fail"), "unverified"),
        (Authentication(spf="fail"), "unverified"),
        (Authentication(spf="fail", dkim="fail"), "unverified"),
        (Authentication(spf="softfail", dkim="none"), "unverified"),
        (Authentication(spf="none", dkim="fail"), "unverified"),
    ],
)
def test_a_forged_sender_is_not_verified(stated: Authentication, identity: str) -> None:
    written = replace(mail("commande LOFCHCAAS"), authentication=stated)
    assert matched(written, [order("LOFCHCAAS")]).identity == identity


def test_an_answer_that_would_go_elsewhere_is_not_verified() -> None:
    match = matched(mail("commande LOFCHCAAS", reply_to=PAUL), [order("LOFCHCAAS")])
    assert match.identity == "unverified"
    assert any("autre adresse" in reason for reason in match.reasons)


def test_at_most_five_candidates_are_named() -> None:
    orders = [order(number, label="Lampe") for number in ("AAAQWERTY", "BBBQWERTY", "CCCQWERTY", "DDDQWERTY")]
    orders += [order(number, label="Lampe") for number in ("EEEQWERTY", "FFFQWERTY", "GGGQWERTY")]
    match = matched(mail("bonjour"), orders)
    assert match.order is None
    assert len(match.candidates) == 5


def test_addresses_and_names_become_clues() -> None:
    clues = find_clues(
        mail("J'ai commandé avec Lea.Pro@travail.example.\nMerci\nMartine DUPONT"), reader_for(SHOP)
    )
    assert clues.emails == ("lea@mail.example", "lea.pro@travail.example")
    assert "lea martin" in clues.names
    assert "dupont martine" in clues.names


def test_our_own_address_is_no_clue() -> None:
    assert find_clues(mail("écrit à contact@boutique.example"), reader_for()).emails == ("lea@mail.example",)


def test_an_empty_mail_without_sender_has_no_clue() -> None:
    clues = find_clues(mail(sender=None), reader_for(SHOP))
    assert (clues.refs, clues.tracking, clues.emails, clues.names) == ((), (), (), ())

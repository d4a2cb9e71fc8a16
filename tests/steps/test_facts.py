"""Facts come from the data, and what the data does not say stays unknown."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.model import Attachment, History, Line
from mailbot.steps.facts import carrier_of, gather, value_of
from mailbot.vocabulary import FACTS
from mailbot.zone import PARIS
from tests.steps.scenes import NOW, ago, facts_of, mail, match, order, shipped_rules, verdict


def test_every_fact_of_the_vocabulary_is_there_and_no_other() -> None:
    assert tuple(facts_of(order())) == tuple(FACTS)


def test_without_an_order_nothing_is_said_of_an_order() -> None:
    facts = facts_of(None, verdict("colis_non_recu"))
    known = {name for name, value in facts.items() if value is not None}
    assert known == {
        "langue", "demande_principale", "pieces_jointes", "demandes_precedentes", "deuxieme_reclamation",
        "commande_trouvee", "plusieurs_candidats", "identite_verifiee", "avis_automatique",
    }  # fmt: skip
    assert facts["commande_trouvee"] is False


def test_a_bare_order_leaves_almost_everything_unknown() -> None:
    facts = facts_of(order())
    for name in ("expediee", "livree", "suivi", "rembourse", "retour_recu", "valeur_elevee", "acheteur_societe",
                 "personnalise", "dans_delai_retractation", "reclamation_ouverte", "livraison_max_depassee",
                 "preuve_livraison", "plusieurs_colis", "repare", "sans_suivi", "statut"):  # fmt: skip
        assert facts[name] is None, name


def test_facts_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        facts_of(order())["expediee"] = True  # type: ignore[index]


def test_the_message_and_its_history_are_facts() -> None:
    said = verdict("colis_non_recu", remedy="remboursement")
    found = order()
    book = shipped_rules()
    facts = gather(
        mail(attachments=(Attachment(filename="p.jpg", content_type="image/jpeg", size=9),)), said, match(found),
        History(earlier_cases=3, same_complaint_order_ids=frozenset({"A1"})), merchant=book.merchant,
        channels=book.channels, rules=book.counting, now=NOW,
    )  # fmt: skip
    assert facts["pieces_jointes"] is True
    assert facts["demandes_precedentes"] == 3
    assert facts["deuxieme_reclamation"] is True
    assert facts["remede_demande"] == "remboursement"


def test_the_channel_says_whether_it_is_a_marketplace() -> None:
    assert facts_of(order(channel="cdiscount"))["place_de_marche"] is True
    assert facts_of(order(channel="site"))["place_de_marche"] is False
    assert facts_of(order(channel="inconnu"))["canal"] == "autre"


def test_the_value_is_the_total_else_the_sum_of_all_lines() -> None:
    priced = Line(sku="S", label="L", qty=2, unit_price=Decimal("60"))
    free = Line(sku="S", label="L", qty=1, unit_price=None)
    assert value_of(order(lines=(priced,))) == 120
    assert value_of(order(lines=(priced, free))) is None
    assert value_of(order(total=Decimal("9.90"), lines=(priced,))) == Decimal("9.90")
    assert facts_of(order(total=Decimal("100")))["valeur_elevee"] is True
    assert facts_of(order(total=Decimal("99.99")))["valeur_elevee"] is False


def test_a_company_is_known_by_the_file_or_by_its_vat_number() -> None:
    assert facts_of(order({"buyer_type": "company"}))["acheteur_societe"] is True
    assert facts_of(order({"buyer_type": "consumer", "company_name": "X"}))["acheteur_societe"] is False
    assert facts_of(order({"vat_number": "FR00123456789"}))["acheteur_societe"] is True
    assert facts_of(order({"buyer_type": "???"}))["acheteur_societe"] is None


def test_further_columns_are_read_as_values() -> None:
    facts = facts_of(
        order(
            {"claim_open": "yes", "personalised": "no", "goods_condition": "used", "shipping_amount": "0",
             "free_shipping_threshold": "49", "invoice_number": "F-1"},
            fulfilment="platform",
        )
    )  # fmt: skip
    assert facts["reclamation_ouverte"] is True
    assert facts["personnalise"] is False
    assert facts["biens_occasion"] is True
    assert facts["port_offert_par_seuil"] is True
    assert facts["expedie_par_plateforme"] is True
    assert facts["facture_connue"] is True


@pytest.mark.parametrize(
    ("name", "carrier"),
    [("Colissimo", "colissimo"), ("La Poste - Lettre suivie", "laposte_courrier"), ("MONDIAL_RELAY", "mondial_relay"),
     ("Transports Dupont", None), (None, None)],
)  # fmt: skip
def test_a_carrier_is_recognised_by_its_words(name: str | None, carrier: str | None) -> None:
    assert carrier_of(name, shipped_rules().carriers) == carrier


ODD = (
    "claim_open", "withdrawal_received_at", "return_received_at", "repairs_done", "pickup_deadline",
    "delivered_at_2", "label_weight_g", "shipping_amount", "merchant_position", "repaired_at",
)  # fmt: skip


def test_odd_columns_are_unknown_and_never_an_error() -> None:
    odd = order(
        dict.fromkeys(ODD, "n'importe quoi"),
        delivery_proof="???", status="???", tracking_status="???", fulfilment="???",
        delivered_at=datetime(1, 1, 2, tzinfo=PARIS), estimated_delivery_max=date(1, 1, 1),
    )  # fmt: skip
    facts = facts_of(odd)
    assert facts["reclamation_ouverte"] is None
    assert facts["preuve_livraison"] is None
    assert facts["jours_depuis_livraison"] is None


CELLS = st.one_of(
    st.text(max_size=12), st.datetimes().map(datetime.isoformat), st.dates().map(date.isoformat),
    st.sampled_from(["yes", "no", "1e9", "NaN", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"]),
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    extra=st.dictionaries(
        st.sampled_from((*ODD, "claim_opened_at", "shipped_at_2", "tracking_status_2")), CELLS
    )
)
def test_no_cell_of_an_orders_file_makes_the_facts_fail(extra: dict[str, str]) -> None:
    facts = facts_of(order(extra, status="returned"))
    assert tuple(facts) == tuple(FACTS)


def test_facts_take_less_than_half_a_millisecond() -> None:
    found = order(
        {"withdrawal_received_at": "2026-06-02", "return_received_at": "2026-06-10"}, status="delivered",
        shipped_at=ago(days=12), delivered_at=ago(days=9), tracking_status="livre", total=Decimal("42"),
        estimated_delivery_max=(NOW - timedelta(days=6)).date(), carrier="colissimo",
    )  # fmt: skip
    facts_of(found)
    began = process_time()
    for _ in range(50):
        facts_of(found)
    assert (process_time() - began) / 50 < 0.002  # 0.3 ms alone on this machine; room for slower ones

"""Every row of the decision table, from the columns of an order to the row that decides."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from mailbot.model import History, Order
from mailbot.steps.choose import choose
from mailbot.steps.decide import decide
from mailbot.zone import PARIS
from tests.steps.scenes import NOW, ago, facts_of, mail, match, order, reply, shipped_rules, verdict

LATE, FUTURE = (NOW - timedelta(days=2)).date(), (NOW + timedelta(days=4)).date()
LOST, WITHDRAW = "colis_non_recu", "ne_veut_plus"


@dataclass(frozen=True)
class Row:
    """One row: the order, what is asked, and whether a human must decide."""

    name: str
    order: Order | None
    asks: tuple[str, ...]
    human: bool = False
    remedy: str | None = None
    flags: tuple[str, ...] = ()
    context: dict[str, Any] = field(default_factory=dict)


def row(name: str, found: Order | None, *asks: str, **more: Any) -> Row:
    return Row(name=name, order=found, asks=asks, **more)


def here(**changes: Any) -> Order:
    """Not dispatched."""
    return order(**{"status": "processing", "total": 40, "estimated_delivery_max": FUTURE, **changes})


def sent(tracking: str | None, days: float, extra: dict[str, str] | None = None, /, **changes: Any) -> Order:
    """Dispatched `days` ago."""
    usual = {"status": "shipped", "total": 40, "estimated_delivery_max": FUTURE, "tracking_number": "T1"}
    shipped_at = ago(days=days)
    return order(extra, **{**usual, "shipped_at": shipped_at, "tracking_status": tracking, **changes})


def there(days: float, extra: dict[str, str] | None = None, /, **changes: Any) -> Order:
    """Delivered `days` ago."""
    usual = {"status": "delivered", "total": 40, "tracking_status": "livre", "delivered_at": ago(days=days)}
    return order(
        extra, **{**usual, "placed_at": ago(days=days + 4), "shipped_at": ago(days=days + 2), **changes}
    )


SILENT = {"tracking_last_event_at": ago(hours=50)}
SECOND = {"tracking_number_2": "T2", "shipped_at_2": ago(days=1).isoformat()}
BACK = {"return_received_at": ago(days=3).isoformat(), "withdrawal_received_at": ago(days=9).isoformat()}
AGAIN = {"history": History(same_complaint_order_ids=frozenset({"A1"}))}

TABLE = [
    row("NR01", here(ship_by=ago(days=-1)), LOST),
    row("NR02", here(ship_by=ago(days=1)), LOST),
    row("NR03", sent("inconnu", 0.5), LOST),
    row("NR04", sent("inconnu", 2), LOST),
    row("NR05", sent("inconnu", 4), LOST, human=True),
    row("NR06", sent("inconnu", 35, carrier="La Poste courrier suivi", estimated_delivery_max=LATE), LOST, human=True),
    row("NR07", sent("en_transit", 2, tracking_last_event_at=ago(hours=9)), LOST),
    row("NR07", sent("pris_en_charge", 1, country="CH", postal_code="1201", estimated_delivery_max=None), LOST),
    row("NR08", sent("en_transit", 4, carrier="laposte_courrier", **SILENT), LOST),
    row("NR09", sent("bloque", 4, carrier="Colissimo"), LOST),
    row("NR09", sent("en_livraison", 4, carrier="Mondial Relay", **SILENT), LOST),
    row("NR10", sent("bloque", 9, estimated_delivery_max=LATE), LOST),
    row("NR10", sent("en_transit", 9, estimated_delivery_max=LATE), LOST, remedy="remboursement"),
    row("NR10", sent("en_transit", 8, estimated_delivery_max=None), LOST),
    row("NR11", sent("bloque", 9, estimated_delivery_max=LATE, total=240), LOST, human=True),
    row("NR11", sent("bloque", 9, estimated_delivery_max=LATE), LOST, human=True, context=AGAIN),
    row("NR12", there(2, carrier="Colissimo"), LOST),
    row("NR13", there(6, carrier="Colissimo", delivery_proof="none"), LOST),
    row("NR13", there(6, carrier="Colissimo", total=240), LOST, human=True),
    row("NR14", there(6, delivery_proof="signature"), LOST, human=True),
    row("NR15", there(2, carrier="Lettre suivie"), LOST),
    row("NR15", there(2, carrier="Lettre suivie"), LOST, human=True, context=AGAIN),
    row("NR16", sent("en_point_relais", 4), LOST),
    row("NR17", sent("retour", 8), LOST),
    row("NR18", sent("douane", 9, country="CA", tracking_last_event_at=ago(days=6)), LOST),
    row("NR19", sent("perdu", 9), LOST),
    row("NR20", sent(None, 2, channel="amazon_fr", estimated_delivery_max=None, country=None), LOST),
    row("NR21", sent("en_transit", 2, {"claim_open": "yes"}, channel="amazon_fr"), LOST, human=True),
    row("NR22", there(1, channel="amazon_fr", refunded_at=ago(days=4)), "question", human=True),
    row("NR23", sent("en_transit", 9, estimated_delivery_max=LATE), LOST, remedy="information"),
    row("NR24", sent("en_transit", 9, estimated_delivery_max=LATE), LOST, human=True, flags=("mise_en_demeure",)),
    row("NR25", sent("en_transit", 9, channel="amazon_fr", fulfilment="platform"), LOST),
    row("NR26", there(2, {"label_postal_code": "13001"}), LOST, human=True),
    row("NR27", here(estimated_delivery_max=LATE), LOST, human=True),
    row("NR28", sent("en_livraison", 3, tracking_last_event_at=ago(hours=3)), LOST),
    row("NR29", sent("douane", 22, country="CA", tracking_last_event_at=ago(days=17)), LOST, human=True),
    row("NR30", sent(None, 3, carrier="Lettre verte", tracking_number=None), LOST),
    row("NR30", sent(None, 9, carrier="Lettre verte", tracking_number=None, estimated_delivery_max=LATE), LOST,
        human=True),
    row("RT01", here(), WITHDRAW),
    row("RT02", sent("en_transit", 2), WITHDRAW, remedy="retour"),
    row("RT03", there(5), WITHDRAW),
    row("RT04", there(30, {"withdrawal_info_given": "yes"}), WITHDRAW, human=True),
    row("RT05", there(30), WITHDRAW, human=True),
    row("RT05", there(30, {"withdrawal_info_given": "no"}), WITHDRAW, human=True),
    row("RT06", there(5, {"personalised": "yes"}), WITHDRAW, human=True),
    row("RT07", there(5), WITHDRAW, human=True, flags=("produit_utilise",)),
    row("RT08", there(20, SECOND), WITHDRAW),
    row("RT09", there(40, {**BACK, "withdrawal_received_at": ago(days=20).isoformat()}, status="returned"),
        "remboursement", human=True),
    row("RT10", there(5, {"buyer_type": "company"}), WITHDRAW, human=True),
    row("RT11", there(5, channel="rakuten"), WITHDRAW),
    row("RT12", there(5, {"withdrawal_received_at": ago(hours=2).isoformat()}), WITHDRAW),
    row("RT13", there(5, {"shipping_amount": "0", "free_shipping_threshold": "35"}, lines=()), WITHDRAW, human=True,
        flags=("retour_partiel",)),
    row("MP01", there(5), "mauvais_produit"),
    row("MP02", there(5, total=300), "mauvais_produit", human=True),
    row("MP02", there(5, {"picking_record": "SKU1 x1"}), "mauvais_produit", human=True),
    row("AB01", there(2), "produit_abime"),
    row("AB02", there(6), "produit_abime"),
    row("AB03", there(2), "produit_abime", remedy="remboursement"),
    row("AB04", there(2), "produit_abime", human=True, flags=("danger",)),
    row("PA01", there(200), "produit_en_panne"),
    row("PA02", there(200, {"repairs_done": "1"}), "produit_en_panne", human=True),
    row("PA03", there(800), "produit_en_panne", human=True),
    row("PA04", there(500, {"goods_condition": "used"}, channel="backmarket"), "produit_en_panne", human=True),
    row("PA05", there(200, {"merchant_position": "refus"}), "produit_en_panne", human=True),
    row("PA06", there(200, {"remedy_chosen": "reparation", "remedy_done": "remplacement",
                            "replacement_delivered_at": ago(days=3).isoformat()}), "produit_en_panne", human=True),
    row("MA01", there(2, SECOND), "produit_manquant"),
    row("MA01", there(2, SECOND), LOST),
    row("MA02", there(2), "produit_manquant"),
    row("MA03", there(2, total=300), "produit_manquant", human=True),
    row("MA03", there(2, {"label_weight_g": "1200"}), "produit_manquant", human=True),
    row("FA01", there(5), "facture"),
    row("FA02", there(5, channel="cdiscount"), "facture"),
    row("FA03", there(5), "facture", human=True, flags=("facture_modification",)),
    row("AN01", sent("en_transit", 2), WITHDRAW, remedy="annulation"),
    row("AD01", here(), "modification_commande", human=True),
    row("AD02", sent("en_transit", 2), "modification_commande"),
    row("QP01", None, "question", human=True),
    row("RM01", there(20, status="refunded", refunded_at=ago(days=4)), "remboursement"),
    row("RM02", there(20, BACK, status="returned"), "remboursement"),
    row("LG01", None, "litige", human=True, flags=("menace_juridique",)),
    row("LG02", None, "question", human=True, flags=("donnees_personnelles",)),
    row("LG03", there(2), "produit_abime", flags=("avis_negatif",)),
    row("LG04", there(2), "produit_abime", human=True, flags=("detresse",)),
    row("LG05", None, "hors_sujet"),
    row("LG06", None, LOST),
    row("LG07", there(2), LOST, human=True, context={"identity": "unverified"}),
]  # fmt: skip
NOT_SITUATIONS = {"LG08", "LG09"}  # rows of garde_fous.toml


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case.name)
def test_the_row_decides(case: Row) -> None:
    book = shipped_rules()
    said = verdict(*case.asks, remedy=case.remedy, flags=case.flags)
    facts = facts_of(case.order, said, **case.context)
    chosen = choose(said, facts, book.situations)
    matched = match(case.order, case.context.get("identity", "verified"))
    decision = decide(mail(), said, matched, chosen, reply(), History(), book.guards)
    assert decision.row == case.name, (decision.situation, dict(facts))
    expected = "human" if case.human else "ignore" if case.name == "LG05" else "draft"
    assert decision.action == expected, decision.reasons


def test_every_row_is_in_this_table() -> None:
    rows = {one.ligne for one in shipped_rules().situations if one.ligne}
    assert {case.name for case in TABLE} == rows
    assert not rows & NOT_SITUATIONS


def test_an_instruction_to_the_machine_is_set_aside_and_the_request_is_handled() -> None:
    book, said = shipped_rules(), verdict("facture", flags=("instruction_bot",))
    chosen = choose(said, facts_of(there(5), said), book.situations)
    decision = decide(mail(), said, match(there(5)), chosen, reply(), History(), book.guards, shadow=True)
    assert (decision.action, decision.row) == ("human", "LG08")
    assert decision.situation == "facture/envoi_direct"


def test_a_customer_s_right_is_counted_in_his_own_region() -> None:
    """Good Friday is a holiday in Strasbourg: the fourteenth day rolls over it there, not in Nantes."""
    received = datetime(2026, 4, 4, 9, 0, tzinfo=PARIS)  # Saturday; the 14th day was Friday 3 April
    for postal_code, wanted in (("67000", "RT03"), ("44000", "RT05")):
        found = order(postal_code=postal_code, delivered_at=datetime(2026, 3, 20, 12, tzinfo=PARIS), status="delivered",
                      placed_at=datetime(2026, 3, 15, tzinfo=PARIS))  # fmt: skip
        said = verdict(WITHDRAW)
        chosen = choose(said, facts_of(found, said, now=received), shipped_rules().situations)
        assert chosen.situation is not None and chosen.situation.ligne == wanted

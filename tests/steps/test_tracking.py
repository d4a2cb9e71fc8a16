"""Carriers' codes and labels in ten words, and orders whose file holds them."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from mailbot import tracking_book
from mailbot.errors import RuleError
from mailbot.model import Order
from mailbot.ruleset.carriers import CarrierDuty
from mailbot.steps.tracking import TrackingStatus, normalise, understood
from mailbot.tracking_rules import StatusLabels, StatusSource, TrackingRules
from mailbot.vocabulary import TRACKING
from tests.steps.scenes import NOW, ROOT, ago, facts_of, order, shipped_rules

# As published by the services, apart from rules/: a rule changed by mistake shows here.
LA_POSTE = {
    "DR1": "inconnu", "DR2": "bloque", "PC1": "pris_en_charge", "PC2": "pris_en_charge", "ET1": "en_transit",
    "ET2": "en_transit", "ET3": "en_transit", "ET4": "en_transit", "EP1": "en_transit", "DO1": "douane",
    "DO2": "en_transit", "DO3": "douane", "ID0": "douane", "PB1": "bloque", "PB2": "en_transit",
    "MD2": "en_livraison", "ND1": "bloque", "AG1": "en_point_relais", "RE1": "retour", "DI0": "livre",
    "DI1": "livre", "DI2": "retour", "DI3": "en_transit",
}  # fmt: skip
COLISSIMO = {
    "COMCFM": "inconnu", "PCHMQT": "inconnu", "PCHCFM": "pris_en_charge", "AARDVY": "en_transit",
    "AARCFM": "en_transit", "DEPGUI": "pris_en_charge",
}  # fmt: skip
SEVENTEEN = {
    "NotFound_Other": "inconnu", "NotFound_InvalidCode": "inconnu", "InfoReceived": "inconnu",
    "InTransit_PickedUp": "pris_en_charge", "InTransit_Other": "en_transit", "InTransit_Departure": "en_transit",
    "InTransit_Arrival": "en_transit", "InTransit_CustomsProcessing": "douane",
    "InTransit_CustomsReleased": "en_transit", "InTransit_CustomsRequiringInformation": "douane",
    "Expired_Other": "bloque", "AvailableForPickup_Other": "en_point_relais", "OutForDelivery_Other": "en_livraison",
    "DeliveryFailure_Other": "bloque", "DeliveryFailure_NoBody": "bloque", "DeliveryFailure_Security": "bloque",
    "DeliveryFailure_Rejected": "retour", "DeliveryFailure_InvalidAddress": "bloque", "Delivered_Other": "livre",
    "Exception_Other": "bloque", "Exception_Returning": "retour", "Exception_Returned": "retour",
    "Exception_NoBody": "bloque", "Exception_Security": "douane", "Exception_Damage": "bloque",
    "Exception_Damaged": "bloque", "Exception_Rejected": "retour", "Exception_Delayed": "en_transit",
    "Exception_Lost": "perdu", "Exception_Destroyed": "perdu", "Exception_Cancel": "inconnu",
}  # fmt: skip
AFTERSHIP = {
    "Pending": "inconnu", "InfoReceived": "inconnu", "InTransit": "en_transit", "OutForDelivery": "en_livraison",
    "AttemptFail": "bloque", "AvailableForPickup": "en_point_relais", "Delivered": "livre", "Exception": "bloque",
    "Expired": "bloque",
}  # fmt: skip
TRACKINGMORE = {
    "pending": "inconnu", "notfound": "inconnu", "inforeceived": "inconnu", "transit": "en_transit",
    "pickup": "en_livraison", "delivered": "livre", "undelivered": "bloque", "exception": "bloque",
    "expired": "bloque",
}  # fmt: skip
DHL = {
    "pre-transit": "inconnu", "transit": "en_transit", "delivered": "livre", "failure": "bloque", "unknown": "inconnu"
}  # fmt: skip
PUBLISHED = {
    "la_poste_suivi_v2": LA_POSTE, "colissimo_historique": COLISSIMO, "17track": SEVENTEEN,
    "aftership": AFTERSHIP, "trackingmore": TRACKINGMORE, "dhl": DHL,
}  # fmt: skip
EVERY_CODE = [(source, code, word) for source, codes in PUBLISHED.items() for code, word in codes.items()]


def rules() -> TrackingRules:
    return shipped_rules().tracking


def word(raw: str | None, source: str | None = None) -> str | None:
    found = normalise(raw, source, rules())
    return found.status if found else None


def read(found: Order) -> Order:
    return understood(found, rules(), NOW)


@pytest.mark.parametrize(("source", "code", "expected"), EVERY_CODE)
def test_every_published_code_is_read_in_any_case_with_or_without_its_source(
    source: str, code: str, expected: str
) -> None:
    for raw in (code, code.lower(), code.upper(), f"  {code} "):
        assert word(raw, source) == expected
        assert word(raw) == expected


def test_no_code_of_the_rules_has_two_meanings() -> None:
    unread = [code for source in rules().sources for code in source.codes if word(code) is None]
    assert unread == []


@pytest.mark.parametrize("state", TRACKING)
def test_our_own_words_stay_themselves(state: str) -> None:
    assert normalise(state, None, rules()) == TrackingStatus(state)
    assert word(state.upper().replace("_", " ")) == state


def test_a_delayed_parcel_is_not_a_delivered_one() -> None:
    assert normalise("DI3", "la_poste_suivi_v2", rules()) == TrackingStatus("en_transit", "retarde")
    assert word("DI3 - Distribué") == "en_transit"


def test_delivered_to_the_sender_is_a_return() -> None:
    assert normalise("DI2", None, rules()) == TrackingStatus("retour", "retour_termine")
    assert word("Distribué à l'expéditeur") == "retour"
    assert word("DISTRIBUE A L’EXPEDITEUR") == "retour"


def test_codes_that_need_somebody_say_so() -> None:
    alerts = {code for code in LA_POSTE if (found := normalise(code, None, rules())) and found.alert}
    assert alerts == {"DO3", "PB1", "ND1", "RE1"}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("DI1 - Distribué", "livre"), ("di1: Votre colis est livré", "livre"),
        ("PCHCFM Pris en charge", "pris_en_charge"),
        ("DEPGUI", "pris_en_charge"), ("DEPGUI Disponible au bureau de poste", "en_point_relais"),
        ("DEPGUI mention illisible", "pris_en_charge"),
    ],
)  # fmt: skip
def test_a_code_may_stand_before_its_label(raw: str, expected: str) -> None:
    assert word(raw) == expected


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Livré", "livre"), ("LIVRE", "livre"), ("Livrée le 12/03/2026 à 10 h", "livre"),
        ("distribué", "livre"),
        ("Votre colis a été livré", "livre"), ("Votre colis est livré chez votre voisin", "livre"),
        ("Remis au gardien", "livre"), ("Distribué dans la boîte aux lettres", "livre"),
        ("N'a pas pu être livré", "bloque"), ("n’a pas pu etre livre", "bloque"), ("Non livrable", "bloque"),
        ("Votre colis n'a pu être livré", "bloque"), ("Ne peut être livré", "bloque"),
        ("Livraison impossible", "bloque"),
        ("Non livré", None), ("Pas livré", None), ("Jamais livré", None), ("Colis à livrer", None),
        ("Sera livré demain", None), ("Doit être livré lundi", None), ("Livré ?", None),
        ("Le livreur est passé", "en_livraison"),
        ("Pris en charge", "pris_en_charge"), ("Votre colis n'a pas été pris en charge", "inconnu"),
        ("En cours d’acheminement", "en_transit"), ("EN TRANSIT", "en_transit"),
        ("Mis en distribution", "en_livraison"),
        ("En point relais", "en_point_relais"), ("Livré en point relais", "en_point_relais"),
        ("Livré en consigne", "en_point_relais"), ("Remis au client au point relais", "livre"),
        ("En route vers le point relais", "en_transit"), ("Retour à l'expéditeur", "retour"),
        ("Refusé", "retour"),
        ("Destinataire inconnu", "retour"), ("N'habite pas à l'adresse indiquée", "retour"),
        ("Non réclamé", "retour"),
        ("Suivi introuvable", "inconnu"), ("Inconnu", "inconnu"), ("Suivi indisponible", "inconnu"),
        ("Votre envoi n'est pas encore pris en charge", "inconnu"), ("Bloqué", "bloque"),
        ("En douane", "douane"),
        ("Retenu en douane", "douane"), ("Dédouané", "en_transit"), ("Pas encore dédouané", "douane"),
        ("Perdu", "perdu"), ("Colis égaré par le transporteur", "perdu"), ("Colis non perdu", None),
        ("Présumé perdu", None), ("Pas de nouvelles depuis 20 jours", None), ("???", None), ("", None),
        ("12", None),
    ],
)  # fmt: skip
def test_french_labels_are_read_and_negations_heard(label: str, expected: str | None) -> None:
    assert word(label) == expected


def test_nothing_is_read_into_nothing() -> None:
    assert word(None) is None
    assert word("   ") is None
    assert word("delivered", "un_service_inconnu") is None
    assert word("x" * 100_000) is None


WORDS = ("votre", "colis", "livré", "n'a", "pas", "pu", "être", "à", "l'expéditeur", "sera", "retour", "perdu", "point",
         "relais", "douane", "en", "non", "DI1", "disponible", "?", "-")  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40) | st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join))
def test_any_text_is_one_of_our_words_or_nothing(raw: str) -> None:
    found = normalise(raw, None, rules())
    assert found is None or found.status in TRACKING
    words = raw.lower().split()
    if {"pas", "non", "sera", "l'expéditeur"} & set(words) and words[0] != "di1":
        assert found is None or found.status != "livre"


def test_the_order_keeps_what_its_file_said() -> None:
    found = read(order(tracking_status="do3"))
    assert found.tracking_status == "douane"
    assert found.extra == {
        "tracking_status_brut": "do3",
        "tracking_detail": "retenu",
        "tracking_alert": "oui",
    }
    assert facts_of(found)["suivi"] == "douane"


def test_an_order_in_our_words_is_handed_back_as_it_is() -> None:
    plain = order(tracking_status="en_transit", tracking_last_event_at=ago(hours=3))
    assert read(plain) is plain
    assert read(order()) == order()


def test_what_is_not_understood_is_unknown_and_kept() -> None:
    found = read(order(status="shipped", tracking_status="statut inhabituel 4812"))
    assert found.tracking_status is None
    assert found.extra["tracking_status_brut"] == "statut inhabituel 4812"
    assert facts_of(found)["suivi"] is None


def test_the_second_parcel_is_understood_too() -> None:
    raw = {"tracking_number_2": "T2", "shipped_at_2": ago(days=1).isoformat(), "tracking_status_2": "DI1"}
    assert facts_of(read(order(raw)))["deuxieme_colis_en_transit"] is False
    back = read(order({**raw, "tracking_status_2": "Distribué à l'expéditeur"}))
    assert back.extra["tracking_status_2"] == "retour"
    assert back.extra["tracking_status_brut_2"] == "Distribué à l'expéditeur"
    moving = read(order({**raw, "tracking_status_2": "n'a pas pu être livré"}))
    assert facts_of(moving)["deuxieme_colis_en_transit"] is True


@pytest.mark.parametrize("later", ["et1", "nd1", "re1", "di2", "md2", "en_transit", "retour"])
def test_an_event_after_the_delivery_takes_it_back(later: str) -> None:
    scanned = order(
        status="delivered", shipped_at=ago(days=4), delivered_at=ago(days=2), tracking_status=later,
        tracking_last_event_at=ago(hours=5),
    )  # fmt: skip
    found = read(scanned)
    assert found.delivered_at is None
    assert found.extra["delivered_at_brut"] == ago(days=2).isoformat()
    assert facts_of(found)["livree"] is False
    assert facts_of(found)["jours_depuis_livraison"] is None


def test_a_delivery_stands_when_no_later_event_denies_it() -> None:
    delivered = {"status": "delivered", "delivered_at": ago(days=2)}
    for more in (
        {"tracking_status": "en_transit", "tracking_last_event_at": ago(days=3)},
        {"tracking_status": "di1", "tracking_last_event_at": ago(days=1)},
        {"tracking_status": "en_transit", "tracking_last_event_at": NOW + timedelta(days=1)},
        {"tracking_status": "en_transit"},
    ):
        assert facts_of(read(order(**delivered, **more)))["livree"] is True


def test_a_return_the_customer_sent_does_not_deny_the_delivery() -> None:
    sent_back = {
        "delivered_at": ago(days=9),
        "tracking_status": "retour",
        "tracking_last_event_at": ago(days=1),
    }
    withdrawn = {"withdrawal_received_at": ago(days=5).isoformat()}
    assert read(order(withdrawn, **sent_back)).delivered_at == ago(days=9)
    assert read(order(status="returned", **sent_back)).delivered_at == ago(days=9)


def broken(**changes: object) -> list[str]:
    book = shipped_rules()
    wrong = book.tracking.model_copy(update=changes)
    return list(tracking_book.problems(wrong, book.carriers, book.recognition, book.counting))


def test_the_shipped_rules_have_no_problem() -> None:
    assert broken() == []


def test_a_label_that_is_misread_is_refused_with_both_readings() -> None:
    labels = StatusLabels.model_validate(
        {"libelles": [{"motif": "livre", "statut": "livre", "exemples": ["Pli livré"]}],
         "incompris": ["Non livré"]}
    )  # fmt: skip
    assert broken(labels=labels) == [
        "suivi/libelles.toml : incompris : « Non livré » est lu « livre »",
    ]
    labels = StatusLabels.model_validate(
        {"libelles": [{"motif": "colis livre", "statut": "livre", "exemples": ["Pli livré"]}]}
    )
    assert broken(labels=labels) == [
        "suivi/libelles.toml : « Pli livré » est lu inconnu de nous, « livre » est attendu"
    ]


def test_unknown_words_of_the_tracking_rules_are_named() -> None:
    claims = rules().claims
    case = claims.cas[0].model_copy(update={"intentions": ("produit_abim",), "drapeaux": frozenset({"x"})})
    found = broken(claims=claims.model_copy(update={"cas": (case,)}))
    assert "mot inconnu « produit_abim » : vouliez-vous dire « produit_abime » ?" in found[0]
    assert "avarie.drapeaux" in found[1]
    with pytest.raises(ValueError, match="état inconnu « livree » : vouliez-vous dire « livre »"):
        StatusLabels.model_validate({"libelles": [{"motif": "a", "statut": "livree", "exemples": ["a"]}]})
    with pytest.raises(ValueError, match="expression incorrecte"):
        StatusLabels.model_validate({"libelles": [{"motif": "(", "statut": "livre", "exemples": ["a"]}]})


def test_duties_name_rules_that_exist_and_ids_once() -> None:
    book = shipped_rules()
    carrier = next(one for one in book.carriers if one.id == "colissimo")
    wrong = CarrierDuty.model_validate({**carrier.demarches[0].model_dump(), "regle": "L133_4"})
    twice = carrier.model_copy(update={"demarches": (wrong, wrong)})
    found = list(
        tracking_book.problems(book.tracking, (*book.carriers, twice), book.recognition, book.counting)
    )
    assert found[0].startswith("transporteurs/colissimo.toml : demarches : deux démarches portent le même id")
    assert "demarches.protestation.regle" in found[1]


def test_a_missing_folder_is_said() -> None:
    with pytest.raises(RuleError, match="suivi"):
        tracking_book.load(ROOT / "templates")


def test_codes_of_an_earlier_copy_of_the_rules_still_load() -> None:
    shop = {
        "id": "la_poste",
        "nom": "La Poste",
        "codes": {},
        "source": "",
        "verifie_le": "",
        "porteurs": {"4": "x"},
    }
    assert StatusSource.model_validate(shop).codes == {}
    with pytest.raises(ValidationError, match="porteur"):
        StatusSource.model_validate({**shop, "porteur": {}})

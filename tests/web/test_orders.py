"""Orders: search, one order, and import of files known and unknown."""

import tomllib
from pathlib import Path

import httpx2 as httpx
import pytest

from mailbot.edges.store import Store, orders
from tests.edges.store.samples import mail, order, prepare
from tests.web.conftest import Browser, said

CANONICAL = (
    "order_id,channel,placed_at,customer_name,total\n"
    "FR-1,site,2026-11-02T10:00:00,Marie Dupont,25.00\n"
    "FR-2,site,pas une date,Paul Petit,12.00\n"
    "FR-3,site,2026-11-04T10:00:00,Zoé Blanc,9.90\n"
)
UNKNOWN = (
    "N° commande;Date;Statut;Nom du client;Produit;Quantité\n"
    "PS-1;02/11/2026 10:30;Expédié;Marie Dupont;Tasse;2\n"
    "PS-2;03/11/2026 11:00;Annulé;Paul Petit;Bol;1\n"
    "PS-3;hier;Expédié;Zoé Blanc;Bol;1\n"
)
MAPPED = {
    "titre": "Prestashop, commandes",
    "canal": "site",
    "dates": "jour",
    "colonne:order_id": "N° commande",
    "colonne:placed_at": "Date",
    "colonne:status": "Statut",
    "colonne:customer_name": "Nom du client",
    "ligne:label": "Produit",
    "ligne:qty": "Quantité",
    "mot:status:Expédié": "shipped",
    "mot:status:Annulé": "cancelled",
}


def upload(lead: Browser, text: str, name: str = "commandes.csv") -> httpx.Response:
    lead.get("/commandes")
    files = {"fichier": (name, text.encode(), "text/csv")}
    return lead._keep(lead.client.post("/commandes/import", data={"jeton": lead.key}, files=files))


def token(page: httpx.Response) -> str:
    return page.text.partition('name="depot" value="')[2].partition('"')[0]


def test_a_file_of_our_own_kind_is_imported_and_broken_lines_are_named(store: Store, lead: Browser) -> None:
    words = said(upload(lead, CANONICAL))
    assert "Nouvelles 2" in words and "Lignes refusées 1" in words
    assert " 3 placed_at : " in words and "pas une date" in words
    assert orders.count(store) == 2


def test_an_export_of_a_known_shop_system_is_recognised(store: Store, lead: Browser) -> None:
    shopify = (
        "Name,Financial Status,Lineitem name,Created at\n#77,fulfilled,Tasse,2026-11-02 10:00:00 +0100\n"
    )
    assert "Shopify" in said(upload(lead, shopify))
    assert orders.count(store) == 1


def test_the_columns_of_an_unknown_file_are_guessed_and_its_first_rows_shown(lead: Browser) -> None:
    page = upload(lead, UNKNOWN, "prestashop.csv")
    assert "prestashop" in said(page) and "Marie Dupont" in said(page)
    assert page.text.count("<option selected>N° commande</option>") == 1
    assert page.text.count("<option selected>Produit</option>") == 1


def test_what_would_be_read_is_shown_before_anything_is_imported(store: Store, lead: Browser) -> None:
    page = upload(lead, UNKNOWN)
    shown = lead.post("/commandes/colonnes", depot=token(page), nom="commandes.csv", faire="voir", **MAPPED)
    words = said(shown).replace("\u00a0", " ")
    assert "lundi 2 novembre 2026 à 10 h 30" in words and "expédiée" in words and "placed_at" in words
    assert orders.count(store) == 0


def test_a_mapping_is_kept_and_the_next_file_recognised(store: Store, lead: Browser, own_rules: Path) -> None:
    page = upload(lead, UNKNOWN)
    done = lead.post(
        "/commandes/colonnes",
        depot=token(page),
        nom="commandes.csv",
        faire="importer",
        garder="oui",
        **MAPPED,
    )
    assert "rules/exports/prestashop_commandes.toml" in said(done)
    assert "Nouvelles 2" in said(done) and "Lignes refusées 1" in said(done)
    kept = tomllib.loads((own_rules / "rules/exports/prestashop_commandes.toml").read_text("utf-8"))
    assert kept["valeurs"]["status"] == {"Expédié": "shipped", "Annulé": "cancelled"}
    found = orders.get(store, "site", "PS-1")
    assert found is not None and found.status == "shipped" and found.lines[0].qty == 2
    again = upload(lead, UNKNOWN.replace("PS-", "PT-"))
    assert "Prestashop, commandes" in said(again) and "Nouvelles 2" in said(again)


def test_the_rules_that_came_with_the_program_get_no_mapping(store: Store, lead: Browser) -> None:
    page = upload(lead, UNKNOWN)
    assert "mailbot init" in said(page) and 'name="garder"' not in page.text
    lead.post("/commandes/colonnes", depot=token(page), nom="x.csv", faire="importer", garder="oui", **MAPPED)
    assert orders.count(store) == 2


def test_a_mapping_without_number_or_date_is_refused_in_words(store: Store, lead: Browser) -> None:
    page = upload(lead, UNKNOWN)
    lacking = {**MAPPED, "colonne:placed_at": ""}
    answer = lead.post("/commandes/colonnes", depot=token(page), nom="x.csv", faire="importer", **lacking)
    assert answer.status_code == 409 and "quelle colonne donne la date" in said(answer)
    assert orders.count(store) == 0


@pytest.mark.parametrize("name", ["../../etc/passwd", "0" * 32, ""])
def test_only_files_that_were_handed_over_are_read(lead: Browser, name: str) -> None:
    lead.get("/commandes")
    assert "choisissez-le de nouveau" in said(lead.post("/commandes/colonnes", depot=name, **MAPPED))


def test_what_is_no_table_is_said_without_our_paths(lead: Browser, tmp_path: Path) -> None:
    answer = upload(lead, "bonjour\n", "lettre.txt")
    assert answer.status_code == 409
    assert "ce n'est pas un tableau" in said(answer) and str(tmp_path) not in said(answer)


def test_an_order_is_found_and_shown_with_its_cases(store: Store, lead: Browser) -> None:
    upload(lead, CANONICAL)
    case = prepare(store, mail(1), uid=1, action="human", found=order("FR-1001"))
    upload(lead, CANONICAL.replace("FR-1,", "FR-1001,"))
    assert 'href="/commandes/site/FR-1001"' in lead.get("/commandes?q=FR-1001").text
    page = lead.get("/commandes/site/FR-1001")
    assert "Marie Dupont" in said(page) and f'href="/tickets/{case}"' in page.text
    assert lead.get("/commandes/site/inconnue").status_code == 404


def test_hostile_cells_are_only_text(lead: Browser) -> None:
    upload(lead, CANONICAL.replace("Marie Dupont", "<script>alert(1)</script>"))
    assert "<script>alert" not in lead.get("/commandes").text


def test_what_a_file_said_of_an_order_is_told_in_french(store: Store, lead: Browser) -> None:
    upload(
        lead,
        "order_id,channel,placed_at,total,fulfilment,shipping_amount,buyer_type,goods_condition,claim_open,"
        "pickup_deadline,withdrawal_received_at,company_name,couleur_ruban\n"
        "FR-9,site,2025-11-02T10:00:00,25.00,merchant,4.90,company,used,no,2026-11-28,2026-11-20T09:05,No,new\n",
    )
    page = said(lead.get("/commandes/site/FR-9"))
    for told in (
        "Passée le dimanche 2 novembre 2025 à 10 h 00", "Expédiée par la boutique", "Frais de port 4,90 €",
        "Acheteur entreprise", "État des articles occasion", "Réclamation ouverte non", "À retirer avant le 28/11/2026",
        "Rétractation reçue le vendredi 20 novembre 2026 à 9 h 05", "couleur ruban new",
    ):  # fmt: skip
        assert told in page

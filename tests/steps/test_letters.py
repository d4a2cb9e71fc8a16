"""Every shipped letter, over varied facts: what its row demands, what it must never say, typography, spelling."""

import re
import subprocess
import tomllib
from dataclasses import replace

import pytest

from mailbot.steps.compose import read_templates
from mailbot.steps.context import Case
from mailbot.steps.letter_check import problems
from tests.steps import golden
from tests.steps.golden import CHRISTMAS, COMPOSER, TWO, asking, case, familiar, text
from tests.steps.letters import (
    AMAZON,
    CASE,
    TEMPLATES,
    deadlines,
)

RULES = TEMPLATES.parent / "rules"
STEMS = sorted(COMPOSER.stems)


SCENES: dict[str, Case] = {
    "tout est connu": CASE,
    "sans nom": case(customer_name=None),
    "deux articles": case(lines=TWO),
    "sans articles ni montant": case(lines=(), total=None),
    "place de marché": replace(CASE, channel=AMAZON),
    "fêtes": replace(
        CASE,
        now=CHRISTMAS,
        mail=replace(CASE.mail, received=CHRISTMAS, sent=CHRISTMAS),
        deadlines=deadlines(start=CHRISTMAS),
    ),
    "veut être remboursé": asking("remboursement"),
    "veut un nouvel envoi": asking("reexpedition"),
    "veut un échange": asking("echange"),
    "veut une réparation": asking("reparation"),
    "veut un geste": asking("geste_commercial"),
    "veut ce qui manque": asking("envoi_manquant"),
    **{
        f"place de marché, {remedy}": replace(asking(remedy), channel=AMAZON)
        for remedy in ("remboursement", "reexpedition", "reparation", "geste_commercial", "envoi_manquant")
    },
    "rien de facultatif": case(
        customer_name=None, city=None, shipped_at=None, ship_by=None, estimated_delivery_min=None,
        estimated_delivery_max=None, tracking_status=None, tracking_last_event_at=None, delivery_proof=None,
        lines=(), total=None, extra={},
    ),
}  # fmt: skip
SCENES |= {f"{name}, à tu": familiar(scene) for name, scene in SCENES.items()}


def test_the_templates_hold_together_with_the_situations() -> None:
    declared = {
        path.relative_to(RULES / "situations").with_suffix("").as_posix(): [
            clock["id"] for clock in tomllib.loads(path.read_text("utf-8")).get("delais", [])
        ]
        for path in (RULES / "situations").rglob("*.toml")
    }
    assert problems(read_templates(TEMPLATES), declared) == []


FAULTS = {
    "une espace, une virgule ou un point de trop": r" [\n,.)]|  |\(\s|\.\.|,\.|: \.|\bde les?\b|\n\n\n",
    "une espace insécable oubliée": r"[^\u00a0][;:!?»](?:\s|$)",
    "un élément de liste finit par ; ou par un point": r"(?m)^- .*[^;.\n]$",
    "un paragraphe commence par une majuscule": r"(?m)^(?!- )[a-zà-ÿ]",
}


def faults(stem: str, scene: Case) -> list[str]:
    reply = COMPOSER.compose(stem, scene)
    found = [name for name, pattern in FAULTS.items() if re.search(pattern, reply.text)]
    if not (reply.text.startswith("Bonjour") and reply.text.endswith("\n\nL'équipe de La Tasserie\n")):
        found.append("ni salut ni signature")
    if bool(reply.missing) != ("[à compléter" in reply.text.replace("\u00a0", " ")):
        found.append(f"trous : {reply.missing}")
    return found + [reason for reason in reply.blocked if "à compléter" not in reason]


@pytest.mark.parametrize("name", SCENES)
def test_a_letter_is_well_written_whatever_is_known(name: str) -> None:
    found = {stem: faults(stem, SCENES[name]) for stem in STEMS}
    assert {stem: names for stem, names in found.items() if names} == {}


def test_a_letter_says_the_day_of_what_comes_next_or_needs_nothing() -> None:
    done = {
        "colis_non_recu/arrive_apres_remboursement", "colis_non_recu/avant_expedition",
        "colis_non_recu/expedie_par_amazon", "commande/introuvable", "commande/identite_non_verifiee",
        "modification_commande/apres_expedition", "ne_veut_plus/acheteur_societe", "ne_veut_plus/exception",
        "ne_veut_plus/hors_delai", "produit_en_panne/hors_garantie", "produit_en_panne/remplace",
        "question/reponse", "colis_non_recu/en_point_relais", "question/sur_le_retour",
        "question/sur_la_livraison", "commande/ecrit_pour_autrui",
    }  # fmt: skip
    days = {due.due_at.day for due in CASE.deadlines}
    silent = {
        stem
        for stem in STEMS
        if not days & {int(day) for day in re.findall(r"\b(\d{1,2}) novembre 2026", text(stem))}
    }
    assert silent <= done


# Per letter: words it must hold with every fact known, then words it must not hold.
DEMANDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "colis_non_recu/avant_expedition": (("CMD-2026-10458", "13 novembre 2026", "nous l'annulons"), ("est parti",)),
    "colis_non_recu/expedition_en_retard": (("excuses", "remboursons", "nouvelle date"), ()),
    "colis_non_recu/suivi_pas_encore_actif": (("8V80939237982", "Colissimo", "Page de suivi"), ("perdu",)),
    "colis_non_recu/suivi_inconnu": (("8V80939237982", "mercredi 25 novembre 2026"), ("votre faute",)),
    "colis_non_recu/suivi_inconnu_prolonge": (("bordereau", "25 novembre", "une nouvelle fois"), ("perdu",)),
    "colis_non_recu/suivi_expire": (("n'est plus consultable",), ("erroné", "faux")),
    "colis_non_recu/en_transit_dans_les_delais": (("14 novembre 2026", "8V80939237982", "s'il n'est"), ("garanti",)),
    "colis_non_recu/bloque": (("14 novembre 2026", "25 novembre 2026", "sans faire dépendre"), ()),
    "colis_non_recu/bloque_courrier": (("14 novembre 2026", "25 novembre 2026"), ("indemnis", "réclamation")),
    "colis_non_recu/delai_depasse": (("nouvel envoi", "39,90 €", "rien à payer", "jeudi 26 novembre"), ("enquête",)),
    "colis_non_recu/delai_depasse_valeur_elevee": (("nouvel envoi", "rien à payer"), ("fraude",)),
    "colis_non_recu/livre_recent": (
        ("8V80939237982", "mardi 17 novembre 2026 à 14 h 05", "Tabac des Lilas", "boîte aux lettres", "voisins",
         "gardien", "25 novembre"), ("prouve",),
    ),
    "colis_non_recu/livre_conteste": (("nouvel envoi", "remboursement complet", "26 novembre"), ("prouve", "foi")),
    "colis_non_recu/livre_avec_preuve": (("[à compléter : pièce",), ("fraude", "mensonge")),
    "colis_non_recu/livre_courrier_suivi": (("vérifié", "un nouvel envoi"), ("indemnisation",)),
    "colis_non_recu/en_point_relais": (("Tabac des Lilas", "12 rue des Lilas", "30 novembre", "identité"), ("livré",)),
    "colis_non_recu/retour_expediteur": (("adresse incomplète", "adresse de livraison", "remboursement"), ()),
    "colis_non_recu/douane": (("dédouanement", "justificatif"), ("droits de douane",)),
    "colis_non_recu/douane_prolongee": (("dédouanement", "25 novembre 2026"), ("suspend",)),
    "colis_non_recu/perdu": (("nouvel envoi", "26 novembre 2026"), ("indemni",)),
    "colis_non_recu/retard_en_transit": (("excuses", "14 novembre 2026", "nouvel envoi"), ("indicatif",)),
    "colis_non_recu/mise_en_demeure": (("nous en prenons acte", "26 novembre 2026"), ()),
    "colis_non_recu/expedie_par_amazon": (("Vos commandes",), ("remboursons", "renvoyons")),
    "colis_non_recu/arrive_apres_remboursement": (("sans aucune obligation", "votre accord"), ()),
    "colis_non_recu/mauvaise_adresse": (("à nos frais", "26 novembre 2026"), ()),
    "colis_non_recu/non_expedie_delai_depasse": (("excuses", "39,90 €", "26 novembre"), ("fournisseur",)),
    "colis_non_recu/lettre_simple": (("11 novembre 2026", "nouvel envoi"), ("livrée",)),
    "colis_non_recu/en_livraison": (("14 novembre 2026 à 8 h 20", "25 novembre"), ("entre",)),
    "colis_non_recu/relais_sans_colis": (("pas à y retourner", "25 novembre"), ("vous attend",)),
    "colis_non_recu/relais_remboursement_demande": (("Tabac des Lilas", "renoncer", "26 novembre"), ("livré ",)),
    "ne_veut_plus/colis_pas_recu": (("pas", "rien à nous renvoyer", "26 novembre"), ("75006", "votre charge")),
    "ne_veut_plus/echange_avant_expedition": (("autre article", "26 novembre"), ("confirmons",)),
    "produit_manquant/petite_piece": (("29 novembre 2026", "lien de suivi", "avec votre accord"), ("poids",)),
    "question/sur_le_retour": (("formulaire", "à votre charge"), ()),
    "ne_veut_plus/avant_expedition": (("confirmons l'annulation", "39,90 €", "26 novembre"), ("trop tard",)),
    "ne_veut_plus/en_cours_de_livraison": (
        ("lundi 23 novembre 2026 à 9 h 12", "refuser", "75006 Paris", "à votre charge"), ("vous devez attendre",),
    ),
    "ne_veut_plus/annulation_apres_expedition": (("refuser", "75006 Paris"), ("annulation est confirmée",)),
    "ne_veut_plus/dans_le_delai": (
        ("4 rue du Four\n75006 Paris", "14 jours", "vendredi 27 novembre 2026", "à votre charge", "26 novembre",
         "frais de livraison standard", "pas à en donner la raison", "n'est pas exigé"), ("avoir de",),
    ),
    "ne_veut_plus/hors_delai_sans_information": (("75006 Paris", "14 jours"), ("refus",)),
    "ne_veut_plus/produit_utilise": (("l'état de l'article",), ()),
    "ne_veut_plus/declaration_en_ligne": (("CMD-2026-10458", "à 9 h 12"), ()),
    "ne_veut_plus/plusieurs_colis": (("« Tasse bleue »", "dernier reçu"), ("premier",)),
    "ne_veut_plus/retour_par_la_plateforme": (("bouton de retour",), ("75006",)),
    "ne_veut_plus/acheteur_societe": (("[à compléter",), ("L221", "code de la consommation")),
    "mauvais_produit/retour_ou_echange": (("75006 Paris", "à notre charge", "28 novembre"), ("votre charge",)),
    "mauvais_produit/valeur_elevee": (("photo", "traitons votre demande quand même"), ("vidéo",)),
    "produit_abime/signale_sous_3_jours": (("75006 Paris", "à notre charge", "photos", "réparation"), ("réserves",)),
    "produit_abime/signale_apres_3_jours": (("75006 Paris", "à notre charge", "remplacement"), ("trop tard",)),
    "produit_abime/remboursement_demande": (("réparation", "contre remboursement"), ("la loi",)),
    "produit_en_panne/sous_garantie": (
        ("75006 Paris", "à notre charge", "28 novembre", "preuve d'achat", "30 jours au plus"), ("fabricant",),
    ),
    "produit_en_panne/deja_repare": (("réduction du prix", "remboursement"), ()),
    "produit_en_panne/hors_garantie": (("vices cachés",), ("aucun recours",)),
    "produit_en_panne/occasion": (("court toujours",), ("terminée",)),
    "produit_en_panne/remplace": (("mardi 10 novembre 2026",), ()),
    "produit_manquant/trois_solutions": (
        ("29 novembre 2026", "lien de suivi", "75006 Paris", "geste commercial", "avec votre accord"), (),
    ),
    "produit_manquant/deuxieme_colis": (("8L20524752032", "19 novembre 2026"), ()),
    "produit_manquant/valeur_elevee": (("nous vérifions", "25 novembre"), ("fraude",)),
    "facture/envoi_direct": (("FA-2026-00981", "pièce jointe"), ()),
    "facture/espace_vendeur": (("vos commandes",), ("https",)),
    "facture/modification": (("vérifie",), ("nous la modifions",)),
    "remboursement/deja_effectue": (("vendredi 20 novembre 2026", "39,90 €", "moyen de paiement"), ()),
    "remboursement/retour_recu": (("26 novembre 2026", "nous est bien parvenu"), ("a été fait",)),
    "modification_commande/avant_expedition": (("peut encore être changé",), ("adresse est modifiée",)),
    "modification_commande/apres_expedition": (("Page de suivi", "option de livraison"), ("nous avons changé",)),
    "commande/introuvable": (("numéro de commande", "e-mail de confirmation"), ()),
    "commande/identite_non_verifiee": (("protéger les données",), ("8V80939237982", "Tasse bleue")),
    "litige/menace_juridique": (("Médiation Conso Services", "25 novembre"), ("ec.europa.eu",)),
    "litige/avis_negatif": (("solution",), (" avis",)),
    "donnees_personnelles/demande": (("bien reçu", "30 novembre 2026"), ("supprimé", "effacé")),
    "securite/danger": (("n'utilisez plus", "reprend contact"), ("responsab",)),
}  # fmt: skip


@pytest.mark.parametrize("stem", DEMANDS)
def test_a_letter_holds_what_its_row_demands(stem: str) -> None:
    must, never = DEMANDS[stem]
    written = text(stem)
    assert [words for words in must if words not in written] == []
    assert [words for words in never if words in written] == []


def test_the_letters_write_to_everybody() -> None:
    gendered = re.compile(r"\b(?:Monsieur|Madame|cher|chère|satisfait|déçue?|remboursée?s? de)\b|\(e\)|·e")
    for stem in STEMS:
        for scene in SCENES.values():
            assert not gendered.search(text(stem, scene)), stem


@pytest.mark.server
def test_the_letters_are_spelt_as_hunspell_spells() -> None:
    known = {"Colissimo", "Lilas", "Tasserie", "Conso", "km", "Sophie", "CMD", "FA"}
    words = "\n".join(text(stem, scene) for stem in STEMS for scene in SCENES.values())
    words = re.sub(r"https?://\S+|www\.\S+|\S*\d\S*", " ", words)
    found = subprocess.run(
        ["hunspell", "-d", "fr_FR", "-l"], input=words, capture_output=True, text=True, check=True
    ).stdout
    assert set(found.split()) - known == set()


def test_the_letters_read_as_when_they_were_last_read() -> None:
    written = dict(golden.letters())
    assert sorted(golden.FOLDER.rglob("*.txt")) == sorted(written)
    changed = [path.name for path, letter in written.items() if path.read_text("utf-8") != letter]
    assert changed == [], "relisez-les : python -m tests.steps.golden, puis git diff tests/golden"

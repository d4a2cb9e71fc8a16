"""The closed list of facts a rule may name: what each one is, its kind, its French meaning.

`steps/facts.py` works them out; `situation.Situation` may only name these. A fact that cannot be known is None.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Literal, TypeAlias

FactValue: TypeAlias = bool | str | int | float | Decimal | None
Facts: TypeAlias = Mapping[str, FactValue]
Kind = Literal["oui_non", "choix", "texte", "nombre"]

CHANNELS = (
    "site", "amazon_fr", "cdiscount", "fnac", "rakuten", "ebay", "aliexpress", "manomano", "backmarket",
    "mirakl", "autre",
)  # fmt: skip
TRACKING = (
    "inconnu", "pris_en_charge", "en_transit", "bloque", "en_point_relais", "en_livraison", "livre", "retour",
    "douane", "perdu",
)  # fmt: skip
REMEDIES = (
    "information", "remboursement", "remboursement_partiel", "reexpedition", "remplacement", "echange",
    "retour", "annulation", "reparation", "geste_commercial", "envoi_manquant", "facture", "modification",
    "dommages", "none",
)  # fmt: skip
STATUSES = ("processing", "shipped", "delivered", "returned", "cancelled", "refunded")
PROOFS = ("none", "signature", "photo", "code")
ZONES = ("france", "europe", "monde")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One fact: `kind` of its value, `meaning` in French, `choices` when the kind is "choix"."""

    kind: Kind
    meaning: str
    choices: tuple[str, ...] = ()


def _yes_no(meaning: str) -> Fact:
    return Fact(kind="oui_non", meaning=meaning)


def _number(meaning: str) -> Fact:
    return Fact(kind="nombre", meaning=meaning)


def _choice(choices: tuple[str, ...], meaning: str) -> Fact:
    return Fact(kind="choix", meaning=meaning, choices=choices)


def _text(meaning: str) -> Fact:
    return Fact(kind="texte", meaning=meaning)


FACTS: Mapping[str, Fact] = MappingProxyType(
    {
        # le message
        "langue": _text("langue du message (code à deux lettres)"),
        "demande_principale": _text("première demande du message (identifiant de rules/intentions)"),
        "remede_demande": _choice(REMEDIES, "ce que la personne demande"),
        "pieces_jointes": _yes_no("le message a des pièces jointes"),
        "demandes_precedentes": _number("nombre de dossiers déjà ouverts par ce correspondant"),
        "deuxieme_reclamation": _yes_no("une réclamation pareille a déjà été faite pour cette commande"),
        # la commande et son acheteur
        "commande_trouvee": _yes_no("une commande, et une seule, correspond au message"),
        "plusieurs_candidats": _yes_no("plusieurs commandes pourraient correspondre"),
        "identite_verifiee": _yes_no("l'auteur écrit bien depuis l'adresse ou le relais de la commande"),
        "avis_automatique": _yes_no("le message est l'avis automatique d'une plateforme ou d'un service"),
        "canal": _choice(CHANNELS, "canal de vente de la commande, sinon du message"),
        "place_de_marche": _yes_no("le canal est une place de marché"),
        "expedie_par_plateforme": _yes_no("la plateforme stocke et expédie elle-même"),
        "reclamation_ouverte": _yes_no("une réclamation est ouverte sur la plateforme"),
        "acheteur_societe": _yes_no("l'acheteur est une société"),
        "statut": _choice(STATUSES, "statut de la commande dans le fichier"),
        "annulee": _yes_no("la commande est annulée"),
        "valeur": _number("montant de la commande, TTC"),
        "valeur_elevee": _yes_no("le montant atteint valeur_elevee de entreprise.toml"),
        "nombre_articles": _number("nombre d'articles commandés, quantités comprises"),
        "jours_depuis_commande": _number("jours depuis la commande"),
        "personnalise": _yes_no("article fait sur mesure ou personnalisé"),
        "biens_occasion": _yes_no("article d'occasion ou reconditionné"),
        "port_offert_par_seuil": _yes_no("livraison offerte grâce à un seuil d'achat"),
        "facture_connue": _yes_no("le numéro de la facture est dans le fichier"),
        # l'expédition et le suivi
        "expediee": _yes_no("le colis est parti"),
        "expedition_limite_depassee": _yes_no("la date limite d'expédition est passée, colis non parti"),
        "heures_depuis_expedition": _number("heures écoulées depuis l'expédition"),
        "jours_depuis_expedition": _number("jours depuis l'expédition"),
        "suivi": _choice(
            TRACKING, "état du suivi ; « bloque » aussi après un silence de suivi_bloque_heures heures"
        ),
        "suivi_alerte": _yes_no(
            "le suivi demande que quelqu'un s'en occupe (retenu en douane, non distribuable, incident)"
        ),
        "heures_sans_evenement": _number("heures écoulées depuis le dernier événement de suivi"),
        "jours_en_douane": _number("jours depuis le dernier événement, quand le colis est en douane"),
        "transporteur": _text("identifiant du transporteur (rules/transporteurs)"),
        "sans_suivi": _yes_no("envoi sans numéro de suivi (lettre simple)"),
        "zone": _choice(ZONES, "zone de livraison (tables [[zones]] de entreprise.toml)"),
        "fenetre_region_depassee": _yes_no("le délai habituel de la zone est passé depuis l'expédition"),
        "livraison_max_depassee": _yes_no("la date de livraison annoncée est passée, colis non livré"),
        "delai_livraison_depasse": _yes_no(
            "la livraison est en retard : date annoncée passée ; sans date annoncée, délai de la zone passé "
            "(colis parti) ou 30 jours depuis la commande (L216-1)"
        ),
        "relais_connu": _yes_no("le nom du point relais est dans le fichier"),
        "retrait_expire": _yes_no("la date limite de retrait est passée"),
        "adresse_etiquette_differente": _yes_no("l'adresse de l'étiquette n'est pas celle de la commande"),
        "plusieurs_colis": _yes_no("la commande est partie en plusieurs colis"),
        "deuxieme_colis_en_transit": _yes_no("le second colis est parti et pas encore livré"),
        "deuxieme_colis_en_retard": _yes_no("le second colis est en retard (date annoncée, sinon zone)"),
        # la livraison et après
        "livree": _yes_no("le colis est livré d'après les données"),
        "jours_depuis_livraison": _number("jours depuis la livraison (le dernier colis)"),
        "mois_depuis_livraison": _number("mois pleins écoulés depuis la livraison"),
        "preuve_livraison": _choice(PROOFS, "preuve de livraison (none : livré sans preuve)"),
        "poids_etiquette_connu": _yes_no("le poids relevé sur l'étiquette est dans le fichier"),
        "preparation_connue": _yes_no("le relevé de préparation est dans le fichier"),
        "dans_delai_retractation": _yes_no("le droit de rétractation court encore (L221-18, report compris)"),
        "info_retractation_donnee": _yes_no("l'information sur la rétractation a été donnée"),
        "dans_prolongation_retractation": _yes_no("la prolongation de douze mois court encore (L221-20)"),
        "retractation_recue": _yes_no("une rétractation est déjà enregistrée"),
        "retour_recu": _yes_no("le retour est arrivé à la boutique"),
        "jours_depuis_retour": _number("jours depuis l'arrivée du retour"),
        "livree_apres_remboursement": _yes_no("le colis est arrivé après le remboursement"),
        "rembourse": _yes_no("la commande est remboursée"),
        "jours_depuis_remboursement": _number("jours depuis le remboursement"),
        "montant": _number("montant remboursé"),
        "remboursement_en_retard": _yes_no("le remboursement dû après rétractation est en retard (L221-24)"),
        "sous_garantie": _yes_no("la garantie légale de conformité court encore (L217-3, L217-13)"),
        "repare": _yes_no("l'article a déjà été réparé"),
        "remplace": _yes_no("la réparation était choisie, l'article a été remplacé"),
        "refus_envisage": _yes_no("la boutique envisage de refuser le remède demandé"),
    }
)

"""The words a template may use, in French, and what stands where a fact is missing."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from mailbot.vocabulary import FACTS

# Every name of the context and what it is called when it is missing. Nothing else can be written in a template.
SCHEMA: Mapping[str, Mapping[str, str]] = {
    "client": {"nom": "nom du client", "prenom": "prénom du client"},
    "commande": {
        "numero": "numéro de commande",
        "passee_le": "date de la commande",
        "articles": "articles de la commande",
        "montant": "montant de la commande",
        "expediee_le": "date d'expédition",
        "expedition_max": "date limite d'expédition",
        "livree_le": "date de livraison",
        "livraison_min": "première date de livraison prévue",
        "livraison_max": "dernière date de livraison prévue",
        "fenetre_max": "fin du délai habituel de livraison",
        "facture": "numéro de facture",
        "ville": "ville de livraison",
    },
    "suivi": {
        "transporteur": "transporteur",
        "numero": "numéro de suivi",
        "lien": "lien de suivi",
        "etat": "état du suivi",
        "evenement_le": "date du dernier événement de suivi",
        "preuve": "preuve de livraison",
        "piece": "pièce du transporteur qui prouve la remise",
        "motif_retour": "motif du retour du colis",
    },
    "second_colis": {
        "transporteur": "transporteur du second colis",
        "numero": "numéro de suivi du second colis",
        "lien": "lien de suivi du second colis",
        "etat": "état du suivi du second colis",
        "expedie_le": "date d'expédition du second colis",
        "evenement_le": "date du dernier événement du second colis",
    },
    "relais": {
        "nom": "nom du point relais",
        "adresse": "adresse du point relais",
        "limite_le": "dernier jour de retrait au point relais",
    },
    "retour": {
        "demande_le": "date de la rétractation",
        "recu_le": "date de réception du retour",
    },
    "remboursement": {"fait_le": "date du remboursement", "montant": "montant du remboursement"},
    "remplacement": {"livre_le": "date de livraison du produit de remplacement"},
    "boutique": {
        "nom": "nom de la boutique",
        "signature": "signature de la boutique",
        "adresse_retour": "adresse de retour (rules/entreprise.toml)",
        "retour_frais": "qui paie le retour (rules/entreprise.toml)",
        "mediateur": "médiateur de la consommation (rules/entreprise.toml)",
        "decision": "décision de la boutique sur cette demande, en une phrase",
        "reponse": "réponse à la question",
    },
    "piece_jointe": {"prevue": "", "titre": "titre de la pièce jointe"},
    "canal": {"nom": "nom du canal de vente", "place_de_marche": "", "liens_interdits": ""},
    "faits": {name: fact.meaning for name, fact in FACTS.items()},
    "demande": {
        "recue_le": "date de la demande",
        "remede": "",
        "drapeaux": "",
        "numero_ecrit": "numéro de commande donné par le client",
    },
}
ARTICLE: Mapping[str, str] = {
    "libelle": "libellé de l'article",
    "quantite": "quantité de l'article",
    "prix": "prix de l'article",
}


class Missing:
    """A fact that is not known: false in a condition, empty in a loop, a visible hole when printed.

    Printing it adds its French name to `holes`."""

    __slots__ = ("_holes", "_name")

    def __init__(self, name: str, holes: list[str]) -> None:
        self._name, self._holes = name, holes

    def __str__(self) -> str:
        if self._name not in self._holes:
            self._holes.append(self._name)
        return f"[à compléter : {self._name}]"

    def __bool__(self) -> bool:
        return False

    def __len__(self) -> int:
        return 0

    def __iter__(self) -> Iterator[object]:
        return iter(())

    def __lt__(self, other: object) -> bool:
        return False

    __gt__ = __le__ = __ge__ = __lt__


class Known:
    """One thing of a letter: its known facts are attributes; a fact of `fields` (name → what it is called) that is not
    known is missing when it is asked for; no other name exists."""

    def __init__(self, fields: Mapping[str, str], values: Mapping[str, object], holes: list[str]) -> None:
        own = self.__dict__
        for name, value in values.items():
            if value is not None and value != "":
                own[name] = value
        self._fields, self._holes = fields, holes

    def __getattr__(self, name: str) -> object:
        if name.startswith("_") or name not in self._fields:
            raise AttributeError(name)
        return Missing(self._fields[name], self._holes)


class Deadlines:
    """`delais.<id>`: the due date of a computed deadline, or a hole named after it."""

    def __init__(self, due: Mapping[str, datetime], holes: list[str]) -> None:
        self._due, self._holes = due, holes

    def __getattr__(self, name: str) -> object:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._due.get(name) or Missing(f"échéance « {name} »", self._holes)

"""What people did, as the audit log names it, in French."""

from collections.abc import Mapping

_TOLD: Mapping[str, str] = {
    "acces_refuse": "accès refusé",
    "accord_demande": "accord demandé",
    "accord_refuse": "accord refusé",
    "approuve": "approuvé",
    "attente": "mis en attente du client",
    "commandes_importees": "commandes importées",
    "compte_cree": "compte créé",
    "compte_ferme": "compte fermé",
    "compte_modifie": "compte modifié",
    "confie": "confié",
    "connexion_refusee": "connexion refusée",
    "correction_jetee": "correction jetée",
    "corrige": "corrigé",
    "correspondance_gardee": "correspondance gardée",
    "deconnexion": "déconnexion",
    "dossier": "dossier téléchargé",
    "double_authentification_activee": "double authentification activée",
    "double_authentification_retiree": "double authentification retirée",
    "envoi_annule": "envoi annulé",
    "envoi_tranche": "envoi tranché",
    "fusionne": "fusionné",
    "lien_renouvele": "lien renouvelé",
    "mail_rejuge": "mail rejugé",
    "mail_telecharge": "mail téléchargé",
    "modele": "autre lettre",
    "modifie": "modifié",
    "mot_de_passe_change": "mot de passe changé",
    "piece_telechargee": "pièce jointe téléchargée",
    "refuse": "refusé",
    "regle_retouchee": "règle retouchée",
    "mails_repris": "mails remis dans la file",
    "regles_publiees": "règles publiées",
    "regles_reprises": "règles remises en place",
    "reprise": "remis dans la file",
    "scinde": "né d'une scission",
    "sessions_fermees": "sessions fermées",
    "separation": "un ticket séparé",
    "separe": "séparé",
    "situation_commencee": "situation commencée",
    "situation_retiree": "situation retirée",
}


def told(kind: str) -> str:
    """A kind of line of the audit log for people; the plain ones (`pris`, `note`) are French already."""
    return _TOLD.get(kind) or kind.replace("_", " ")

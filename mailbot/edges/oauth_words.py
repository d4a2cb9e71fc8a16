"""Why a token server refuses, and what the operator can do about it (French)."""

from collections.abc import Mapping
from typing import Any

# Error codes of RFC 6749 section 5.2 and RFC 8628 section 3.5.
_CODES = {
    "invalid_grant": "l'accès a été retiré ou a expiré",
    "invalid_client": "client_id ou le secret de l'application est refusé",
    "unauthorized_client": "l'application n'a pas le droit de demander l'accès de cette façon",
    "unsupported_grant_type": "le serveur ne connaît pas cette façon de demander l'accès",
    "invalid_scope": "une permission demandée (scope) est inconnue ou n'est pas accordée à l'application",
    "invalid_request": "le serveur ne comprend pas la demande",
    "access_denied": "l'autorisation a été refusée",
    "expired_token": "le code a expiré avant d'être confirmé",
}
# Microsoft's own codes, in error_description → what to do in its administration pages.
_MICROSOFT = {
    "AADSTS7000218": "Dans Entra, page de l'application, Authentification : « Autoriser les flux de clients publics » "
    "doit être à Oui.",
    "AADSTS700016": "Cette application est inconnue de l'annuaire : vérifiez client_id et tenant.",
    "AADSTS90002": "Cet annuaire est inconnu : vérifiez tenant.",
    "AADSTS900023": "Cet annuaire est inconnu : vérifiez tenant.",
    "AADSTS50194": "L'application n'est que d'un annuaire : mettez dans tenant son identifiant, pas « common ».",
    "AADSTS65001": "Un administrateur doit accorder les permissions : Entra, page de l'application, API autorisées, "
    "« Accorder un consentement d'administrateur ».",
    "AADSTS65004": "La personne a refusé les permissions : recommencez et acceptez.",
    "AADSTS700025": "L'application est publique, elle n'a pas de secret : retirez client_secret_….",
    "AADSTS7000215": "Le secret de l'application est faux : il faut la valeur du secret, pas son identifiant.",
    "AADSTS7000222": "Le secret de l'application a expiré : créez-en un dans Entra, Certificats et secrets.",
    "AADSTS53003": "Une règle d'accès conditionnel l'interdit : exceptez-en cette boîte, ou essayez « --navigateur ».",
    "AADSTS530084": "Une règle d'accès conditionnel l'interdit : exceptez-en cette boîte.",
    "AADSTS50057": "Le compte est désactivé dans Microsoft 365.",
    "AADSTS50034": "Ce compte n'existe pas dans cet annuaire.",
}
_LONGEST = 300


def reason(answer: Mapping[str, Any]) -> str:
    """In French why the server refused, its own words, and what to do when that is known."""
    code, said = str(answer.get("error", "")), _said(answer)
    why = _CODES.get(code, "refus du serveur")
    quoted = f"{code} : {said}" if said else code
    known = next((advice for sign, advice in _MICROSOFT.items() if f"{sign}:" in f"{said}:"), "")
    return f"{why} ({quoted}).{' ' if known else ''}{known}"


def _said(answer: Mapping[str, Any]) -> str:
    """The first line of the description, without the trace numbers that Microsoft adds."""
    lines = str(answer.get("error_description") or "").strip().splitlines()
    said = lines[0].partition(" Trace ID:")[0].strip().rstrip(".") if lines else ""
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]}…"

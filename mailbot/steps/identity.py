"""Whether the writer of a mail is the customer of an order: an order's facts are told to nobody else."""

from mailbot.model import Authentication, Identity, Mail
from mailbot.steps.evidence import Evidence
from mailbot.steps.headers import FAILED


def identify(mail: Mail, item: Evidence) -> tuple[Identity, str]:
    """Whether the writer is the order's customer, and why (French). What the receiving server does not state about
    SPF, DKIM and DMARC (RFC 8601) speaks neither for nor against."""
    if _forged(mail.authentication):
        return "unverified", "le serveur signale que l'expéditeur n'est pas authentifié (SPF, DKIM ou DMARC)"
    if not (item.own or item.vouched):
        return "unverified", "l'adresse qui écrit n'est pas celle de la commande"
    if mail.reply_to and mail.sender and mail.reply_to.addr != mail.sender.addr:
        return "unverified", "la réponse partirait à une autre adresse que celle qui écrit"
    if item.own:
        return "verified", "écrit depuis l'adresse de la commande"
    return "verified", "poursuit l'échange où il était déjà reconnu comme l'acheteur"


def _forged(stated: Authentication) -> bool:
    """DMARC decides; without it, a failed SPF or DKIM that the other does not make good."""
    if stated.dmarc in ("pass", "fail"):
        return stated.dmarc == "fail"
    failed = stated.spf in FAILED or stated.dkim in FAILED
    return failed and "pass" not in (stated.spf, stated.dkim)

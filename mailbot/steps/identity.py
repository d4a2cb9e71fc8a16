"""Whether the writer of a mail is the customer of an order: an order's facts are told to nobody else."""

from mailbot.model import Identity, Mail
from mailbot.steps.evidence import Evidence


def identify(mail: Mail, item: Evidence) -> tuple[Identity, str]:
    """Whether the writer is the order's customer, and why (French)."""
    checks = mail.authentication
    if checks.dmarc == "fail" or (checks.dmarc != "pass" and checks.spf == "fail" and checks.dkim != "pass"):
        return "unverified", "le serveur signale que l'expéditeur n'est pas authentifié (SPF, DKIM ou DMARC)"
    if not (item.own or item.thread):
        return "unverified", "l'adresse qui écrit n'est pas celle de la commande"
    if mail.reply_to and mail.sender and mail.reply_to.addr != mail.sender.addr:
        return "unverified", "la réponse partirait à une autre adresse que celle qui écrit"
    return (
        "verified",
        "écrit depuis l'adresse de la commande" if item.own else "répond à notre échange avec ce client",
    )

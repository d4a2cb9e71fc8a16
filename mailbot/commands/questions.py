"""The questions of `mailbot init`: each is asked again until its answer can be used."""

import sys
from collections.abc import Callable

import typer

from mailbot.errors import MailbotError

SECURITY = ("tls", "starttls", "none")


def ask_all() -> dict[str, str]:
    """The answers by name. Raises MailbotError (French) when a script's answers end too early."""
    try:
        return _answers()
    except typer.Abort:
        if sys.stdin.isatty():
            raise
        print()
        raise MailbotError(
            "il manque des réponses : rien n'a été écrit. Relancez « mailbot init »."
        ) from None


def ask_secret(question: str) -> str:
    """A password, unseen on a terminal; from a script, the next line ('' when there is none)."""
    if sys.stdin.isatty():
        return str(typer.prompt(question, hide_input=True, prompt_suffix=" : "))
    print(f"{question} :")
    return sys.stdin.readline().rstrip("\n")


def _answers() -> dict[str, str]:
    address = _ask("Adresse de la boîte du service client", None, _wrong_address)
    domain = address.rpartition("@")[2]
    return {
        "address": address,
        "sender_name": _ask("Nom de la boutique, tel que les clients le voient", domain),
        "imap_host": _ask("Serveur IMAP", f"imap.{domain}"),
        "imap_port": _ask("Port IMAP", "993", _wrong_port),
        "imap_security": _ask("Sécurité IMAP (tls, starttls, none)", "tls", _wrong_security),
        "smtp_host": _ask("Serveur SMTP", f"smtp.{domain}"),
        "smtp_port": _ask("Port SMTP", "587", _wrong_port),
        "smtp_security": _ask("Sécurité SMTP (tls, starttls, none)", "starttls", _wrong_security),
        "username": _ask("Identifiant de connexion", address),
    }


def _ask(question: str, default: str | None, wrong: Callable[[str], str] | None = None) -> str:
    while True:
        answer = str(typer.prompt(question, default=default, prompt_suffix=" : ")).strip()
        trouble = wrong(answer) if wrong else ""
        if not trouble:
            return answer
        print(f"  « {answer} » ne convient pas : {trouble}.")


def _wrong_address(answer: str) -> str:
    name, at, domain = answer.rpartition("@")
    fits = name and at and "." in domain and not any(sign.isspace() for sign in answer)
    return "" if fits else "une adresse complète est attendue, par exemple sav@boutique.fr"


def _wrong_port(answer: str) -> str:
    fits = answer.isascii() and answer.isdigit() and 0 < int(answer) < 65536
    return "" if fits else "un numéro de port est attendu, de 1 à 65535"


def _wrong_security(answer: str) -> str:
    return "" if answer in SECURITY else "répondez tls, starttls ou none"

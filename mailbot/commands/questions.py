"""The questions of `mailbot init`: each is asked again until its answer can be used."""

import sys
from collections.abc import Callable, Mapping

import typer

from mailbot.errors import MailbotError

SECURITY = ("tls", "starttls", "none")
TLS_PORTS = ("993", "465")


def ask_all(given: Mapping[str, str]) -> dict[str, str]:
    """The answers by name; those `given` on the command line are not asked. Raises MailbotError (French) when a script
    gives too few answers, or a given one cannot be used."""
    try:
        return _answers(given)
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


def _answers(given: Mapping[str, str]) -> dict[str, str]:
    answers: dict[str, str] = {}

    def ask(
        key: str, question: str, default: str | None, wrong: Callable[[str], str] = lambda _answer: ""
    ) -> str:
        answers[key] = _given(given[key], wrong) if key in given else _ask(question, default, wrong)
        return answers[key]

    domain = ask("address", "Adresse de la boîte du service client", None, _wrong_address).rpartition("@")[2]
    ask("sender_name", "Nom de la boutique, tel que les clients le voient", domain)
    for kind, port in (("imap", "993"), ("smtp", "587")):
        name = kind.upper()
        ask(f"{kind}_host", f"Serveur {name}", f"{kind}.{domain}", _wrong_host)
        port = ask(f"{kind}_port", f"Port {name}", port, _wrong_port)
        security = "tls" if port in TLS_PORTS else "starttls"
        ask(f"{kind}_security", f"Sécurité {name} (tls, starttls, none)", security, _wrong_security)
    ask("username", "Identifiant de connexion", answers["address"])
    return answers


def _given(answer: str, wrong: Callable[[str], str]) -> str:
    if trouble := wrong(answer):
        raise MailbotError(f"« {answer} » ne convient pas : {trouble}.")
    return answer


def _ask(question: str, default: str | None, wrong: Callable[[str], str]) -> str:
    while True:
        answer = str(typer.prompt(question, default=default, prompt_suffix=" : ")).strip()
        trouble = wrong(answer)
        if not trouble:
            return answer
        print(f"  « {answer} » ne convient pas : {trouble}.")


def _wrong_address(answer: str) -> str:
    name, at, domain = answer.rpartition("@")
    fits = name and at and "." in domain and not any(sign.isspace() for sign in answer)
    return "" if fits else "une adresse complète est attendue, par exemple sav@boutique.fr"


def _wrong_host(answer: str) -> str:
    fits = answer and not any(sign.isspace() or sign in "/@" for sign in answer) and answer.count(":") != 1
    return "" if fits else "le nom du serveur est attendu seul, par exemple imap.boutique.fr"


def _wrong_port(answer: str) -> str:
    fits = answer.isascii() and answer.isdigit() and 0 < int(answer) < 65536
    return "" if fits else "un numéro de port est attendu, de 1 à 65535"


def _wrong_security(answer: str) -> str:
    return "" if answer in SECURITY else "répondez tls, starttls ou none"

"""Refused log-ins and silent ports: what is said depends on whose server it is."""

import pytest

from mailbot.config import Security, Server
from mailbot.edges.providers import other_port, takes_no_password, wants


def server(host: str, port: int = 993, security: Security = "tls") -> Server:
    return Server(host=host, port=port, security=security, allow_plain_text=True)


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("imap.gmail.com", "Chez Google il faut un mot de passe d'application"),
        ("OUTLOOK.office365.com.", "Microsoft n'accepte plus les mots de passe"),
        ("smtp.office365.com", "[accounts.oauth]"),
        ("imap-mail.outlook.com", "OAuth 2.0"),
        ("ssl0.ovh.net", "l'identifiant est l'adresse entière"),
        ("imap.orange.fr", "vérifiez dans les réglages du webmail"),
        ("imap.laposte.net", "vérifiez dans les réglages du webmail"),
        ("imap.boutique.example", "L'identifiant est le plus souvent l'adresse entière"),
        ("notgmail.com", "L'identifiant est le plus souvent l'adresse entière"),
    ],
)
def test_each_provider_wants_something_else(host: str, words: str) -> None:
    assert words in wants(server(host))


@pytest.mark.parametrize(
    ("port", "security", "words"),
    [
        (993, "starttls", '"tls"'),
        (465, "none", '"tls"'),
        (587, "tls", '"starttls"'),
        (143, "tls", '"starttls"'),
    ],
)
def test_a_port_that_does_not_go_with_its_security_is_named(
    port: int, security: Security, words: str
) -> None:
    said = other_port(server("imap.example", port, security))
    assert str(port) in said and words in said


def test_nothing_is_said_of_a_port_that_fits() -> None:
    assert other_port(server("imap.example", 993, "tls")) == ""
    assert other_port(server("imap.example", 1993, "starttls")) == ""


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("smtp.office365.com", "« SMTP authentifié » doivent être cochés"),
        ("imap.gmail.com", "IMAP permis"),
        ("imap.boutique.example", "la boîte nommée dans username"),
    ],
)
def test_a_token_that_a_server_refuses_has_other_reasons_than_a_password(host: str, words: str) -> None:
    one = server(host).model_copy(update={"auth": "oauth", "username": "sav@boutique.example"})
    assert words in wants(one)


def test_only_microsoft_takes_no_password_at_all() -> None:
    assert takes_no_password("outlook.office365.com") and takes_no_password("IMAP-mail.outlook.com.")
    assert not takes_no_password("imap.gmail.com") and not takes_no_password("notoutlook.com")

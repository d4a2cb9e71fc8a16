"""Connecting to a real Dovecot: TLS, STARTTLS, names and passwords, and what is said when it fails."""

import pytest

from mailbot.config import Account, Security
from mailbot.edges.mailbox import connect
from mailbot.errors import NeedsHuman, TryAgain
from tests.servers.dovecot import PASSWORD, Dovecot

pytestmark = pytest.mark.server


def test_tls_with_a_known_authority_works(dovecot: Dovecot, user: str) -> None:
    with connect(dovecot.account(user, security="tls"), PASSWORD) as box:
        assert box.examine("INBOX").exists == 0


def test_starttls_with_a_known_authority_works(dovecot: Dovecot, user: str) -> None:
    with connect(dovecot.account(user, security="starttls"), PASSWORD) as box:
        assert box.examine("INBOX").exists == 0


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_an_unknown_authority_is_refused(dovecot: Dovecot, user: str, security: Security) -> None:
    settings = dovecot.account(user, security=security, ca_file=None)
    with pytest.raises(NeedsHuman, match=r"127\.0\.0\.1.*autorité est inconnue"):
        connect(settings, PASSWORD)


@pytest.mark.parametrize(("certificate", "words"), [("other", "autre"), ("expired", "expiré")])
def test_a_wrong_certificate_is_refused(user: str, certificate: str, words: str) -> None:
    with Dovecot(certificate=certificate) as server:
        with pytest.raises(NeedsHuman, match=words):
            connect(server.account(user, security="tls"), PASSWORD)
        with pytest.raises(NeedsHuman, match=words):
            connect(server.account(user, security="starttls"), PASSWORD)


def test_a_server_without_starttls_never_gets_the_password(plain_dovecot: Dovecot, user: str) -> None:
    with pytest.raises(NeedsHuman, match="n'offre pas STARTTLS, le mot de passe n'a pas été envoyé"):
        connect(plain_dovecot.account(user, security="starttls"), PASSWORD)


def test_tls_on_a_plain_port_is_explained(dovecot: Dovecot, user: str) -> None:
    with pytest.raises(NeedsHuman, match="993"):
        connect(dovecot.account(user, security="tls", port=dovecot.imap_port), PASSWORD)


def test_a_wrong_password_is_a_human_matter(account: Account) -> None:
    with pytest.raises(NeedsHuman, match="mot de passe refusé"):
        connect(account, "faux")
    with pytest.raises(NeedsHuman, match="mot de passe refusé"):
        connect(account, "mot de passé")


def test_a_user_name_with_accents_logs_in(dovecot: Dovecot) -> None:
    with connect(dovecot.account("hélène"), PASSWORD) as box:
        assert box.examine("INBOX").exists == 0


def test_an_unknown_host_and_a_closed_port_are_told_apart(dovecot: Dovecot, user: str) -> None:
    with pytest.raises((NeedsHuman, TryAgain), match=r"imap\.inexistant\.invalid"):
        connect(dovecot.account(user, host="imap.inexistant.invalid", allow_plain_text=True), PASSWORD)
    with pytest.raises(TryAgain, match="connexion refusée"):
        connect(dovecot.account(user, port=1), PASSWORD)

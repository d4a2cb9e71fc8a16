"""An authenticated imapclient session, and every IMAP trouble told in French as TryAgain or NeedsHuman."""

import contextlib
import imaplib
import logging
import re
import socket
import ssl
from collections.abc import Iterator

import imapclient
from imapclient.exceptions import CapabilityError, LoginError

from mailbot.config import Account, Server
from mailbot.edges import sasl_oauth, tls
from mailbot.edges.imap_types import Session
from mailbot.edges.providers import other_port, wants
from mailbot.edges.sign_in import Access, Secret
from mailbot.errors import MailbotError, NeedsHuman, TryAgain, words

# RFC 5530 response codes that time does not cure.
_LASTING = re.compile(
    r"\[(OVERQUOTA|NOPERM|CANNOT|NONEXISTENT|TRYCREATE|CONTACTADMIN|PRIVACYREQUIRED|AUTHENTICATIONFAILED"
    r"|AUTHORIZATIONFAILED|EXPIRED|CLIENTBUG)\b",
    re.IGNORECASE,
)
_PASSING_LOGIN = re.compile(r"\[(UNAVAILABLE|INUSE|SERVERBUG|LIMIT)\b", re.IGNORECASE)


def open_session(account: Account, secret: Secret) -> Session:
    """Connect and log in according to `account.imap`; every socket operation is bounded by its timeout.

    Raises NeedsHuman (unknown host, certificate, STARTTLS not offered, wrong password, access taken back) or
    TryAgain."""
    if isinstance(secret, Access):
        secret.token()  # one is at hand before the server is kept waiting
    with speaking(account, opening=True):
        client = _connected(account.imap)
    with contextlib.ExitStack() as undo:
        undo.callback(close, client)
        _secure(client, account)
        _log_in(client, account, secret)
        undo.pop_all()  # logged in: the session stays open
    return client


def close(client: Session, *, polite: bool = False) -> None:
    """End a session without ever raising; `polite` says LOGOUT first and waits at most 5 s for the answer."""
    if polite:
        try:
            client.socket().settimeout(5)
            client.logout()
            return
        except (imaplib.IMAP4.error, OSError, ValueError):
            pass  # the server is gone: nothing of value is lost by hanging up
    with contextlib.suppress(imaplib.IMAP4.error, OSError):
        client.shutdown()


@contextlib.contextmanager
def speaking(account: Account, *, opening: bool = False) -> Iterator[None]:
    """Turn whatever imapclient, imaplib and the socket raise inside into TryAgain or NeedsHuman (French)."""
    try:
        yield
    except (OSError, imaplib.IMAP4.error, ValueError) as error:
        raise explain(account, error, opening=opening) from error


def explain(account: Account, error: Exception, *, opening: bool = False) -> MailbotError:
    """The French error for a trouble while speaking to the account's IMAP server. A TLS error is lasting only
    while `opening` the connection: later it is a broken line."""
    server = account.imap
    where = f"compte « {account.name} », {server.host}:{server.port}"
    if opening and isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
        return tls.trouble(server, error)
    if isinstance(error, socket.gaierror):
        return _unknown_host(where, server, error)
    if isinstance(error, ConnectionRefusedError):
        return TryAgain(f"{where} : connexion refusée. Le serveur est arrêté, ou le port n'est pas le bon.")
    if isinstance(error, TimeoutError):
        return TryAgain(
            f"{where} : pas de réponse en {server.timeout_seconds:g} s.{other_port(server)} Nouvel essai plus tard."
        )
    if isinstance(error, UnicodeEncodeError):
        return NeedsHuman(f"{where} : un texte ne peut pas être transmis au serveur ({error.object!r}).")
    if isinstance(error, imaplib.IMAP4.abort):
        return TryAgain(f"{where} : le serveur a coupé la liaison ({error}). Nouvel essai plus tard.")
    if isinstance(error, imaplib.IMAP4.error) and _LASTING.search(str(error)):
        return NeedsHuman(f"{where} : le serveur refuse durablement ({error}).")
    if isinstance(error, OSError):
        return TryAgain(f"{where} : liaison impossible ou perdue ({words(error)}). Nouvel essai plus tard.")
    return TryAgain(f"{where} : réponse inattendue du serveur ({error}). Nouvel essai plus tard.")


def _unknown_host(where: str, server: Server, error: socket.gaierror) -> MailbotError:
    if error.errno == socket.EAI_AGAIN:
        return TryAgain(
            f"{where} : le nom n'a pas pu être cherché (pas de réseau ou pas de DNS). Nouvel essai plus tard."
        )
    return NeedsHuman(
        f"{where} : le serveur « {server.host} » n'existe pas. Vérifiez host dans la configuration."
    )


def _connected(server: Server) -> Session:
    direct = server.security == "tls"
    client: Session = imapclient.IMAPClient(
        server.host,
        server.port,
        ssl=direct,
        ssl_context=tls.context(server) if direct else None,
        timeout=server.timeout_seconds,
    )
    client.normalise_times = False  # the default yields naive local times
    # imapclient sets imaplib's debug level to 5: every line and every message is formatted for a log nobody
    # reads. Level 0 makes downloads several times faster and keeps the password out of any log.
    client._imap.debug = 0
    logging.getLogger("imapclient").setLevel(
        logging.ERROR
    )  # its remarks on odd bytes would be English on our screen
    return client


def _secure(client: Session, account: Account) -> None:
    if account.imap.security != "starttls":
        return
    context = tls.context(account.imap)
    try:
        with speaking(account, opening=True):
            client.starttls(context)
    except (NeedsHuman, TryAgain) as error:
        # A man in the middle can strip STARTTLS from the capabilities, or greet with PREAUTH: never log in
        # then.
        cause = error.__cause__
        if isinstance(cause, CapabilityError) or (
            isinstance(cause, imaplib.IMAP4.error) and not isinstance(cause, imaplib.IMAP4.abort)
        ):
            raise NeedsHuman(
                f"compte « {account.name} », {account.imap.host}:{account.imap.port} : le serveur n'offre "
                f"pas STARTTLS, "
                'le mot de passe n\'a pas été envoyé. Essayez security = "tls" avec le port 993.'
            ) from error
        raise


def _log_in(client: Session, account: Account, secret: Secret) -> None:
    if isinstance(secret, Access):
        token = secret.token()
        try:
            _by_token(client, account, token)
        except NeedsHuman as error:
            newer = secret.another(token) if isinstance(error.__cause__, LoginError) else None
            if newer is None:
                raise
            _by_token(client, account, newer)
    else:
        _by_password(client, account, secret)


def _by_password(client: Session, account: Account, password: str) -> None:
    user = account.imap.username or account.address
    try:
        with speaking(account):
            if (user + password).isascii():
                client.login(user, password)
            else:  # LOGIN is ASCII only; SASL PLAIN is UTF-8 (RFC 4616)
                client.plain_login(user, password)
    except (NeedsHuman, TryAgain) as error:
        raise _login_trouble(account, user, error) from error


def _by_token(client: Session, account: Account, token: str) -> None:
    server, user = account.imap, account.imap.username or account.address
    try:
        with speaking(account):
            offered = [item.decode("ascii", "replace") for item in client.capabilities()]
            chosen = sasl_oauth.mechanism([name.removeprefix("AUTH=") for name in offered])
            if chosen is None:
                raise NeedsHuman(
                    f"compte « {account.name} », {server.host}:{server.port} : le serveur n'offre pas de connexion par "
                    f'OAuth (XOAUTH2 ou OAUTHBEARER) avec security = "{server.security}".'
                )
            client.sasl_login(chosen, sasl_oauth.answering(chosen, user, token))
    except (NeedsHuman, TryAgain) as error:
        raise _login_trouble(account, user, error) from error.__cause__


def _login_trouble(account: Account, user: str, error: MailbotError) -> MailbotError:
    cause = error.__cause__
    if not isinstance(cause, LoginError):
        return error
    if isinstance(cause.__context__, imaplib.IMAP4.abort) or _PASSING_LOGIN.search(str(cause)):
        return TryAgain(
            f"compte « {account.name} », {account.imap.host} : le serveur n'a pas pu ouvrir la session "
            f"({cause}). "
            "Nouvel essai plus tard."
        )
    if account.imap.auth == "oauth":
        return NeedsHuman(
            f"compte « {account.name} », {account.imap.host} : accès par OAuth à la boîte « {user} » refusé "
            f"({_said(cause)}). {wants(account.imap)}"
        )
    return NeedsHuman(
        f"compte « {account.name} », {account.imap.host} : identifiant « {user} » ou mot de passe refusé "
        f"({_said(cause)}). "
        f"{wants(account.imap)}"
    )


def _said(error: BaseException) -> str:
    """The server's words without Python's b'...' around them."""
    words = str(error)
    return words[2:-1] if words.startswith(("b'", 'b"')) else words

"""`connect`: a person lets mailbot into a mailbox by OAuth 2.0, once."""

import secrets
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from mailbot.commands import checkup, french, screen
from mailbot.commands.opening import DEFAULT_CONFIG, ConfigOption, read_config
from mailbot.errors import ConfigError, NeedsHuman

if TYPE_CHECKING:
    from mailbot.config import Account, Config, OAuth
    from mailbot.edges.oauth import Grant


def register(app: typer.Typer) -> None:
    """Add the command of this module to the command line."""
    french.command(app, "connect")(connect)


def connect(
    account: Annotated[
        str | None,
        typer.Argument(
            metavar="COMPTE", help="Nom du compte dans la configuration ; inutile quand il n'y en a qu'un."
        ),
    ] = None,
    browser: Annotated[
        bool,
        typer.Option(
            "--navigateur", help="Par une adresse à ouvrir puis à recopier, au lieu d'un code à taper."
        ),
    ] = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Connecte une boîte par OAuth 2.0 (Microsoft 365, Google) : une personne l'autorise, le jeton est gardé et essayé.

    À lancer sous le compte du service. À refaire quand « mailbot status » dit que l'accès a été retiré."""
    from mailbot import clock
    from mailbot.edges import refresh_tokens

    chosen, oauth = _chosen(read_config(config), account)
    out = screen.console()
    if oauth.grant == "user":
        by_browser = browser or oauth.endpoints.device is None
        grant = _by_browser(chosen, oauth) if by_browser else _by_code(chosen, oauth)
        if grant.refresh is None:
            raise NeedsHuman(
                f"compte « {chosen.name} » : l'accès est donné, mais sans jeton durable. Le scope doit le permettre "
                "(offline_access chez Microsoft) ; retirez l'accès de mailbot dans ce compte, puis recommencez."
            )
        stored = refresh_tokens.Stored(
            token=grant.refresh, client_id=oauth.client_id, connected_at=clock.now()
        )
        with refresh_tokens.alone(oauth, chosen.name):
            refresh_tokens.write(oauth, chosen.name, stored)
        out.print(f"[green]✓[/] accès donné, jeton gardé dans {refresh_tokens.where(oauth)}", soft_wrap=True)
    if not _works(chosen):
        raise typer.Exit(1)


def _chosen(config: "Config", name: str | None) -> "tuple[Account, OAuth]":
    """The account to connect. Raises ConfigError (French) when it is not there or not by OAuth."""
    known = {one.name: (one, one.oauth) for one in config.accounts if one.oauth is not None}
    if not known:
        raise ConfigError(
            "aucun compte n'est réglé pour OAuth : il faut une section [accounts.oauth] (voir docs/connexion.md)."
        )
    if name is None and len(known) == 1:
        return next(iter(known.values()))
    if name not in known:
        wrong = (
            "plusieurs comptes sont réglés pour OAuth"
            if name is None
            else f"« {name} » n'est pas un compte réglé pour OAuth"
        )
        raise ConfigError(f"{wrong}. Nommez l'un de : {', '.join(known)}.")
    return known[name]


def _by_code(account: "Account", oauth: "OAuth") -> "Grant":
    """The person types a code on whatever machine has a browser."""
    import time

    from mailbot import clock
    from mailbot.edges import oauth as flows

    code = flows.device_code(oauth, account.name, clock.now())
    minutes = max(1, round((code.until - clock.now()).total_seconds() / 60))
    _say(
        f"Compte « {account.name} » : autorisez mailbot à lire et envoyer les mails de {account.address}.\n"
        f"  1. Ouvrez, sur n'importe quelle machine : {code.address}\n"
        f"  2. Donnez ce code, valable {minutes} min : {code.user_code}\n"
        f"  3. Connectez-vous avec le compte {_person(account)}, et acceptez.\n"
        "En attente de l'autorisation (Ctrl-C pour abandonner)…"
    )
    return flows.confirmed(oauth, account.name, code, clock.now, time.sleep)


def _by_browser(account: "Account", oauth: "OAuth") -> "Grant":
    """The person opens an address, and copies back the one their browser ends at: that works from any machine."""
    import webbrowser

    from mailbot import clock
    from mailbot.config import graphical
    from mailbot.edges import oauth as flows

    if oauth.endpoints.authorize is None:
        raise ConfigError(f"compte « {account.name} » : --navigateur demande authorize_url.")
    state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(64)
    address = flows.browser_address(oauth, state, verifier, _person(account))
    _say(
        f"Compte « {account.name} » : autorisez mailbot à lire et envoyer les mails de {account.address}.\n"
        f"  1. Ouvrez cette adresse, sur n'importe quelle machine :\n{address}\n"
        f"  2. Connectez-vous avec le compte {_person(account)}, et acceptez.\n"
        f"  3. Le navigateur finit sur une page qui ne s'affiche pas ({flows.REDIRECT}/?…code=…) : c'est voulu. Copiez "
        "toute l'adresse de cette page, et collez-la ici :"
    )
    if graphical():
        webbrowser.open(address)
    code = flows.code_in(sys.stdin.readline(), state, account.name)
    return flows.by_code(oauth, account.name, code, verifier, clock.now())


def _person(account: "Account") -> str:
    """Who is to accept. A shared mailbox is read under its own name, but what leaves it is sent by a person."""
    server = account.smtp if account.smtp.auth == "oauth" else account.imap
    return server.username or account.address


def _say(text: str) -> None:
    screen.console().print(text, markup=False, soft_wrap=True)


def _works(account: "Account") -> bool:
    """Whether the servers take it: one line each."""
    from mailbot.edges.sign_in import SignIn

    keys = SignIn()
    found = [
        checkup.result(f"IMAP « {account.name} »", lambda: checkup.imap(account, None, keys)),
        checkup.result(f"SMTP « {account.name} »", lambda: checkup.smtp(account, None, keys)),
    ]
    for finding in found:
        checkup.show(finding)
    return all(finding.ok for finding in found)

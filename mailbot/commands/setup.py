"""`init`: from nothing to a configuration that is known to work."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mailbot.commands import checkup, french, screen
from mailbot.commands.opening import read_config

if TYPE_CHECKING:
    from mailbot.config import Account

SHOP = Path("rules") / "entreprise.toml"
PAGE = "http://127.0.0.1:8025"
_MICROSOFT = (
    "# À compléter d'après la page de l'application dans Entra : docs/connexion.md, pas à pas.\n"
    '[accounts.oauth]\nprovider = "microsoft"\nclient_id = "ID d\'application (client)"\n'
    'tenant = "ID de l\'annuaire (locataire)"\n\n'
)
_SERVER = "HÔTE[:PORT[:SÉCURITÉ]]"
ImapOption = Annotated[
    str | None,
    typer.Option(metavar=_SERVER, help="Serveur de réception, par exemple ssl0.ovh.net:993:tls."),
]
SmtpOption = Annotated[
    str | None,
    typer.Option(metavar=_SERVER, help="Serveur d'envoi, par exemple ssl0.ovh.net:465:tls."),
]


def register(app: typer.Typer) -> None:
    """Add the command of this module to the command line."""
    french.command(app, "init")(init)


def init(
    directory: Annotated[Path, typer.Argument(metavar="DOSSIER", help="Dossier à créer.")] = Path(
        "ma-boutique"
    ),
    address: Annotated[str | None, typer.Option("--address", help="Adresse de la boîte.")] = None,
    name: Annotated[str | None, typer.Option("--name", help="Nom de la boutique.")] = None,
    imap: ImapOption = None,
    smtp: SmtpOption = None,
    username: Annotated[str | None, typer.Option("--username", help="Identifiant de connexion.")] = None,
    no_test: Annotated[bool, typer.Option("--no-test", help="Ne teste pas les connexions.")] = False,
) -> None:
    """Prépare un dossier : configuration, règles et modèles modifiables. Pose les questions, teste les connexions.

    Ce que les options donnent n'est pas demandé. Le mot de passe n'est jamais écrit : il est demandé pour le test
    seulement."""
    from mailbot.commands.questions import ask_all
    from mailbot.errors import MailbotError, words

    target = directory / "config.toml"
    if target.exists():
        raise typer.BadParameter(f"{target} existe déjà ; choisissez un autre dossier ou modifiez ce fichier")
    given = {"address": address, "sender_name": name, "username": username}
    answers = ask_all(screen.compact({**given, **_server("imap", imap), **_server("smtp", smtp)}))
    try:
        _lay_out(directory, target, answers)
    except OSError as error:
        raise MailbotError(f"{directory} : écriture impossible ({words(error)}).") from error
    out = screen.console()
    out.print(f"[green]✓[/] {target} écrit, sans mot de passe.")
    out.print(f"[green]✓[/] règles et modèles copiés : {directory / 'rules'}, {directory / 'templates'}")
    account = read_config(target).accounts[0]
    connected = no_test or account.oauth is not None or _try_connections(account)
    out.print(
        "\nEnsuite :\n"
        f"  1. Complétez {directory / SHOP} (adresse de retour, médiateur, site) : sans eux, les réponses "
        "qui en ont besoin restent à compléter.\n"
        f"  2. {_way_in(account, target)}\n"
        f"  3. mailbot check --config {target}\n"
        f"  4. mailbot orders import COMMANDES.csv --config {target}\n"
        f"  5. mailbot run --config {target} : le service, et la page des agents sur {PAGE} (le premier lien y est "
        "affiché)",
        soft_wrap=True,
    )
    if not connected:
        out.print(
            f"[bold red]✗[/] Une connexion a échoué : corrigez {target}, puis vérifiez (point 3).",
            soft_wrap=True,
        )
        raise typer.Exit(1)


def _server(kind: str, given: str | None) -> dict[str, str | None]:
    """HÔTE, HÔTE:PORT or HÔTE:PORT:SÉCURITÉ as the answers to three questions."""
    if given is None:
        return {}
    parts = dict(zip(("host", "port", "security"), given.split(":"), strict=False))
    return {f"{kind}_{part}": value for part, value in parts.items()}


def _lay_out(directory: Path, target: Path, answers: dict[str, str]) -> None:
    """Rules, templates and configuration in place; the configuration only if it can be used."""
    from mailbot.errors import ConfigError
    from mailbot.jobs import shipped_note

    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    if "rules" in shipped_note.lay_out(directory):
        _name_shop(directory / SHOP, answers)
    target.write_text(_config_text(answers), "utf-8")
    target.chmod(0o600)
    try:
        read_config(target)
    except ConfigError:
        target.unlink()
        raise


def _name_shop(path: Path, answers: dict[str, str]) -> None:
    """The shop's own name instead of the example's; the example's addresses go, a letter must not carry them."""
    own = {
        "nom": answers["sender_name"],
        "signature": f"Le service client de {answers['sender_name']}",
        "site": "",
        "domaine_message_id": answers["address"].rpartition("@")[2],
        "adresse_retour": "",
        "mediateur": "",
    }
    lines = [
        f"{key} = {_quoted(own[key])}" if (key := line.partition(" = ")[0]) in own else line
        for line in path.read_text("utf-8").splitlines()
    ]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _config_text(answers: dict[str, str]) -> str:
    from mailbot.edges.providers import takes_no_password

    def quoted(key: str) -> str:
        return _quoted(answers[key])

    def server(kind: str) -> str:
        by_oauth = takes_no_password(answers[f"{kind}_host"])
        way_in = 'auth = "oauth"' if by_oauth else f'password_env = "MAILBOT_{kind.upper()}_PASSWORD"'
        return (
            f"[accounts.{kind}]\nhost = {quoted(kind + '_host')}\nport = {answers[kind + '_port']}\n"
            f"security = {quoted(kind + '_security')}\nusername = {quoted('username')}\n{way_in}\n"
        )

    return (
        "# Écrit par « mailbot init ». Toutes les clés sont expliquées dans config.example.toml.\n"
        'rules_dir = "rules"\ntemplates_dir = "templates"\n\n'
        f'[[accounts]]\nname = "support"\naddress = {quoted("address")}\nsender_name = {quoted("sender_name")}\n'
        f'folders = ["INBOX"]\nstart_from = "now"\n\n{server("imap")}\n{server("smtp")}\n'
        f"{_MICROSOFT if 'oauth' in server('imap') + server('smtp') else ''}"
        '[storage]\ndirectory = "donnees"\n\n[sending]\nenabled = true\nundo_seconds = 15\n\n'
        f"[alarms]\nto = [{quoted('address')}]\n\n"
        "# La page des agents, sur cette machine seulement.\n"
        '[web]\nhost = "127.0.0.1"\nport = 8025\n'
    )


def _way_in(account: "Account", target: Path) -> str:
    """What is left to do so that the servers let mailbot in (French)."""
    from rich.markup import escape

    if account.oauth is None:
        return (
            "Mettez les mots de passe dans l'environnement : MAILBOT_IMAP_PASSWORD et MAILBOT_SMTP_PASSWORD."
        )
    return escape(
        "Microsoft n'accepte plus de mot de passe : créez l'application (docs/connexion.md), complétez "
        f"[accounts.oauth] dans {target}, puis : mailbot connect {account.name} --config {target}"
    )


def _try_connections(account: "Account") -> bool:
    """Whether both servers answered; one line each."""
    from mailbot.commands.questions import ask_secret

    secret = ask_secret(f"Mot de passe de {account.imap.username} (pour le test seulement)")
    found = [
        checkup.result("IMAP", lambda: checkup.imap(account, secret)),
        checkup.result("SMTP", lambda: checkup.smtp(account, secret)),
    ]
    for finding in found:
        checkup.show(finding)
    return all(finding.ok for finding in found)

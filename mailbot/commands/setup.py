"""`init` and `check`: from nothing to a service that is known to work."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from mailbot.commands import french, screen
from mailbot.commands.opening import (
    DEFAULT_CONFIG,
    ConfigOption,
    JsonOption,
    load_rulebook,
    open_database,
    read_config,
)


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    french.command(app, "init")(init)
    french.command(app, "check")(check)


def init(
    directory: Annotated[Path, typer.Argument(metavar="DOSSIER", help="Dossier à créer.")] = Path("mailbot"),
    no_test: Annotated[bool, typer.Option("--no-test", help="Ne teste pas les connexions.")] = False,
) -> None:
    """Prépare un dossier : configuration, règles et modèles modifiables. Pose les questions, teste les connexions.

    Le mot de passe n'est jamais écrit : il est demandé pour le test seulement."""
    from mailbot.config import defaults_dir

    target = directory / "config.toml"
    if target.exists():
        raise typer.BadParameter(f"{target} existe déjà ; choisissez un autre dossier ou modifiez ce fichier")
    answers = _ask()
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in ("rules", "templates"):
        if not (directory / name).exists():
            shutil.copytree(defaults_dir() / name, directory / name)
    target.write_text(_config_text(answers), "utf-8")
    target.chmod(0o600)
    out = screen.console()
    out.print(f"[green]✓[/] {target} écrit, sans mot de passe.")
    out.print(f"[green]✓[/] règles et modèles copiés : {directory / 'rules'}, {directory / 'templates'}")
    if not no_test:
        _try_connections(target)
    out.print(
        "\nEnsuite :\n"
        f"  1. Complétez {directory / 'rules' / 'entreprise.toml'} (adresse de retour, médiateur, signature).\n"
        "  2. Mettez les mots de passe dans l'environnement : MAILBOT_IMAP_PASSWORD et MAILBOT_SMTP_PASSWORD.\n"
        f"  3. mailbot check --config {target}\n"
        f"  4. mailbot orders import COMMANDES.csv --config {target}\n"
        f"  5. mailbot run --config {target}"
    )


def _ask() -> dict[str, str]:
    address = typer.prompt("Adresse de la boîte du service client")
    domain = address.rpartition("@")[2]
    return {
        "address": address,
        "sender_name": typer.prompt("Nom affiché aux clients", default=domain),
        "imap_host": typer.prompt("Serveur IMAP", default=f"imap.{domain}"),
        "imap_port": typer.prompt("Port IMAP", default="993"),
        "imap_security": typer.prompt("Sécurité IMAP (tls, starttls, none)", default="tls"),
        "smtp_host": typer.prompt("Serveur SMTP", default=f"smtp.{domain}"),
        "smtp_port": typer.prompt("Port SMTP", default="587"),
        "smtp_security": typer.prompt("Sécurité SMTP (tls, starttls, none)", default="starttls"),
        "username": typer.prompt("Identifiant de connexion", default=address),
    }


def _config_text(answers: dict[str, str]) -> str:
    def quoted(key: str) -> str:
        return '"' + answers[key].replace("\\", "\\\\").replace('"', '\\"') + '"'

    def server(kind: str) -> str:
        return (
            f"[accounts.{kind}]\nhost = {quoted(kind + '_host')}\nport = {answers[kind + '_port']}\n"
            f"security = {quoted(kind + '_security')}\nusername = {quoted('username')}\n"
            f'password_env = "MAILBOT_{kind.upper()}_PASSWORD"\n'
        )

    return (
        "# Écrit par « mailbot init ». Toutes les clés sont expliquées dans config.example.toml.\n"
        'rules_dir = "rules"\ntemplates_dir = "templates"\n\n'
        f'[[accounts]]\nname = "support"\naddress = {quoted("address")}\nsender_name = {quoted("sender_name")}\n'
        f'folders = ["INBOX"]\nstart_from = "now"\n\n{server("imap")}\n{server("smtp")}\n'
        '[storage]\ndirectory = "donnees"\n\n[sending]\nenabled = true\nundo_seconds = 15\n\n'
        f"[alarms]\nto = [{quoted('address')}]\n"
    )


def _try_connections(path: Path) -> None:
    account = read_config(path).accounts[0]
    secret = typer.prompt(
        f"Mot de passe de {account.imap.username} (pour le test seulement)", hide_input=True
    )
    for name, test in (
        ("IMAP", lambda: _imap(account, secret)),
        ("SMTP", lambda: _smtp(account.smtp, secret)),
    ):
        _show(_result(name, test))


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `mailbot check`."""

    what: str
    ok: bool
    text: str


def check(config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """Vérifie configuration, règles, modèles, IMAP, SMTP et base : une ligne chacun."""
    ok = True
    for finding in _findings(config):
        ok = ok and finding.ok
        if as_json:
            screen.print_json({"check": finding.what, "ok": finding.ok, "text": finding.text})
        else:
            _show(finding)
    if not ok:
        raise typer.Exit(1)


def _show(finding: Finding) -> None:
    from rich.text import Text

    mark = Text("✓ ", "green") if finding.ok else Text("✗ ", "bold red")
    screen.console().print(mark + Text(f"{finding.what} : {finding.text}"), soft_wrap=True)


def _findings(path: Path) -> "list[Finding]":
    from mailbot.errors import ConfigError

    try:
        config = read_config(path)
    except ConfigError as error:
        return [Finding(what="configuration", ok=False, text=str(error))]
    found = [Finding(what="configuration", ok=True, text=f"{path}, {len(config.accounts)} compte(s)")]
    found.append(_result("règles et modèles", lambda: _rules(config)))
    found.append(_result("base de données", lambda: _database(config)))
    for account in config.accounts:
        found.append(_result(f"IMAP « {account.name} »", partial(_imap, account, None)))
        found.append(_result(f"SMTP « {account.name} »", partial(_smtp, account.smtp, None, account.name)))
    return found


def _result(what: str, test: Callable[[], str]) -> Finding:
    from mailbot.errors import MailbotError

    try:
        return Finding(what=what, ok=True, text=test())
    except MailbotError as error:
        return Finding(what=what, ok=False, text=str(error))


def _rules(config: Any) -> str:
    rulebook = load_rulebook(config.rules_dir, config.templates_dir)
    return f"{len(rulebook.situations)} situations, empreinte {rulebook.digest[:12]}"


def _database(config: Any) -> str:
    from mailbot.edges.store import mails

    with open_database(config) as store:
        counts = mails.count_by_state(store)
    return f"{sum(counts.values())} mail(s) au registre"


def _imap(account: Any, secret: str | None) -> str:
    from mailbot.config import password
    from mailbot.edges import mailbox

    with mailbox.connect(account, secret or password(account.imap, account.name)) as box:
        views = [box.examine(folder) for folder in account.folders]
        idle = "IDLE" if box.supports_idle else f"sans IDLE, relève toutes les {account.poll_seconds} s"
    return f"{account.imap.host}, {sum(view.exists for view in views)} mail(s), {idle}"


def _smtp(server: Any, secret: str | None, owner: str = "") -> str:
    import asyncio

    from mailbot.config import password
    from mailbot.edges import smtp

    if secret is None and server.username:
        secret = password(server, owner)
    asyncio.run(smtp.check(server, secret))
    return f"{server.host}, connexion et authentification réussies"

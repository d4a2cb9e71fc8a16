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

SHOP = Path("rules") / "entreprise.toml"
PAGE = "http://127.0.0.1:8025"
ServerOption = Annotated[
    str | None,
    typer.Option(metavar="HÔTE[:PORT[:SÉCURITÉ]]", help="Serveur, par exemple ssl0.ovh.net:993:tls."),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    french.command(app, "init")(init)
    french.command(app, "check")(check)


def init(
    directory: Annotated[Path, typer.Argument(metavar="DOSSIER", help="Dossier à créer.")] = Path(
        "ma-boutique"
    ),
    address: Annotated[str | None, typer.Option("--address", help="Adresse de la boîte.")] = None,
    name: Annotated[str | None, typer.Option("--name", help="Nom de la boutique.")] = None,
    imap: ServerOption = None,
    smtp: ServerOption = None,
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
    connected = no_test or _try_connections(target)
    out.print(
        "\nEnsuite :\n"
        f"  1. Complétez {directory / SHOP} (adresse de retour, médiateur, site) : sans eux, les réponses "
        "qui en ont besoin restent à compléter.\n"
        "  2. Mettez les mots de passe dans l'environnement : MAILBOT_IMAP_PASSWORD et MAILBOT_SMTP_PASSWORD.\n"
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
    from mailbot.config import defaults_dir
    from mailbot.errors import ConfigError

    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in ("rules", "templates"):
        if not (directory / name).exists():
            shutil.copytree(defaults_dir() / name, directory / name)
            if name == "rules":
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
    def quoted(key: str) -> str:
        return _quoted(answers[key])

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
        f"[alarms]\nto = [{quoted('address')}]\n\n"
        "# La page des agents, sur cette machine seulement.\n"
        '[web]\nhost = "127.0.0.1"\nport = 8025\n'
    )


def _try_connections(path: Path) -> bool:
    """Whether both servers answered; one line each."""
    from mailbot.commands.questions import ask_secret

    account = read_config(path).accounts[0]
    secret = ask_secret(f"Mot de passe de {account.imap.username} (pour le test seulement)")
    found = [
        _result("IMAP", lambda: _imap(account, secret)),
        _result("SMTP", lambda: _smtp(account.smtp, secret)),
    ]
    for finding in found:
        _show(finding)
    return all(finding.ok for finding in found)


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
        if found[-1].ok and config.watches_sent(account):
            found.append(_agents_folders(config, account))
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
    found = f"{len(rulebook.situations)} situations, empreinte {rulebook.digest[:12]}"
    shop = rulebook.merchant
    empty = [key for key in ("nom", "adresse_retour", "mediateur", "site") if not getattr(shop, key)]
    return f"{found} (à compléter dans entreprise.toml : {', '.join(empty)})" if empty else found


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


def _agents_folders(config: Any, account: Any) -> Finding:
    """Which folders are used for what agents do in their mail programs. That there is none only matters to who wants
    drafts in the mailbox."""
    from mailbot.config import password
    from mailbot.edges import mailbox
    from mailbot.errors import MailbotError

    what, needed = f"messagerie des agents « {account.name} »", config.drafts_in(account)
    try:
        with mailbox.connect(account, password(account.imap, account.name)) as box:
            sent = account.sent_folder or box.special_folder("Sent")
            drafts = (account.drafts.folder or box.special_folder("Drafts")) if needed else None
            for folder in filter(None, (sent, drafts)):
                box.examine(folder)
    except MailbotError as error:
        return Finding(what=what, ok=False, text=str(error))
    words = f"envoyés lus dans « {sent} »" if sent else "aucun dossier des mails envoyés trouvé (sent_folder)"
    if needed:
        words += (
            f", brouillons mis dans « {drafts} »"
            if drafts
            else ", aucun dossier de brouillons (drafts.folder)"
        )
    return Finding(what=what, ok=not needed or bool(sent and drafts), text=words)


def _smtp(server: Any, secret: str | None, owner: str = "") -> str:
    import asyncio

    from mailbot.config import password
    from mailbot.edges import smtp

    if secret is None and server.username:
        secret = password(server, owner)
    asyncio.run(smtp.check(server, secret))
    return f"{server.host}, connexion et authentification réussies"

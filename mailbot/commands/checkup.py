"""`check`: does everything work, one line each."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

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
from mailbot.steps.french import counted


def register(app: typer.Typer) -> None:
    """Add the command of this module to the command line."""
    french.command(app, "check")(check)


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
            show(finding)
    if not ok:
        raise typer.Exit(1)


def show(finding: Finding) -> None:
    """One line for a person."""
    from rich.text import Text

    mark = Text("✓ ", "green") if finding.ok else Text("✗ ", "bold red")
    screen.console().print(mark + Text(f"{finding.what} : {finding.text}"), soft_wrap=True)


def _findings(path: Path) -> "list[Finding]":
    from mailbot.edges.sign_in import SignIn
    from mailbot.errors import ConfigError

    try:
        config = read_config(path)
    except ConfigError as error:
        return [Finding(what="configuration", ok=False, text=str(error))]
    text = "".join(f" ; à revoir : {remark}" for remark in _remarks(path, config))
    accounts = counted(len(config.accounts), "compte")
    found = [Finding(what="configuration", ok=True, text=f"{path}, {accounts}{text}")]
    found.append(result("règles et modèles", lambda: _rules(config)))
    if (newer := _newer(config)) is not None:
        found.append(Finding(what="mise à jour des règles", ok=True, text=newer))
    found.append(result("base de données", lambda: _database(config)))
    keys = SignIn()
    for account in config.accounts:
        found.append(result(f"IMAP « {account.name} »", partial(imap, account, None, keys)))
        if found[-1].ok and config.watches_sent(account):
            found.append(_agents_folders(config, account, keys))
        found.append(result(f"SMTP « {account.name} »", partial(smtp, account, None, keys)))
    return found


def _remarks(path: Path, config: Any) -> list[str]:
    """What works, but is hardly meant so (French)."""
    from urllib.parse import urlsplit

    from mailbot.config import exposed_files

    found = exposed_files(config)
    if urlsplit(config.storage.url or "").password and path.stat().st_mode & 0o007:
        found.append(
            f"{path} contient un mot de passe (storage.url) et se lit par tous : url_env, ou chmod 600"
        )
    if not config.alarms.to:
        found.append("personne n'est prévenu des échéances ([alarms] to est vide)")
    if not config.sending.enabled:
        found.append("rien ne part, l'envoi est coupé ([sending] enabled = false)")
    return found


def result(what: str, test: Callable[[], str]) -> Finding:
    """What a test found; its French error when it fails."""
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


def _newer(config: Any) -> str | None:
    from mailbot.jobs import rule_update

    return rule_update.told(config)


def _database(config: Any) -> str:
    from mailbot.edges.store import mails
    from mailbot.edges.store.sole_worker import require_lasting_session

    with open_database(config) as store:
        require_lasting_session(store)
        counts = mails.count_by_state(store)
    return f"{counted(sum(counts.values()), 'mail')} au registre"


def imap(account: Any, secret: str | None, keys: Any = None) -> str:
    """Log in and open every folder; `secret` None: the configured one, `keys` (SignIn) has it."""
    from mailbot import clock
    from mailbot.edges import mailbox
    from mailbot.edges.sign_in import SignIn

    configured = keys or SignIn()
    with mailbox.connect(account, secret or configured.for_reading(account, clock.now)) as box:
        views = [box.examine(folder) for folder in account.folders]
        idle = "IDLE" if box.supports_idle else f"sans IDLE, relève toutes les {account.poll_seconds} s"
    held = counted(sum(view.exists for view in views), "mail")
    return f"{account.imap.host}, {held}, {idle}{_by_oauth(account.imap)}"


def _by_oauth(server: Any) -> str:
    return ", par OAuth" if server.auth == "oauth" else ""


def _agents_folders(config: Any, account: Any, keys: Any) -> Finding:
    """Which folders are used for what agents do in their mail programs. That there is none only matters to who wants
    drafts in the mailbox."""
    from mailbot import clock
    from mailbot.edges import mailbox
    from mailbot.errors import MailbotError

    what, needed = f"messagerie des agents « {account.name} »", config.drafts_in(account)
    try:
        with mailbox.connect(account, keys.for_reading(account, clock.now)) as box:
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


def smtp(account: Any, secret: str | None, keys: Any = None) -> str:
    """Connect and log in, send nothing; `secret` None: the configured one, `keys` (SignIn) has it."""
    import asyncio

    from mailbot import clock
    from mailbot.edges import smtp as edge
    from mailbot.edges.sign_in import SignIn

    configured = (keys or SignIn()).for_sending(account, clock.now) if secret is None else secret
    asyncio.run(edge.check(account.smtp, configured))
    return f"{account.smtp.host}, connexion et authentification réussies{_by_oauth(account.smtp)}"

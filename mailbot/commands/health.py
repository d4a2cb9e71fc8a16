"""What `mailbot status` says."""

from datetime import datetime, timedelta
from typing import Any

from rich.text import Text

from mailbot.commands import screen
from mailbot.config import Config
from mailbot.edges.store.status import Status
from mailbot.steps.french import counted


def problems(config: Config, state: Status, now: datetime) -> list[str]:
    """What a person should look at, in French; empty when all is well."""
    found = []
    known = {(folder.account, folder.folder): folder for folder in state.folders}
    for account in config.accounts:
        for name in account.folders:
            folder = known.get((account.name, name))
            where = f"compte « {account.name} », dossier « {name} »"
            if folder is None or folder.last_fetch_at is None:
                found.append(
                    f"{where} : jamais relevé. {(folder.last_error if folder else None) or ''}".rstrip()
                )
            elif now - folder.last_fetch_at > config.silence(account):
                found.append(
                    f"{where} : pas relevé depuis {screen.moment(folder.last_fetch_at)}. {folder.last_error or ''}"
                )
            elif folder.server_count is not None and folder.server_count > (folder.ledger_count or 0):
                missing = folder.server_count - (folder.ledger_count or 0)
                told = counted(missing, "mail du serveur manque", "mails du serveur manquent")
                found.append(f"{where} : {told} au registre")
    return found + _work(state)


def _work(state: Status) -> list[str]:
    found = []
    if state.rules and state.rules.refused:
        found.append(
            f"règles ou modèles modifiés refusés {screen.moment(state.rules.refused_at)}, les précédents restent en "
            f"service :\n{state.rules.refused}"
        )
    if state.parked:
        found.append(f"{counted(state.parked, 'mail')} mis de côté : mailbot mails list")
    if state.uncertain:
        doubtful = counted(state.uncertain, "envoi incertain")
        found.append(f"{doubtful} : mailbot drafts list --state uncertain")
    if failed := state.replies["failed"]:
        refused = counted(failed, "réponse refusée")
        found.append(f"{refused} par le serveur d'envoi : mailbot drafts list --state failed")
    if state.missed_deadlines:
        found.append(f"{counted(state.missed_deadlines, 'échéance dépassée')} sans réponse")
    return found


def as_json(config: Config, state: Status, now: datetime, found: list[str]) -> dict[str, Any]:
    """The same figures for scripts; durations in seconds."""

    def seconds(span: timedelta | None) -> float | None:
        return None if span is None else span.total_seconds()

    return {
        "at": now,
        "ok": not found,
        "problems": found,
        "accounts": [
            {
                "account": folder.account,
                "folder": folder.folder,
                "last_fetch_at": folder.last_fetch_at,
                "last_error": folder.last_error,
                "lag_seconds": seconds(folder.lag),
                "server_count": folder.server_count,
                "ledger_count": folder.ledger_count,
            }
            for folder in state.folders
        ],
        "mails": dict(state.mails),
        "replies": dict(state.replies),
        "open_cases": state.open_cases,
        "missed_deadlines": state.missed_deadlines,
        "oldest_unsent_seconds": seconds(state.oldest_unsent),
        "oldest_received_seconds": seconds(state.oldest_received),
        "sending_enabled": config.sending.enabled,
        "rules": _rules_json(state),
    }


def _rules_json(state: Status) -> dict[str, Any] | None:
    if state.rules is None:
        return None
    rules = state.rules
    return {
        "digest": rules.digest,
        "since": rules.since,
        "refused": rules.refused.splitlines() if rules.refused else [],
        "refused_at": rules.refused_at,
    }


def show(state: Status, found: list[str], *, brief: bool) -> None:
    """For a person; `brief` keeps to the problems."""
    out = screen.console()
    if not brief:
        screen.table(
            ("Compte", "Dossier", "Dernière relève", "Retard", "Serveur", "Registre", "Dernière erreur"),
            [_folder_row(folder) for folder in state.folders],
            empty="Aucun dossier relevé pour l'instant.",
        )
        mails, replies = state.mails, state.replies
        out.print(
            f"Mails : {mails['received']} à traiter, {counted(mails['prepared'], 'préparé')}, "
            f"{counted(mails['ignored'], 'classé')}, {mails['parked']} mis de côté."
        )
        out.print(
            f"Réponses : {counted(replies['draft'], 'brouillon')}, "
            f"{replies['approved'] + replies['sending']} en partance, {counted(replies['sent'], 'envoyée')}, "
            f"{replies['failed']} en échec, {counted(replies['uncertain'], 'incertaine')}."
        )
        if state.oldest_unsent is not None:
            out.print(f"Plus ancienne réponse approuvée non partie : {span_words(state.oldest_unsent)}.")
        out.print(f"Tickets ouverts : {state.open_cases}, échéances dépassées : {state.missed_deadlines}.")
        if state.rules is not None:
            since = screen.moment(state.rules.since)
            out.print(f"Règles en service : empreinte {state.rules.digest[:12]}, depuis {since}.")
    for problem in found:
        out.print(Text("✗ ", "bold red") + Text(problem), soft_wrap=True)  # the server's words are no markup
    if any(folder.last_error for folder in state.folders) and not found:
        out.print(
            "[yellow]![/] La dernière relève a échoué : le service réessaie, une alerte suit si cela dure."
        )
    elif not found:
        out.print("[green]✓[/] Tout va bien.")


def _folder_row(folder: Any) -> tuple[str, ...]:
    return (
        folder.account,
        folder.folder,
        screen.moment(folder.last_fetch_at),
        span_words(folder.lag) if folder.lag is not None else "—",
        "—" if folder.server_count is None else str(folder.server_count),
        "—" if folder.ledger_count is None else str(folder.ledger_count),
        folder.last_error or "",
    )


def span_words(span: timedelta) -> str:
    """A duration in French words."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02d}"

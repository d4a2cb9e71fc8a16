"""The part of `mailbot status` about the agents' own mail programs: which folders, how many drafts stand there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mailbot.commands import screen
from mailbot.config import Config
from mailbot.edges.store import Store, agents_folders, mailbox_drafts
from mailbot.edges.store.agents_folders import AgentsFolder
from mailbot.steps.french import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentsMail:
    """One account. `drafts` None: drafts are not shown in its mailbox; `standing`: how many stand there, by state."""

    account: str
    sent: AgentsFolder | None
    drafts: AgentsFolder | None
    shown: bool
    standing: Mapping[str, int]


def read(config: Config, store: Store) -> list[AgentsMail]:
    """What is known of each account whose Sent is read."""
    return [
        AgentsMail(
            account=account.name,
            sent=agents_folders.get(store, account.name, "Sent"),
            drafts=agents_folders.get(store, account.name, "Drafts") if config.drafts_in(account) else None,
            shown=config.drafts_in(account),
            standing=mailbox_drafts.counts(store, account.name),
        )
        for account in config.accounts
        if config.watches_sent(account)
    ]


def problems(found: list[AgentsMail]) -> list[str]:
    """What a person should look at (French). A Sent folder that is missing is no problem as long as no drafts are
    shown: nobody asked for it."""
    return [
        f"compte « {one.account} » : {folder.trouble}"
        for one in found
        if one.shown
        for folder in (one.sent, one.drafts)
        if folder is not None and folder.trouble
    ]


def as_json(found: list[AgentsMail]) -> list[dict[str, Any]]:
    """For scripts."""
    return [
        {
            "account": one.account,
            "sent_folder": one.sent.folder if one.sent else None,
            "sent_seen_at": _seen(one.sent),
            "drafts_folder": one.drafts.folder if one.drafts else None,
            "in_mailbox": one.shown,
            "drafts": dict(one.standing),
            "troubles": [folder.trouble for folder in (one.sent, one.drafts) if folder and folder.trouble],
        }
        for one in found
    ]


def _seen(folder: AgentsFolder | None) -> datetime | None:
    return folder.seen_at if folder else None


def show(found: list[AgentsMail]) -> None:
    """For a person: one line an account."""
    for one in found:
        sent = (
            f"envoyés lus dans « {one.sent.folder} »"
            if one.sent and one.sent.folder
            else "envoyés pas encore lus"
        )
        if one.sent and one.sent.trouble and not one.shown:
            sent = f"envoyés non lus ({one.sent.trouble})"
        words = f"Messagerie des agents, compte « {one.account} » : {sent}"
        if one.shown and one.drafts and one.drafts.folder:
            counts = one.standing
            words += (
                f", brouillons dans « {one.drafts.folder} » : {counts['placed']} en attente, "
                f"{counted(counts['edited'], 'modifié')} par un agent, {counted(counts['missing'], 'disparu')}"
            )
        elif left := sum(one.standing.values()):
            still = counted(left, "brouillon d'avant encore suivi", "brouillons d'avant encore suivis")
            words += f", {still} dans la boîte (in_mailbox est à false)"
        screen.console().print(f"{words}.", markup=False, soft_wrap=True)

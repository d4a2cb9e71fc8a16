"""What goes wrong in silence unless somebody is told: nothing read, nothing judged, nothing sent."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from mailbot.edges.store import agents_folders
from mailbot.edges.store.status import FolderStatus, Status, status
from mailbot.jobs.orders import is_there
from mailbot.jobs.workplace import Workplace
from mailbot.steps.french import DAYS, counted
from mailbot.zone import PARIS

_IMPORTED_BY_THEN = timedelta(hours=2)  # and a turn of the watched folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something a person should know. `key` stays the same while the trouble lasts, so that it is told once a day."""

    key: str
    text: str


def troubles(workplace: Workplace, now: datetime) -> list[Trouble]:
    """Folders that bring nothing or keep mails back, mails that wait or are set aside, replies that did not leave."""
    state = status(workplace.store, now)
    return [
        *_folders(workplace, state, now), *_agents(workplace, now), *_orders(workplace, now), *_work(workplace, state),
    ]  # fmt: skip


def paris(instant: datetime | None) -> str:
    """A French date and time in Paris, or 'jamais'."""
    if instant is None:
        return "jamais"
    local = instant.astimezone(PARIS)
    return f"{DAYS[local.weekday()]} {local:%d/%m/%Y} {local.hour} h {local:%M}"


def _folders(workplace: Workplace, state: Status, now: datetime) -> Iterator[Trouble]:
    """Of the folders that are (still) watched."""
    config = workplace.config
    watched = {(account.name, name): account for account in config.accounts for name in account.folders}
    for folder in state.folders:
        if (account := watched.get((folder.account, folder.folder))) is not None:
            yield from _folder(folder, now - config.silence(account))


def _folder(folder: FolderStatus, latest: datetime) -> Iterator[Trouble]:
    where = f"Compte « {folder.account} », dossier « {folder.folder} »"
    if folder.last_fetch_at is None or folder.last_fetch_at < latest:
        since = f" depuis {paris(folder.last_fetch_at)}" if folder.last_fetch_at else " à ce jour"
        yield Trouble(
            key=f"relève:{folder.account}/{folder.folder}",
            text=f"{where} : aucune relève réussie{since}. "
            f"Dernière erreur : {(folder.last_error or 'aucune').removesuffix('.')}.",
        )
    elif (missing := (folder.server_count or 0) - (folder.ledger_count or 0)) > 0:
        told = counted(
            missing,
            "mail du serveur manque au registre, le serveur ne le donne pas. Ouvrez-le dans la messagerie : "
            "personne ici ne l'a lu.",
            "mails du serveur manquent au registre, le serveur ne les donne pas. Ouvrez-les dans la messagerie : "
            "personne ici ne les a lus.",
        )
        yield Trouble(key=f"registre:{folder.account}/{folder.folder}:{missing}", text=f"{where} : {told}")


def _agents(workplace: Workplace, now: datetime) -> Iterator[Trouble]:
    """Answers that agents give from their own mail programs are seen in Sent only."""
    config = workplace.config
    watched = {one.name: config.silence(one) for one in config.accounts if config.watches_sent(one)}
    for folder in agents_folders.every(workplace.store):
        if folder.kind != "Sent" or folder.account not in watched or folder.seen_at is None:
            continue
        if now - folder.seen_at > watched[folder.account]:
            yield Trouble(
                key=f"envoyés:{folder.account}",
                text=f"Compte « {folder.account} » : les mails envoyés (« {folder.folder} ») ne sont plus lus depuis "
                f"{paris(folder.seen_at)} ; une réponse donnée depuis la messagerie n'est pas vue."
                + (f" {folder.trouble}" if folder.trouble else ""),
            )


def _orders(workplace: Workplace, now: datetime) -> Iterator[Trouble]:
    """Letters rest on the orders: they must be those of today."""
    folder = workplace.config.orders.import_folder
    if folder is None:
        return
    if not is_there(folder):
        told = (
            f"Le dossier des commandes {folder} n'existe pas ou plus : aucune commande n'est plus importée."
        )
        yield Trouble(key="commandes", text=told)
        return
    then = now - _IMPORTED_BY_THEN - timedelta(minutes=workplace.config.orders.every_minutes)
    if waiting := sum(_dropped_before(path, then) for path in folder.glob("*.csv")):
        told = counted(waiting, "fichier de commandes attend", "fichiers de commandes attendent")
        yield Trouble(key="commandes", text=f"{told} dans {folder} : le journal du service dit pourquoi.")


def _dropped_before(path: Path, then: datetime) -> bool:
    try:
        return path.stat().st_ctime < then.timestamp()
    except OSError:  # taken up this very moment
        return False


def _work(workplace: Workplace, state: Status) -> Iterator[Trouble]:
    if state.oldest_received is not None and state.oldest_received > timedelta(
        minutes=workplace.config.alarms.no_fetch_minutes
    ):
        waiting, since = state.mails["received"], paris(state.at - state.oldest_received)
        told = counted(
            waiting,
            f"mail attend d'être traité, depuis {since} : aucun délai n'est compté pour lui.",
            f"mails attendent d'être traités, le plus ancien depuis {since} : aucun délai n'est compté pour eux.",
        )
        yield Trouble(key="à traiter", text=f"{told} Le journal du service dit pourquoi.")
    if state.rules and state.rules.refused:
        told = (
            f"Règles ou modèles modifiés refusés, les précédents restent en service : {state.rules.refused}"
        )
        yield Trouble(key=f"règles:{state.rules.refused_at}", text=told)
    if state.parked:  # no clock runs for them: each further one is told at once
        told = f"{counted(state.parked, 'mail')} mis de côté, sans délai compté : mailbot mails list"
        yield Trouble(key=f"mis de côté:{state.parked}", text=told)
    if state.uncertain:
        told = f"{counted(state.uncertain, 'envoi incertain')} : mailbot drafts list"
        yield Trouble(key="incertains", text=told)
    if failed := state.replies["failed"]:
        told = f"{counted(failed, 'réponse refusée')} par le serveur d'envoi."
        yield Trouble(key="refusés", text=told)

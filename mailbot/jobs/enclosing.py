"""The files of a draft, looked for again once they have been put in the folder, or left out."""

from datetime import datetime

from mailbot.config import Config
from mailbot.edges import enclosures
from mailbot.edges.store import Store, replies
from mailbot.edges.store.conflicts import Impossible
from mailbot.edges.store.replies import StoredReply
from mailbot.jobs.deliver import enclosure_folder
from mailbot.model import Enclosure
from mailbot.steps.enclosures import missing


def look_again(
    store: Store, config: Config, reply_id: int, actor: str, now: datetime
) -> tuple[Enclosure, ...]:
    """The files of a draft as they lie in the folder now; those not there are still missing. Raises Impossible or
    AlreadyHandled (French)."""
    reply, folder = replies.get(store, reply_id), enclosure_folder(config)
    if folder is None:
        raise Impossible(
            "aucun dossier de pièces jointes : nommez-le dans la configuration ([attachments] folder)."
        )
    if not reply.reply.attachments:
        raise Impossible(f"réponse {reply_id} : sa lettre ne prévoit pas de pièce jointe.")
    found = tuple(enclosures.sealed(folder, one) for one in reply.reply.attachments)
    replies.enclose(store, reply_id, actor, found, _lacking(reply, found), now)
    return found


def without(store: Store, reply_id: int, actor: str, now: datetime) -> tuple[Enclosure, ...]:
    """The draft leaves without files; its text is the agent's to mend. Raises AlreadyHandled (French)."""
    reply = replies.get(store, reply_id)
    replies.enclose(store, reply_id, actor, (), _lacking(reply, ()), now)
    return ()


def _lacking(reply: StoredReply, found: tuple[Enclosure, ...]) -> tuple[str, ...]:
    before = set(missing(reply.reply.attachments))
    return (*(name for name in reply.reply.missing if name not in before), *missing(found))

"""What is known of the agents' own folders of each account: which one is Sent or Drafts, and since when it is read."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select

from mailbot.edges.store import Store
from mailbot.edges.store.mailbox_tables import mailbox_folders
from mailbot.edges.store.statements import insert

AgentsKind = Literal["Sent", "Drafts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentsFolder:
    """One folder. Mails below `first_uid`, or from before `cutoff`, are of no concern; `trouble` is French. A folder
    that was never found has the name '' and UIDVALIDITY 0."""

    account: str
    kind: AgentsKind
    folder: str = ""
    uidvalidity: int = 0
    first_uid: int = 1
    cutoff: datetime | None = None
    seen_at: datetime | None = None
    trouble: str | None = None


def get(store: Store, account: str, kind: AgentsKind) -> AgentsFolder | None:
    """The folder as last seen, or None."""
    query = select(mailbox_folders).where(
        mailbox_folders.c.account == account, mailbox_folders.c.kind == kind
    )
    with store.read() as conn:
        row = conn.execute(query).mappings().first()
    return None if row is None else AgentsFolder(**row)


def every(store: Store) -> list[AgentsFolder]:
    """All of them, by account."""
    query = select(mailbox_folders).order_by(mailbox_folders.c.account, mailbox_folders.c.kind.desc())
    with store.read() as conn:
        return [AgentsFolder(**row) for row in conn.execute(query).mappings()]


def save(store: Store, state: AgentsFolder) -> None:
    """Write the folder's state whole, in place of the earlier one."""
    values = asdict(state)
    with store.write() as conn:
        statement = insert(conn, mailbox_folders).values(values)
        conn.execute(statement.on_conflict_do_update(index_elements=["account", "kind"], set_=values))


def in_trouble(store: Store, account: str, kind: AgentsKind, trouble: str) -> None:
    """Note a trouble (French) until the folder is next seen."""
    known = get(store, account, kind) or AgentsFolder(account=account, kind=kind)
    save(store, AgentsFolder(**{**asdict(known), "trouble": trouble}))

"""Our drafts in the agents' own Drafts folder: put in, followed, taken out. What an agent has touched stays."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from mailbot.config import Account
from mailbot.edges import drafts_folder, message
from mailbot.edges.mailbox import FolderView, Mailbox
from mailbot.edges.store import agents_folders, mailbox_drafts, replies
from mailbot.edges.store.agents_folders import AgentsFolder
from mailbot.edges.store.mailbox_drafts import MailboxDraft
from mailbot.edges.store.replies import StoredReply
from mailbot.errors import NeedsHuman
from mailbot.jobs import deliver, draft_fates
from mailbot.jobs.draft_fates import Sighting
from mailbot.jobs.log import log
from mailbot.jobs.workplace import Workplace
from mailbot.model import Address, RawMail
from mailbot.ruleset.reading import Reading
from mailbot.steps import outgoing, whereabouts
from mailbot.steps.outgoing import Outgoing
from mailbot.steps.whereabouts import Placed, Seen

LARGEST = 2_000_000  # bytes of a draft that are read for its text
NOT_FOUND = (
    "aucun dossier de brouillons n'a été trouvé dans la boîte : les brouillons n'y sont pas mis. "
    "Indiquez-le avec [accounts.drafts] folder."
)


@dataclass(slots=True)
class Memory:
    """What was read once and never changes: header blocks and texts of one folder, by UID."""

    place: tuple[str, int] = ("", 0)
    letters: dict[int, Outgoing] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)

    def turn_to(self, view: FolderView, uids: Iterable[int]) -> None:
        """Forget what is not (or no longer) in this folder."""
        kept = set(uids) if self.place == (view.folder, view.uidvalidity) else set()
        self.place = (view.folder, view.uidvalidity)
        self.letters = {uid: one for uid, one in self.letters.items() if uid in kept}
        self.texts = {uid: one for uid, one in self.texts.items() if uid in kept}


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One pass over one account's mailbox. `grace`: see `draft_fates.Sighting`."""

    workplace: Workplace
    account: Account
    box: Mailbox
    now: Callable[[], datetime]
    memory: Memory
    grace: timedelta | None

    @property
    def reading(self) -> Reading:
        """How mails are read."""
        return self.workplace.line.rulebook.reading


def has_work(workplace: Workplace, account: Account) -> bool:
    """Whether the mailbox should be touched now: something to put in, to take out or to replace. Reads rows only."""
    standing = mailbox_drafts.live(workplace.store, account.name)
    return any(draft_fates.urgent(one) for one in standing) or bool(_to_place(workplace, account, limit=1))


def _to_place(workplace: Workplace, account: Account, *, limit: int = 100) -> list[StoredReply]:
    shown = workplace.config.drafts_in(account)
    return mailbox_drafts.to_place(workplace.store, account.name, limit) if shown else []


def sync(
    workplace: Workplace,
    account: Account,
    box: Mailbox,
    now: Callable[[], datetime],
    memory: Memory,
    *,
    sent_seen: bool,
) -> None:
    """One pass over Drafts. `sent_seen`: all of Sent was read just before; otherwise no draft that is gone is taken for
    refused, it may have been sent. Raises TryAgain when interrupted; the rows say where to go on."""
    grace = timedelta(minutes=workplace.config.drafts.grace_minutes) if sent_seen else None
    turn = Round(workplace=workplace, account=account, box=box, now=now, memory=memory, grace=grace)
    standing = mailbox_drafts.live(workplace.store, account.name)
    if not standing and not _to_place(workplace, account, limit=1):
        return
    folder = _folder(turn)
    if folder is None:
        return
    there = {one.name for one in box.folders() if one.selectable}
    places = [one.folder if one.folder in there else folder for one in standing]
    for name in sorted(set(places)):
        _reconcile(turn, name, [one for one, place in zip(standing, places, strict=True) if place == name])
    for reply in _to_place(workplace, account):
        _place(turn, folder, reply)
    planned = [one for one in mailbox_drafts.live(workplace.store, account.name) if one.state == "planned"]
    if planned:  # a server that does not tell UIDs: look which ones it gave
        _reconcile(turn, folder, planned)


def _folder(turn: Round) -> str | None:
    """The Drafts folder, noted for status; None (noted too) when there is none."""
    store, account = turn.workplace.store, turn.account
    name = account.drafts.folder or turn.box.special_folder("Drafts")
    try:
        view = turn.box.examine(name) if name else None
    except NeedsHuman as error:
        agents_folders.in_trouble(store, account.name, "Drafts", str(error))
        return None
    if view is None:
        agents_folders.in_trouble(store, account.name, "Drafts", NOT_FOUND)
        return None
    state = AgentsFolder(
        account=account.name, kind="Drafts", folder=view.folder, uidvalidity=view.uidvalidity
    )
    if agents_folders.get(store, account.name, "Drafts") != state:
        agents_folders.save(store, state)
    return name


def _reconcile(turn: Round, folder: str, drafts: Sequence[MailboxDraft]) -> None:
    """See what became of these copies, and act on it."""
    view = turn.box.examine(folder)
    rebuilt = {one.id for one in drafts if (one.folder, one.uidvalidity) != (folder, view.uidvalidity)}
    known = [replace(one, uid=None, floor=1) if one.id in rebuilt else one for one in drafts]
    seen = _seen(turn, view, known)
    found = whereabouts.locate([_placed(one, turn.reading) for one in known], seen)
    letters = {one.uid: one.letter for one in seen}
    todo: list[tuple[MailboxDraft, draft_fates.Next, int | None]] = []
    for one in known:
        uid = found[one.id].also or found[one.id].uid
        new = uid is not None and uid != one.uid and found[one.id].sure
        sighting = Sighting(
            found=found[one.id],
            folder=folder,
            uidvalidity=view.uidvalidity,
            rebuilt=one.id in rebuilt,
            subject=letters[uid].subject if uid is not None and new else None,
            text=_text(turn, view, uid) if uid is not None and new else None,
            grace=turn.grace,
        )
        todo.append((one, draft_fates.follow(turn.workplace, one, sighting, turn.now()), found[one.id].uid))
    for one, what, uid in todo:
        if what == "take out" and uid is not None:
            _take_out(turn, one, view, uid)
        elif what == "put":
            _put_again(turn, one)


def _placed(draft: MailboxDraft, reading: Reading) -> Placed:
    return Placed(
        id=draft.id,
        uid=draft.uid,
        floor=draft.floor,
        token=draft.token,
        message_id=draft.message_id,
        answers=draft.in_reply_to,
        to=draft.to_addr,
        subject=outgoing.base_subject(draft.subject, reading),
        touched=draft.state == "edited" and draft.uid is not None,
    )


def _seen(turn: Round, view: FolderView, drafts: Sequence[MailboxDraft]) -> list[Seen]:
    """All messages that may have to do with these drafts. Those that name one without being it are read for their text:
    a copy that says the same is as good as our own."""
    uids = drafts_folder.standing(turn.box, min(one.floor for one in drafts), view.uidnext - 1)
    memory = turn.memory
    memory.turn_to(view, uids)
    for held in drafts_folder.headers(turn.box, [uid for uid in uids if uid not in memory.letters]):
        memory.letters[held.uid] = outgoing.read(held.header)
    seen = []
    for uid, letter in memory.letters.items():
        named = next((one for one in drafts if _names(letter, one)), None)
        same = _same(turn, view, uid, letter, named) if named and named.uid != uid else None
        subject = outgoing.base_subject(letter.subject, turn.reading)
        seen.append(Seen(uid=uid, letter=letter, subject=subject, same=same))
    return sorted(seen, key=lambda one: one.uid)


def _names(letter: Outgoing, draft: MailboxDraft) -> bool:
    return letter.token == draft.token or letter.known_by == draft.message_id


def _same(turn: Round, view: FolderView, uid: int, letter: Outgoing, draft: MailboxDraft) -> bool:
    head = letter.recipients == (draft.to_addr,) and letter.subject == draft.subject
    return head and outgoing.same_words(_text(turn, view, uid) or "", draft.text)


def _text(turn: Round, view: FolderView, uid: int) -> str | None:
    """The text of a message of the folder; None when it is gone or too large."""
    if uid not in turn.memory.texts:
        turn.box.examine(view.folder)
        raw = next((one for one in turn.box.fetch([uid], LARGEST) if isinstance(one, RawMail)), None)
        if raw is None or not raw.complete:
            return None
        turn.memory.texts[uid] = outgoing.whole_text(raw, turn.reading)
    return turn.memory.texts[uid]


def _take_out(turn: Round, draft: MailboxDraft, view: FolderView, uid: int) -> None:
    """Our own untouched copy leaves the mailbox; the row says so first."""
    store, place = turn.workplace.store, (view.folder, view.uidvalidity)
    if draft.state != "leaving":
        if not mailbox_drafts.change(
            store, draft, "leaving", turn.now(), uid=uid, folder=place[0], uidvalidity=place[1]
        ):
            return
        draft = replace(draft, state="leaving")
    if drafts_folder.take_out(turn.box, *place, uid):
        mailbox_drafts.change(store, draft, "withdrawn", turn.now())


def _place(turn: Round, folder: str, reply: StoredReply) -> None:
    """Put a draft in, once: the row with its mark is committed before, and looked for by that mark afterwards."""
    store, now = turn.workplace.store, turn.now()
    number = mailbox_drafts.copies(store, reply.id) + 1
    letter = reply.reply
    marked = (
        f"{letter.message_id}\n{reply.version}\n{number}\n{letter.to.addr}\n{letter.subject}\n{letter.text}"
    )
    token = hashlib.sha256(marked.encode("utf-8", "replace")).hexdigest()[:32]
    message_id = f"<brouillon.{token}@{letter.message_id.rpartition('@')[2]}"  # ends with its '>'
    try:
        data = _built(turn, reply, token, message_id, now)
    except NeedsHuman as error:
        log.warning("ticket %d : pas de brouillon dans la messagerie (%s)", reply.case.id, error)
        return
    view = turn.box.examine(folder)
    planned = mailbox_drafts.plan(
        store,
        reply,
        token=token,
        message_id=message_id,
        folder=folder,
        uidvalidity=view.uidvalidity,
        floor=view.uidnext,
        now=now,
    )
    if planned is not None:
        _put(turn, folder, planned, data, now)


def _put(turn: Round, folder: str, planned: int, data: bytes, when: datetime) -> None:
    store = turn.workplace.store
    uid = drafts_folder.put(turn.box, folder, data, when)
    if uid is None:
        return
    row = next((one for one in mailbox_drafts.live(store, turn.account.name) if one.id == planned), None)
    if row is not None and row.state == "planned":
        mailbox_drafts.change(store, row, "placed", turn.now(), uid=uid)


def _put_again(turn: Round, draft: MailboxDraft) -> None:
    """A planned copy that is not in the folder: whoever planned it died, or the line broke, before it got there."""
    if not draft_fates.wanted(draft):
        mailbox_drafts.change(turn.workplace.store, draft, "withdrawn", turn.now())
        return
    reply = replies.get(turn.workplace.store, draft.reply_id)
    try:
        data = _built(turn, reply, draft.token, draft.message_id, draft.planned_at)
    except NeedsHuman as error:
        told = f"pas de brouillon dans la messagerie ({error})"
        mailbox_drafts.change(turn.workplace.store, draft, "lost", turn.now(), told=told)
        return
    view = turn.box.examine(draft.folder)
    if view.uidvalidity == draft.uidvalidity:
        _put(turn, draft.folder, draft.id, data, draft.planned_at)
    else:
        mailbox_drafts.change(turn.workplace.store, draft, "lost", turn.now())


def _built(turn: Round, reply: StoredReply, token: str, message_id: str, when: datetime) -> bytes:
    """The draft as it is put in. Its Message-ID is its own: some providers show only one mail of each Message-ID."""
    letter, account = reply.reply, turn.account
    folder = deliver.enclosure_folder(turn.workplace.config)
    there = replace(letter, attachments=tuple(one for one in letter.attachments if one.size))
    return message.build(
        to=letter.to,
        sender=Address(name=account.sender_name, addr=account.address),
        subject=letter.subject,
        text=letter.text,
        html=None,  # some programs rewrite the plain text alone: the twin would tell the customer the old words
        message_id=message_id,
        in_reply_to=letter.in_reply_to,
        references=letter.references,
        ticket=reply.case.id,
        automatic=False,
        date=when,
        attachments=deliver.attached(there, folder),
        marks={outgoing.DRAFT: f"ticket={reply.case.id}; version={reply.version}; empreinte={token}"},
    )

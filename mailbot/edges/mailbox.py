"""One support mailbox over IMAP: look without touching, download, wait for news, file and mark.

Folders are always opened read-only (EXAMINE) and bodies read with PEEK, so nobody's \\Seen ever changes; only
`append` and `after_processing` write. All errors are TryAgain or NeedsHuman with a French text."""

import imaplib
import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from mailbot.config import Account, AfterProcessing
from mailbot.edges import folders, idle, imap_fetch, imap_filing, imap_listing, imap_session
from mailbot.edges.folders import Folder, FolderKind
from mailbot.edges.imap_fetch import FetchFailure, FolderView
from mailbot.edges.imap_types import Session
from mailbot.edges.sign_in import Secret
from mailbot.errors import NeedsHuman, TryAgain
from mailbot.model import RawMail

__all__ = ["FetchFailure", "FolderView", "Mailbox", "connect"]


def connect(account: Account, secret: Secret) -> "Mailbox":
    """Log in to the account's mailbox, by its password or its access tokens; use the result in a `with`.

    Raises NeedsHuman for what only a person can mend (password, certificate, unknown host, STARTTLS not
    offered: the password is not sent then) and TryAgain for the rest."""
    return Mailbox(account, secret)


class Mailbox:
    """A logged-in connection. Not thread-safe: one thread, one Mailbox."""

    def __init__(self, account: Account, secret: Secret) -> None:
        self._account, self._secret = account, secret
        self._client = imap_session.open_session(account, secret)
        self._view: FolderView | None = None
        self._listed: FolderView | None = None  # as it was when its new messages were last listed

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        imap_session.close(self._client, polite=error is None)

    def close(self) -> None:
        """Log out; never raises, waits at most 5 s."""
        imap_session.close(self._client, polite=True)

    @property
    def client(self) -> Session:
        """The session underneath (for the edges only)."""
        return self._client

    @property
    def account(self) -> Account:
        """Whose mailbox it is."""
        return self._account

    @property
    def capabilities(self) -> frozenset[str]:
        """What the server offers, upper case."""
        with imap_session.speaking(self._account):
            return frozenset(item.decode("ascii", "replace") for item in self._client.capabilities())

    @property
    def supports_idle(self) -> bool:
        return "IDLE" in self.capabilities

    # --- looking

    def examine(self, folder: str) -> FolderView:
        """Open a folder read-only and say what it holds now. Raises NeedsHuman naming the nearest folder if
        missing."""
        self._view = None
        selected = self._select(folder, readonly=True)
        with imap_session.speaking(self._account):
            try:
                exists, uidvalidity = int(selected[b"EXISTS"]), int(selected[b"UIDVALIDITY"])
            except KeyError as error:
                raise TryAgain(
                    f"compte « {self._account.name} » : le serveur a ouvert « {folder} » sans donner "
                    f"{error.args[0].decode()}."
                ) from error
            stated = selected.get(b"UIDNEXT")
            uidnext = imap_listing.uid_after_last(self._client, exists) if stated is None else int(stated)
        self._view = FolderView(folder=folder, uidvalidity=uidvalidity, uidnext=uidnext, exists=exists)
        return self._view

    def new_uids(self, after: int) -> Iterator[list[int]]:
        """The UIDs above `after` in the examined folder, ascending, in portions of at most 1,000: memory
        stays the same whatever the folder's size. What arrives meanwhile is left to the next call."""
        view = self._required_view()
        for low, high in self._windows(after):
            with imap_session.speaking(self._account):
                portion = imap_listing.between(self._on(view), low, high)
            if portion:
                yield portion

    def first_since(self, cutoff: datetime | None) -> int:
        """The lowest UID of the examined folder that the server received (INTERNALDATE) at or after the aware
        `cutoff`; 1 without one, the next UID to come when nothing has arrived since."""
        view = self._required_view()
        if cutoff is None:
            return 1
        for window in self._windows(0):
            with imap_session.speaking(self._account):
                portion = imap_listing.received_since(self._on(view), window, cutoff)
            if portion:
                return portion[0]
        return view.uidnext

    def count_from(self, uid: int) -> int:
        """How many messages the examined folder holds now with this UID or a higher one."""
        view = self._refreshed()
        with imap_session.speaking(self._account):
            return imap_listing.count_from(self._client, view.exists, uid)

    def _windows(self, after: int) -> list[tuple[int, int]]:
        view = self._listed = self._refreshed()
        if after + 1 >= view.uidnext:
            return []
        with imap_session.speaking(self._account):
            return list(imap_listing.windows(self._client, view.exists, after))

    # --- downloading

    def fetch(self, uids: Iterable[int], max_bytes: int) -> Iterator[RawMail | FetchFailure]:
        """Download messages of the examined folder without marking them read, a few megabytes at a time.

        Larger than `max_bytes`: header block only, `complete=False`. Messages that have vanished are left
        out. One the server cannot hand out becomes header-only, else a FetchFailure; the others still come,
        over a new connection if need be. Raises TryAgain when the server is gone or the folder was
        rebuilt."""
        view = self._required_view()
        mails = imap_fetch.fetch(self, self._account.name, view, uids, max_bytes)
        while True:
            self._on(view)
            with imap_session.speaking(self._account):
                mail = next(mails, None)
            if mail is None:
                return
            yield mail

    def reopen(self) -> None:
        """A new connection on the folder that was examined; TryAgain when the folder was rebuilt
        meanwhile."""
        imap_session.close(self._client)
        self._client = imap_session.open_session(self._account, self._secret)
        if self._view is not None:
            self._examine_again(self._view)

    # --- waiting

    def idle(self, stop: threading.Event, seconds: float) -> bool:
        """Wait in the examined folder: True when mail has come, False when `stop` is set (seen within a
        second) or `seconds` have gone by. Needs `supports_idle`."""
        view, listed = self._required_view(), self._listed
        if listed and listed.folder == view.folder and view.uidnext > listed.uidnext:
            return True  # the server told us while we were doing something else, and will not repeat it
        with imap_session.speaking(self._account):
            return idle.wait(self._client, stop, seconds)

    # --- folders

    def folders(self) -> list[Folder]:
        """Every folder of the mailbox."""
        with imap_session.speaking(self._account):
            listed = self._client.list_folders()
        return [
            Folder(
                name=str(name),
                delimiter=(delimiter or b"").decode(),
                flags=frozenset(flag.decode("ascii", "replace").lower() for flag in flags),
            )
            for flags, delimiter, name in listed
        ]

    def special_folder(self, kind: FolderKind) -> str | None:
        """The folder for sent mail, drafts, ...: by SPECIAL-USE, else by the names providers use; None if
        none."""
        return folders.special(self.folders(), kind)

    def append(
        self, folder: str, message: bytes, flags: Sequence[str] = ("\\Seen",), when: datetime | None = None
    ) -> int | None:
        """File a message; its UID when the server tells. After TryAgain it may or may not be there: look for
        it with `find_message_id` before filing it again."""
        with imap_session.speaking(self._account):
            try:
                return imap_filing.append(self._client, folder, message, flags, when)
            except imaplib.IMAP4.error as error:
                self._explain_missing(folder, error)
                raise

    def open_for_writing(self, folder: str) -> int:
        """Open a folder so that its messages can be marked; its UIDVALIDITY. No folder is examined afterwards."""
        self._view = None
        return int(self._select(folder, readonly=False).get(b"UIDVALIDITY", 0))

    def find_message_id(self, folder: str, message_id: str) -> list[int]:
        """UIDs of the messages in `folder` with exactly this Message-ID (with <>). Leaves that folder
        examined."""
        self.examine(folder)
        with imap_session.speaking(self._account):
            return imap_filing.find_message_id(self._client, message_id)

    def after_processing(self, folder: str, uids: Sequence[int], wish: AfterProcessing) -> list[str]:
        """Do to these messages what the configuration wishes: keyword, \\Seen, move. Batched; other messages
        are never touched. Returns French notes on what this server does not allow. No folder is examined
        afterwards."""
        if not uids or wish == AfterProcessing():
            return []
        self._view = None
        selected = self._select(folder, readonly=False)
        if wish.move_to and wish.move_to not in (
            names := [item.name for item in self.folders() if item.selectable]
        ):
            raise self._missing(wish.move_to, names)
        permanent = selected.get(b"PERMANENTFLAGS", selected.get(b"FLAGS", ()))
        allowed = frozenset(flag.decode("ascii", "replace").casefold() for flag in permanent)
        with imap_session.speaking(self._account):
            return imap_filing.after_processing(self._client, uids, wish, allowed)

    # --- the folder in hand

    def _select(self, folder: str, *, readonly: bool) -> dict[bytes, Any]:
        with imap_session.speaking(self._account):
            try:
                selected: dict[bytes, Any] = self._client.select_folder(folder, readonly=readonly)
            except imaplib.IMAP4.error as error:
                self._explain_missing(folder, error)
                raise
        self._client._imap.untagged_responses.pop("EXISTS", None)  # idle.wait takes a later one for news
        return selected

    def _explain_missing(self, folder: str, error: imaplib.IMAP4.error) -> None:
        if isinstance(error, imaplib.IMAP4.abort):
            return
        names = [item.name for item in self.folders() if item.selectable]
        if folder not in names and folder.upper() != "INBOX":
            raise self._missing(folder, names) from error

    def _missing(self, folder: str, names: Sequence[str]) -> NeedsHuman:
        near = folders.nearest(folder, names)
        hint = f"Vouliez-vous dire « {near} » ?" if near else f"Dossiers présents : {', '.join(names)}."
        return NeedsHuman(f"compte « {self._account.name} » : le dossier « {folder} » n'existe pas. {hint}")

    def _required_view(self) -> FolderView:
        if self._view is None:
            raise ValueError("examine a folder first")
        return self._view

    def _on(self, view: FolderView) -> Session:
        """The session, on the folder of `view` even when the caller has looked elsewhere in between."""
        now = self._view
        if now is None or (now.folder, now.uidvalidity) != (view.folder, view.uidvalidity):
            self._examine_again(view)
        return self._client

    def _refreshed(self) -> FolderView:
        return self._examine_again(self._required_view())

    def _examine_again(self, view: FolderView) -> FolderView:
        again = self.examine(view.folder)
        if again.uidvalidity != view.uidvalidity:
            raise TryAgain(
                f"compte « {self._account.name} » : le dossier « {view.folder} » a été reconstruit par le "
                f"serveur "
                f"(UIDVALIDITY {view.uidvalidity} → {again.uidvalidity}). Tout est relu au prochain passage."
            )
        return again

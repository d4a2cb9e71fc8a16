"""What the folders of a mailbox are for, whatever the provider calls them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import process

FolderKind = Literal["Sent", "Drafts", "Trash", "Junk", "Archive"]

# Names seen at French and international providers, most telling first; compared without case, below INBOX
# too.
_NAMES: dict[FolderKind, tuple[str, ...]] = {
    "Sent": (
        "Sent",
        "Envoyés",
        "Éléments envoyés",
        "Messages envoyés",
        "Sent Items",
        "Sent Messages",
        "Sent Mail",
        "Courriers envoyés",
        "Courrier envoyé",
        "Objets envoyés",
        "OUTBOX",
    ),
    "Drafts": ("Drafts", "Brouillons", "Draft", "Brouillon", "DRAFT"),
    "Trash": (
        "Trash",
        "Corbeille",
        "Éléments supprimés",
        "Messages supprimés",
        "Deleted Items",
        "Deleted Messages",
        "Deleted",
    ),
    "Junk": (
        "Junk",
        "Spam",
        "Courrier indésirable",
        "Indésirables",
        "Pourriel",
        "Junk E-mail",
        "Junk Email",
        "Bulk Mail",
    ),
    "Archive": ("Archive", "Archives", "Archivés", "All Mail", "Tous les messages"),
}
# Submission through these files the copy in Sent by itself.
_SAVING_HOSTS = (
    "gmail.com",
    "googlemail.com",
    "office365.com",
    "outlook.com",
    "outlook.fr",
    "hotmail.com",
    "hotmail.fr",
    "live.com",
    "live.fr",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """One entry of LIST: decoded name, hierarchy delimiter ('' if none), flags in lower case."""

    name: str
    delimiter: str
    flags: frozenset[str]

    @property
    def selectable(self) -> bool:
        return not self.flags & {"\\noselect", "\\nonexistent"}


def special(folders: Iterable[Folder], kind: FolderKind) -> str | None:
    """The folder of that kind: the one flagged so (RFC 6154, in any case), else one with a known name, else
    None."""
    usable = [folder for folder in folders if folder.selectable]
    wanted = {f"\\{kind.lower()}"} | ({"\\all"} if kind == "Archive" else set())
    flagged = [folder.name for folder in usable if folder.flags & wanted]
    if flagged:
        return flagged[0]
    named = {_last_part(folder): folder.name for folder in reversed(usable)}
    return next((named[name.casefold()] for name in _NAMES[kind] if name.casefold() in named), None)


def _last_part(folder: Folder) -> str:
    parts = folder.name.split(folder.delimiter) if folder.delimiter else [folder.name]
    inside = len(parts) == 1 or (
        len(parts) == 2 and parts[0].casefold() in {"inbox", "[gmail]", "[google mail]"}
    )
    return parts[-1].casefold() if inside else ""


def nearest(name: str, known: Sequence[str]) -> str | None:
    """The known folder name that looks most like `name`, or None when none does."""
    found = process.extractOne(
        name.casefold(), {folder: folder.casefold() for folder in known}, score_cutoff=55
    )
    return None if found is None else str(found[2])


def saves_sent_itself(host: str, capabilities: Iterable[str] = ()) -> bool:
    """Whether mail submitted through this provider appears in Sent without our help (Gmail, Microsoft 365).

    `host`: the SMTP host; `capabilities`: those of its IMAP server, if known (Gmail on a domain of one's
    own)."""
    lowered = host.casefold().rstrip(".")
    by_name = any(lowered == known or lowered.endswith(f".{known}") for known in _SAVING_HOSTS)
    return by_name or "X-GM-EXT-1" in {capability.upper() for capability in capabilities}

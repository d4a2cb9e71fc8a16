"""Errors a person may read. Each message is French and says what happened, where, and what to do.

Two kinds of failure exist for the jobs: `TryAgain` (the world will mend itself) and `NeedsHuman`.
Anything else that is raised is a bug: the job boundary parks the mail and goes on.
"""

import errno

_WORDS = {
    errno.ENOENT: "le fichier ou le dossier n'existe pas",
    errno.ENOTDIR: "ce n'est pas un dossier",
    errno.EISDIR: "c'est un dossier, un fichier est attendu",
    errno.EEXIST: "ce nom est déjà pris par un fichier",
    errno.EACCES: "droits insuffisants",
    errno.EPERM: "droits insuffisants",
    errno.EROFS: "le disque est en lecture seule",
    errno.ENOSPC: "le disque est plein",
    errno.EDQUOT: "le quota de disque est atteint",
    errno.EHOSTUNREACH: "aucun chemin ne mène à cette machine",
    errno.ENETUNREACH: "le réseau est inaccessible",
    errno.ECONNRESET: "l'autre machine a coupé la liaison",
    errno.EPIPE: "l'autre machine a coupé la liaison",
    errno.EADDRINUSE: "un autre programme l'occupe déjà",
}


def words(error: OSError | UnicodeError) -> str:
    """Why the system refused, in French; the system's own words when the reason is a rare one."""
    if isinstance(error, UnicodeError):
        return "ce n'est pas du texte en UTF-8"
    return _WORDS.get(error.errno or 0) or error.strerror or str(error)


class MailbotError(Exception):
    """Base of all errors whose text is fit for an operator's screen (French)."""


class ConfigError(MailbotError):
    """The configuration file cannot be used; names the file and the key."""


class RuleError(MailbotError):
    """A rule or template file cannot be used; names the file, the key path and the nearest known word."""


class DeadlineError(MailbotError):
    """A deadline cannot be counted: naive or absurd date, unknown region, missing second event."""


class OrdersFileError(MailbotError):
    """An orders file cannot be read at all (single broken rows are reported, not raised)."""


class StoreError(MailbotError):
    """The database cannot be opened, written or migrated; says which and what to do."""


class UnreadableMail(MailbotError):
    """A file given to the command line cannot be read as a mail."""


class TryAgain(MailbotError):
    """A passing trouble of the outside world (network, server busy): retry later with back-off."""


class NeedsHuman(MailbotError):
    """A lasting trouble that only a person can mend (wrong password, refused recipient, bad certificate)."""


class SignedOut(NeedsHuman):
    """A mailbox whose access by OAuth was never given, or was taken back: the operator must connect it again. `news`:
    False when the same was said before."""

    def __init__(self, message: str, *, news: bool = True) -> None:
        super().__init__(message)
        self.news = news

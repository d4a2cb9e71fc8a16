"""Errors a person may read. Each message is French and says what happened, where, and what to do.

Two kinds of failure exist for the jobs: `TryAgain` (the world will mend itself) and `NeedsHuman`.
Anything else that is raised is a bug: the job boundary parks the mail and goes on.
"""


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

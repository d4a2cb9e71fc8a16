"""Why the store refused what a person asked. Each message is French and fit for the screen."""

from mailbot.errors import StoreError


class Impossible(StoreError):
    """What is asked for does not exist or cannot be done in this state."""


class AlreadyHandled(StoreError):
    """Somebody was faster; says who and when."""


class ChangedSince(StoreError):
    """The reply was edited since the person read it."""


class NotSendable(StoreError):
    """A missing or forbidden fact stands in the way; names it."""

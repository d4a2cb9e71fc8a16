"""What opens the servers of an account: its password, or an OAuth access token, renewed when it is about to expire."""

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from mailbot.config import Account, OAuth, password
from mailbot.edges import oauth as flows
from mailbot.edges import refresh_tokens
from mailbot.edges.oauth import Grant
from mailbot.edges.refresh_tokens import Stored
from mailbot.errors import MailbotError, SignedOut, TryAgain

# A token is renewed that long before its end, or in the last tenth of a short life; until then it still serves.
_EARLY = timedelta(minutes=5)
_ASK_AGAIN = timedelta(minutes=15)  # a refused token is offered again: accounts are closed and opened again


@dataclass(slots=True)
class _Room:
    """What is known of one account; `unsaved`: a token that could not be written down yet; `told`: the last refusal."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    grant: Grant | None = None
    unsaved: Stored | None = None
    told: str = ""


@dataclass(frozen=True, slots=True)
class Access:
    """The access tokens of one account, one after the other."""

    account: Account
    oauth: OAuth
    now: Callable[[], datetime]
    room: _Room = field(repr=False)

    def token(self) -> str:
        """The access token to offer now. Raises SignedOut (the operator must connect the account), TryAgain,
        NeedsHuman or ConfigError; all French."""
        with self.room.lock:
            grant, now = self.room.grant, self.now()
            if grant is None or now >= grant.until - min(_EARLY, grant.life / 10):
                try:
                    grant = self.room.grant = self._renewed(now)
                except TryAgain:
                    if grant is None or now >= grant.until:
                        raise
            return grant.access

    def another(self, refused: str) -> str | None:
        """A token in place of one that a server refused; None when that one was brand-new, so that another would do no
        better. Raises as `token`."""
        with self.room.lock:
            grant = self.room.grant
            if grant is not None and grant.access == refused:
                self.room.grant = None
                if self.now() < grant.until - grant.life + min(_EARLY, grant.life / 10):
                    return None
        return self.token()

    def _renewed(self, now: datetime) -> Grant:
        owner = self.account.name
        try:
            if self.oauth.grant == "application":
                grant = flows.as_application(self.oauth, owner, now)
            else:
                with refresh_tokens.alone(self.oauth, owner):
                    grant = self._by_lasting_token(now)
        except SignedOut as error:
            raise self._told(error) from error
        self.room.told = ""
        return grant

    def _by_lasting_token(self, now: datetime) -> Grant:
        owner, oauth = self.account.name, self.oauth
        stored = self._newest(refresh_tokens.read(oauth, owner))
        if stored.refused_at is not None and timedelta(0) <= now - stored.refused_at < _ASK_AGAIN:
            raise SignedOut(stored.refusal)
        try:
            grant = flows.renew(oauth, owner, stored.token, now)
        except SignedOut as error:
            text = f"{error} Lancez : {refresh_tokens.command(owner)}"
            with contextlib.suppress(MailbotError):  # it is for `mailbot status` only
                refresh_tokens.write(oauth, owner, replace(stored, refusal=text, refused_at=now))
            raise SignedOut(text) from error
        newer = replace(stored, token=grant.refresh or stored.token, refusal="", refused_at=None)
        if newer != stored or self.room.unsaved is not None:
            self._keep(newer, grant)
        return grant

    def _newest(self, stored: Stored) -> Stored:
        """The token that could not be written down, unless the account was connected anew since."""
        unsaved = self.room.unsaved
        return unsaved if unsaved and unsaved.connected_at == stored.connected_at else stored

    def _keep(self, stored: Stored, grant: Grant) -> None:
        """Write the newest lasting token down; when that fails the service goes on with it from memory."""
        try:
            refresh_tokens.write(self.oauth, self.account.name, stored)
        except MailbotError:
            self.room.unsaved, self.room.grant = stored, grant
            raise
        self.room.unsaved = None

    def _told(self, error: SignedOut) -> SignedOut:
        news = str(error) != self.room.told
        self.room.told = str(error)
        return SignedOut(str(error), news=news)


Secret = str | Access


class SignIn:
    """The passwords and access tokens of all accounts of a process; for any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rooms: dict[str, _Room] = {}

    def for_reading(self, account: Account, now: Callable[[], datetime]) -> Secret:
        """What opens the account's IMAP server. Raises ConfigError (French) when there is no password."""
        if account.imap.auth == "oauth":
            return self._access(account, now)
        return password(account.imap, account.name)

    def for_sending(self, account: Account, now: Callable[[], datetime]) -> Secret | None:
        """What opens the account's SMTP server; None: it asks for no log-in. Raises ConfigError (French)."""
        if account.smtp.auth == "oauth":
            return self._access(account, now)
        return password(account.smtp, account.name) if account.smtp.username else None

    def _access(self, account: Account, now: Callable[[], datetime]) -> Access:
        if account.oauth is None:
            raise ValueError("the configuration has seen to it that there is a section oauth")
        with self._lock:
            room = self._rooms.setdefault(account.name, _Room())
        return Access(account=account, oauth=account.oauth, now=now, room=room)

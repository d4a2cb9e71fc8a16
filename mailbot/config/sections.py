"""The sections of config.toml as frozen values; every key is explained in config.example.toml."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from mailbot.config.base import LOOPBACK, Section, VariableName
from mailbot.config.oauth import OAuth

Security = Literal["tls", "starttls", "none"]

_INSTANT = "2026-11-01T00:00:00+01:00"


def _address(text: str) -> str:
    name, at, domain = text.rpartition("@")
    if not (name and at and domain) or any(sign.isspace() or sign in "<>,;" for sign in text):
        raise ValueError(
            f"« {text} » n'est pas une adresse ; elle est attendue seule, par exemple sav@boutique.fr"
        )
    return text


MailAddress = Annotated[str, AfterValidator(_address)]


class Server(Section):
    """A host with its security. Exactly one of the password sources is used, in this order: password_env (name of an
    environment variable), password_file (path), password_keyring (service name in the system keyring). With `auth`
    oauth there is no password: access comes by [accounts.oauth]."""

    host: str
    port: Annotated[int, Field(ge=1, le=65535)]
    security: Security = "tls"
    ca_file: Path | None = None
    allow_plain_text: bool = False
    auth: Literal["password", "oauth"] = "password"
    username: str | None = None
    password_env: VariableName | None = None
    password_file: Path | None = None
    password_keyring: str | None = None
    timeout_seconds: Annotated[float, Field(gt=0, le=600)] = 30.0

    @field_validator("host")
    @classmethod
    def _is_a_bare_name(cls, host: str) -> str:
        if not host or any(sign.isspace() or sign in "/@" for sign in host):
            raise ValueError(
                f'« {host} » n\'est pas un nom de serveur ; il est attendu seul, par exemple "imap.boutique.fr"'
            )
        if host.count(":") == 1:
            raise ValueError(f"« {host} » : le port va dans sa propre clé, port = {host.partition(':')[2]}")
        return host

    @model_validator(mode="after")
    def _plain_text_is_deliberate(self) -> Self:
        if self.security == "none" and self.host not in LOOPBACK and not self.allow_plain_text:
            raise ValueError(
                f'security = "none" vers {self.host} enverrait le mot de passe en clair : choisissez "tls" ou '
                '"starttls", ou ajoutez allow_plain_text = true si vous l\'assumez'
            )
        return self

    @model_validator(mode="after")
    def _has_one_way_in(self) -> Self:
        if self.auth == "password":
            return self
        if self.password_env or self.password_file or self.password_keyring:
            raise ValueError('auth = "oauth" va sans mot de passe : retirez password_env, _file ou _keyring')
        if not self.username:
            raise ValueError('auth = "oauth" demande username, l\'adresse de la boîte')
        return self


class AfterProcessing(Section):
    """What to do to the mailbox once a mail is prepared. Nothing by default."""

    keyword: str | None = None
    flag_seen: bool = False
    move_to: str | None = None


class AccountDrafts(Section):
    """What differs for one mailbox from the [drafts] section; absent keys follow it."""

    in_mailbox: bool | None = None
    folder: str | None = None
    watch_sent: bool | None = None


class Account(Section):
    """One support mailbox: where it is read, how its replies leave."""

    name: str
    address: MailAddress
    sender_name: str = ""
    envelope_from: MailAddress | None = None
    imap: Server
    smtp: Server
    oauth: OAuth | None = None
    folders: Annotated[tuple[str, ...], Field(min_length=1)] = ("INBOX",)
    start_from: Literal["now", "all"] | datetime = "now"
    poll_seconds: Annotated[int, Field(ge=5, le=86400)] = 60
    idle: bool = True
    max_message_mb: Annotated[float, Field(gt=0, le=500)] = 25.0
    save_sent: bool = True
    sent_folder: str | None = None
    after_processing: AfterProcessing = AfterProcessing()
    drafts: AccountDrafts = AccountDrafts()

    @field_validator("name", "sender_name")
    @classmethod
    def _is_one_line(cls, text: str) -> str:
        if not text.isprintable():
            raise ValueError("un texte d'une seule ligne est attendu")
        return text

    @field_validator("start_from", mode="before")
    @classmethod
    def _is_a_start(cls, start: object) -> object:
        if start in ("now", "all"):
            return start
        if not isinstance(start, datetime):
            raise ValueError(f'attendu "now", "all" ou un instant sans guillemets comme {_INSTANT}')
        if start.tzinfo is None:
            raise ValueError(f"ajoutez le fuseau horaire, par exemple {_INSTANT}")
        return start

    @model_validator(mode="after")
    def _done_mail_leaves_the_watched_folders(self) -> Self:
        """A folder that is read and moved to would take its own mails for new ones, for ever."""
        target = self.after_processing.move_to
        if target is not None and target.upper() in {folder.upper() for folder in self.folders}:
            raise ValueError(
                f"move_to = « {target} » est un dossier relevé (folders) : choisissez-en un autre"
            )
        return self

    @model_validator(mode="after")
    def _oauth_is_wanted_and_told(self) -> Self:
        wanted = "oauth" in (self.imap.auth, self.smtp.auth)
        if wanted and self.oauth is None:
            raise ValueError('auth = "oauth" demande une section [accounts.oauth]')
        if self.oauth is not None and not wanted:
            raise ValueError(
                'la section [accounts.oauth] ne sert à rien : ajoutez auth = "oauth" dans [accounts.imap] et '
                "[accounts.smtp]"
            )
        return self


class Storage(Section):
    """Where data lives: a directory (SQLite file, model cache) or an SQLAlchemy URL for PostgreSQL."""

    directory: Path = Path("donnees")
    url_env: VariableName | None = None
    url: str | None = None
    keep_days: Annotated[int, Field(ge=1)] = 1095
    keep_raw_days: Annotated[int, Field(ge=1)] = 365


class Sending(Section):
    """How approved replies leave. `shadow`: note which drafts would have left alone, for the report; sends nothing."""

    enabled: bool = True
    undo_seconds: Annotated[int, Field(ge=0, le=3600)] = 15
    automatic: bool = False
    shadow: bool = True
    max_attempts: Annotated[int, Field(ge=1, le=50)] = 12


class Drafts(Section):
    """Drafts in the agents' ordinary mail client. `in_mailbox` writes into the mailbox, so it is off unless asked for;
    `watch_sent` only reads, and stops the clocks of what agents answer from there, so it is on."""

    in_mailbox: bool = False
    watch_sent: bool = True
    grace_minutes: Annotated[float, Field(ge=0, le=1440)] = 10.0


class Alarms(Section):
    """Deadline alarms and troubles, by mail, as one digest per run; who is told when a deadline is missed."""

    to: tuple[MailAddress, ...] = ()
    escalation: tuple[MailAddress, ...] = ()
    every_minutes: Annotated[int, Field(ge=1, le=1440)] = 15
    no_fetch_minutes: Annotated[int, Field(ge=1)] = 15


class Orders(Section):
    """A folder that is watched for orders files. Imported files move to its sub-folder `importes/`, files that cannot
    be read to `refuses/`."""

    import_folder: Path | None = None
    every_minutes: Annotated[int, Field(ge=1, le=1440)] = 5


class Attachments(Section):
    """Files that go along with letters (rules/pieces_jointes.toml), from this folder only. Without it none do."""

    folder: Path | None = None
    max_mb: Annotated[float, Field(gt=0, le=25)] = 5.0


class Web(Section):
    """The agents' desk in a browser. Without this section there is none. `public_url` is how people reach it when a
    proxy with TLS stands before it: cookies are then for https only."""

    enabled: bool = True
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8025
    public_url: str = ""
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    session_hours: Annotated[int, Field(ge=1, le=720)] = 12
    idle_minutes: Annotated[int, Field(ge=5, le=43200)] = 120
    second_approval_above: Annotated[float, Field(ge=0)] = 0.0

    @property
    def secure(self) -> bool:
        """True when people come by https."""
        return self.public_url.startswith("https://")

    @model_validator(mode="after")
    def _address_is_whole(self) -> Self:
        if self.public_url and not self.public_url.startswith(("https://", "http://")):
            raise ValueError(
                'public_url : une adresse complète est attendue, par exemple "https://sav.boutique.example"'
            )
        return self


class Config(Section):
    accounts: tuple[Account, ...] = Field(min_length=1)
    storage: Storage = Storage()
    sending: Sending = Sending()
    drafts: Drafts = Drafts()
    alarms: Alarms = Alarms()
    orders: Orders = Orders()
    attachments: Attachments = Attachments()
    web: Web | None = None
    rules_dir: Path | None = None
    templates_dir: Path | None = None

    @field_validator("accounts", mode="before")
    @classmethod
    def _are_a_list(cls, accounts: object) -> object:
        if isinstance(accounts, dict):
            raise ValueError("une liste est attendue : écrivez [[accounts]], avec deux crochets")
        return accounts

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [account.name for account in self.accounts]
        if doubles := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"deux comptes portent le même nom : {', '.join(sorted(doubles))}")
        return self

    @model_validator(mode="after")
    def _mailboxes_are_read_once(self) -> Self:
        """Two accounts on one folder would answer each of its mails twice."""
        seen: dict[tuple[str, int, str, str], str] = {}
        for account in self.accounts:
            server = account.imap
            for folder in account.folders:
                place = (server.host.lower(), server.port, server.username or account.address, folder)
                if place in seen:
                    raise ValueError(
                        f"les comptes « {seen[place]} » et « {account.name} » relèvent le même dossier « {folder} » "
                        f"de {place[2]} sur {server.host} : chaque mail serait répondu deux fois"
                    )
                seen[place] = account.name
        return self

    @model_validator(mode="after")
    def _tokens_are_kept_apart(self) -> Self:
        """One file for two accounts would have each undo the other's connection."""
        files = [one.oauth.token_file for one in self.accounts if one.oauth and one.oauth.token_file]
        if len(files) != len(set(files)):
            raise ValueError(
                "deux comptes ont le même token_file : donnez-en un à chacun, ou retirez cette clé"
            )
        return self

    def drafts_in(self, account: Account) -> bool:
        """Whether drafts are shown in this account's own Drafts folder."""
        own = account.drafts.in_mailbox
        return self.drafts.in_mailbox if own is None else own

    def watches_sent(self, account: Account) -> bool:
        """Whether this account's Sent folder is read; always when drafts are shown in the mailbox."""
        own = account.drafts.watch_sent
        return self.drafts_in(account) or (self.drafts.watch_sent if own is None else own)

    def silence(self, account: Account) -> timedelta:
        """How long its folders may bring nothing: two turns of its poll at least."""
        return timedelta(seconds=max(60 * self.alarms.no_fetch_minutes, 2 * account.poll_seconds))

"""[accounts.oauth]: who grants access to a mailbox without its password (OAuth 2.0), and what we ask for."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator, model_validator

from mailbot.config.base import LOOPBACK, Section, VariableName

Provider = Literal["microsoft", "google", "autre"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Where access is asked for (None: not offered there), and the scope that IMAP and SMTP need."""

    exchange: str
    device: str | None
    authorize: str | None
    scope: str


_MICROSOFT = "https://login.microsoftonline.com"
_MAIL = "https://outlook.office.com"
_APPLICATION_SCOPE = "https://outlook.office365.com/.default"
# Google grants mail to no device code (only to a browser), and a lasting token only when asked in these words.
_GOOGLE = Endpoints(
    exchange="https://oauth2.googleapis.com/token",
    device=None,
    authorize="https://accounts.google.com/o/oauth2/v2/auth?access_type=offline&prompt=consent",
    scope="https://mail.google.com/",
)


_WEB_ADDRESS = "« {} » n'est pas une adresse web complète, par exemple https://…/token"


def _web_address(text: str) -> str:
    try:
        parts = urlsplit(text)
        whole = bool(parts.hostname) and parts.port != 0 and parts.scheme in ("https", "http")
    except ValueError as error:  # a port or a bracket that is none
        raise ValueError(_WEB_ADDRESS.format(text)) from error
    if not whole or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError(_WEB_ADDRESS.format(text))
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError(f"« {text} » enverrait le jeton en clair : https:// est attendu")
    return text


WebAddress = Annotated[str, AfterValidator(_web_address)]


class OAuth(Section):
    """Access granted by a person (`grant` user: a lasting token kept in `token_file` or in the keyring) or to the
    application itself. The addresses of Microsoft and Google are known; given ones win."""

    provider: Provider
    client_id: str
    tenant: str | None = None
    grant: Literal["user", "application"] = "user"
    client_secret_env: VariableName | None = None
    client_secret_file: Path | None = None
    client_secret_keyring: str | None = None
    token_file: Path | None = None
    token_keyring: str | None = None
    token_url: WebAddress | None = None
    device_url: WebAddress | None = None
    authorize_url: WebAddress | None = None
    scope: str | None = None
    ca_file: Path | None = None

    @property
    def has_client_secret(self) -> bool:
        """True when the application has a secret of its own."""
        return bool(self.client_secret_env or self.client_secret_file or self.client_secret_keyring)

    @property
    def endpoints(self) -> Endpoints:
        """Where to ask, and for what."""
        usual = self._usual()
        return Endpoints(
            exchange=self.token_url or usual.exchange,
            device=self.device_url or usual.device,
            authorize=self.authorize_url or usual.authorize,
            scope=self.scope or usual.scope,
        )

    def _usual(self) -> Endpoints:
        if self.provider == "google":
            return _GOOGLE
        if self.provider == "autre":
            return Endpoints(exchange="", device=None, authorize=None, scope="")
        base = f"{_MICROSOFT}/{quote(self.tenant or '', safe='')}/oauth2/v2.0"
        person = f"{_MAIL}/IMAP.AccessAsUser.All {_MAIL}/SMTP.Send offline_access"
        return Endpoints(
            exchange=f"{base}/token",
            device=f"{base}/devicecode",
            authorize=f"{base}/authorize",
            scope=_APPLICATION_SCOPE if self.grant == "application" else person,
        )

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if not self.client_id.strip():
            raise ValueError("client_id est vide : l'identifiant que le fournisseur a donné à l'application")
        if self.provider == "microsoft" and not self.tenant:
            raise ValueError(
                "tenant manque : l'identifiant d'annuaire (locataire) que montre la page de l'application dans Entra"
            )
        if self.provider != "microsoft" and self.tenant:
            raise ValueError('tenant ne va qu\'avec provider = "microsoft"')
        if self.provider == "google" and not self.has_client_secret:
            raise ValueError(
                "Google donne un secret avec client_id : client_secret_env, client_secret_file ou client_secret_keyring"
            )
        if self.provider == "autre" and not (self.token_url and self.scope):
            raise ValueError('provider = "autre" demande token_url et scope')
        self._can_be_granted()
        return self

    def _can_be_granted(self) -> None:
        if self.grant == "application" and self.provider == "google":
            raise ValueError('grant = "application" n\'existe pas chez Google : retirez cette ligne')
        if self.grant == "application" and not self.has_client_secret:
            raise ValueError(
                'grant = "application" demande le secret de l\'application : client_secret_env, client_secret_file ou '
                "client_secret_keyring"
            )
        if self.grant == "user" and not (self.endpoints.device or self.endpoints.authorize):
            raise ValueError('provider = "autre" demande device_url (ou authorize_url)')

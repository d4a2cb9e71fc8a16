"""[accounts.oauth] as operators write it: what is missing or does not go together is said in one French line."""

from pathlib import Path

import pytest

from mailbot.config import Account, OAuth, client_secret, exposed_files, load
from mailbot.errors import ConfigError

MICROSOFT = """
[[accounts]]
name = "le sav/1"
address = "sav@boutique.example"
imap = { host = "outlook.office365.com", port = 993, auth = "oauth", username = "sav@boutique.example" }
smtp = { host = "smtp.office365.com", port = 587, security = "starttls", auth = "oauth", username = "sav" }

[accounts.oauth]
provider = "microsoft"
client_id = "0000-1111"
tenant = "boutique.example"
"""
GOOGLE = MICROSOFT.replace('"microsoft"', '"google"').replace('tenant = "boutique.example"', "")
OTHER = GOOGLE.replace('"google"', '"autre"')
BOTH = "".join(MICROSOFT.replace("sav", name) + 'token_file = "jeton"\n' for name in ("sav", "ventes"))
ADDRESSES = 'token_url = "https://c.example/token"\nscope = "mail"\n'


def read(directory: Path, text: str) -> Account:
    path = directory / "config.toml"
    path.write_text(text, "utf-8")
    return load(path).accounts[0]


def section(directory: Path, text: str) -> OAuth:
    found = read(directory, text).oauth
    assert found is not None
    return found


def test_microsoft_needs_no_address_and_the_token_lies_in_the_data_directory(tmp_path: Path) -> None:
    found = section(tmp_path, MICROSOFT)
    base = "https://login.microsoftonline.com/boutique.example/oauth2/v2.0"
    assert found.endpoints.exchange == f"{base}/token"
    assert (found.endpoints.device, found.endpoints.authorize) == (f"{base}/devicecode", f"{base}/authorize")
    assert found.endpoints.scope.split() == [
        "https://outlook.office.com/IMAP.AccessAsUser.All",
        "https://outlook.office.com/SMTP.Send",
        "offline_access",
    ]
    assert found.token_file == tmp_path / "donnees/oauth/le%20sav%2F1.json", "no name leaves the directory"


def test_the_application_s_own_right_has_another_scope(tmp_path: Path) -> None:
    text = MICROSOFT + 'grant = "application"\nclient_secret_file = "secret"\n'
    found = section(tmp_path, text)
    assert found.endpoints.scope == "https://outlook.office365.com/.default"
    assert found.client_secret_file == tmp_path / "secret"


def test_google_is_asked_in_a_browser_for_a_lasting_token(tmp_path: Path) -> None:
    found = section(tmp_path, GOOGLE + 'client_secret_env = "G"\n').endpoints
    assert found.device is None and found.scope == "https://mail.google.com/"
    assert found.authorize is not None and "access_type=offline&prompt=consent" in found.authorize


def test_what_the_page_for_operators_shows_can_be_copied(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs/connexion.md").read_text("utf-8")
    shown = [block.partition("```")[0] for block in page.split("```toml\n")[1:]]
    assert len(shown) == 2
    for block, provider in zip(shown, ("microsoft", "google"), strict=True):
        text = f'[[accounts]]\nname = "support"\naddress = "sav@boutique.fr"\n{block}'
        assert section(tmp_path, text).provider == provider


def test_given_addresses_win(tmp_path: Path) -> None:
    found = section(tmp_path, MICROSOFT + 'token_url = "http://127.0.0.1:1/t"\ntoken_file = "jeton"\n')
    assert found.endpoints.exchange == "http://127.0.0.1:1/t"
    assert found.token_file == tmp_path / "jeton"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (MICROSOFT.replace('tenant = "boutique.example"', ""), "accounts.1.oauth : tenant manque"),
        (MICROSOFT.replace('client_id = "0000-1111"', ""), "accounts.1.oauth.client_id : clé obligatoire absente"),
        (MICROSOFT.replace("tenant", "tenent"), "clé inconnue : vouliez-vous dire « tenant » ?"),
        (MICROSOFT.replace('"microsoft"', '"orange"'), "attendu 'microsoft', 'google' ou 'autre'"),
        (MICROSOFT.replace('username = "sav" }', 'username = "sav", password_env = "PW" }'), "retirez password_env"),
        (MICROSOFT.replace('auth = "oauth", username = "sav" }', 'auth = "oauth" }'), "accounts.1.smtp : auth"),
        (MICROSOFT.partition("[accounts.oauth]")[0], "demande une section [accounts.oauth]"),
        (MICROSOFT.replace('auth = "oauth", ', ""), "ne sert à rien"),
        (MICROSOFT.replace('"oauth"', '"aouth"', 1), "attendu 'password' ou 'oauth'"),
        (MICROSOFT + 'grant = "application"\n', "demande le secret de l'application"),
        (MICROSOFT + 'client_secret_env = "s3cret!"\n', "jamais le mot de passe lui-même"),
        (GOOGLE, "Google donne un secret avec client_id"),
        (GOOGLE + 'client_secret_env = "G"\ngrant = "application"\n', "n'existe pas chez Google"),
        (OTHER, "demande token_url et scope"),
        (OTHER + ADDRESSES, "demande device_url"),
        (OTHER + ADDRESSES + 'tenant = "a"\n', "tenant ne va qu'avec"),
        (OTHER + ADDRESSES.replace("https", "http"), "enverrait le jeton en clair"),
        (OTHER + ADDRESSES.replace("https://c.example/token", "connexion"), "n'est pas une adresse web complète"),
        (OTHER + ADDRESSES.replace("c.example", "c example"), "n'est pas une adresse web complète"),
        (OTHER + ADDRESSES.replace("c.example", "é.example"), "n'est pas une adresse web complète"),
        (OTHER + ADDRESSES.replace("c.example", "c.example:70000"), "n'est pas une adresse web complète"),
        (OTHER + ADDRESSES.replace("c.example", "c.example:abc"), "n'est pas une adresse web complète"),
        (MICROSOFT.replace('"0000-1111"', '" "'), "client_id est vide"),
        (OTHER + ADDRESSES.replace("c.example", "[c.example"), "n'est pas une adresse web complète"),
        (BOTH, "deux comptes ont le même token_file"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_what_is_expected(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read(tmp_path, text)
    assert words in str(refused.value)
    assert "s3cret!" not in str(refused.value)


def test_the_secret_of_the_application_comes_from_where_passwords_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client_secret(section(tmp_path, MICROSOFT), "sav") is None
    monkeypatch.setenv("SECRET", "s\n")
    assert client_secret(section(tmp_path, MICROSOFT + 'client_secret_env = "SECRET"\n'), "sav") == "s"
    by_file = section(tmp_path, MICROSOFT + 'client_secret_file = "secret"\n')
    with pytest.raises(ConfigError, match=r"fichier de secret .* illisible"):
        client_secret(by_file, "sav")
    (tmp_path / "secret").write_text("f\n", "utf-8")
    assert client_secret(by_file, "sav") == "f"
    monkeypatch.setattr("keyring.get_password", lambda service, name: f"{service}/{name}")
    by_keyring = section(tmp_path, MICROSOFT + 'client_secret_keyring = "m"\n')
    assert client_secret(by_keyring, "sav") == "m/0000-1111"


def test_files_that_everybody_can_read_are_told(tmp_path: Path) -> None:
    read(tmp_path, MICROSOFT + 'client_secret_file = "secret"\ntoken_file = "jeton"\n')
    for name in ("secret", "jeton"):
        (tmp_path / name).write_text("a", "utf-8")
        (tmp_path / name).chmod(0o604)
    said = exposed_files(load(tmp_path / "config.toml"))
    assert [str(tmp_path / name) in one for name, one in zip(("secret", "jeton"), said, strict=True)] == [
        True
    ] * 2

"""config.toml as operators really write it: each mistake has one French line that says where and what to do."""

from pathlib import Path

import pytest

from mailbot.config import Account, Config, load
from mailbot.errors import ConfigError

EXAMPLE = (Path(__file__).parents[2] / "config.example.toml").read_text("utf-8")


def written(directory: Path, text: str | bytes) -> Path:
    path = directory / "config.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refusal(directory: Path, text: str | bytes) -> str:
    path = written(directory, text)
    with pytest.raises(ConfigError) as caught:
        load(path)
    said = str(caught.value)
    assert said.startswith(str(path)), said
    return said


def account(path: Path) -> Account:
    return load(path).accounts[0]


@pytest.mark.parametrize(
    "data",
    [
        EXAMPLE.encode(),
        b"\xef\xbb\xbf" + EXAMPLE.encode(),
        EXAMPLE.replace("\n", "\r\n").encode(),
    ],
    ids=["as shipped", "with a byte order mark", "with Windows line ends"],
)
def test_the_example_loads_however_an_editor_saved_it(tmp_path: Path, data: bytes) -> None:
    assert load(written(tmp_path, data)) == load(Path("config.example.toml")).model_copy(
        update={"storage": load(written(tmp_path, data)).storage}
    )


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("port = 993", "port = 0", "accounts.1.imap.port : valeur hors limites (attendu ≥ 1)"),
        ('security = "tls"', 'security = "ssl"', "'ssl' inconnue, attendu 'tls', 'starttls' ou 'none'"),
        ('security = "tls"', 'security = "none"', "enverrait le mot de passe en clair"),
        ('"imap.boutique.example"', '"imap.boutique.example:993"', "host : « imap.boutique.example:993 » : le port"),
        ('"imap.boutique.example"', '"https://imap.boutique.example"', "n'est pas un nom de serveur"),
        ('address = "support@boutique.example"', 'address = "support"', "address : « support » n'est pas une adresse"),
        ('name = "support"', 'name = "sup\\nport"', "name : un texte d'une seule ligne"),
        ('start_from = "now"', 'start_from = "hier"', 'start_from : attendu "now", "all" ou un instant'),
        ('start_from = "now"', "start_from = 2026-11-01T00:00:00", "start_from : ajoutez le fuseau horaire"),
        ('start_from = "now"', "start_from = 20261101", 'start_from : attendu "now", "all"'),
        ('folders = ["INBOX"]', 'folders = "INBOX"', "folders : une liste [ ... ] est attendue"),
        ('folders = ["INBOX"]', "folders = []", "folders : au moins un élément"),
        ("idle = true ", "idle = oui ", "ligne 18, colonne 8 : la valeur n'est pas reconnue"),
        ('name = "support" ', 'name = "support ', "ligne 11, colonne 76 : un texte n'est pas refermé"),
        ("idle = true", "idle = true\nidle = false", "ligne 19, colonne 13 : cette clé est donnée deux fois"),
        ('# folder = "pieces"', 'folder = "C:\\pieces"', "\\ s'écrit \\\\"),
        ("poll_seconds", "pol_seconds", "clé inconnue : vouliez-vous dire « poll_seconds » ?"),
        ("to = []", 'to = ["moi"]', "alarms.to.1 : « moi » n'est pas une adresse"),
        ("every_minutes = 15", "every_minutes = 15.5", "un nombre entier est attendu"),
        ('directory = "donnees"', "directory = 5", "storage.directory : un chemin entre guillemets"),
        ('public_url = ""', 'public_url = "sav.fr"', "public_url : une adresse complète est attendue"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_what_is_expected(
    tmp_path: Path, before: str, after: str, expected: str
) -> None:
    spoilt = EXAMPLE.replace(before, after, 1)
    assert spoilt != EXAMPLE
    assert expected in refusal(tmp_path, spoilt)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (EXAMPLE.encode("cp1252", "replace"), "la ligne 1 n'est pas en UTF-8. Enregistrez le fichier en UTF-8"),
        (EXAMPLE.encode("utf-16"), "n'est pas en UTF-8"),
        (b"!oui", "ni une clé, ni une section, ni un commentaire"),
        (b"# a\0", "un caractère invisible"),
        (b"accounts = [", "à la fin du fichier : une valeur, une liste ou un texte n'est pas refermé"),
        (b'rules_dir "rules"', "« clé = valeur » est attendu"),
        (b"[accounts]\nname = 1", "écrivez [[accounts]], avec deux crochets"),
        (b"", "accounts : clé obligatoire absente"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_configuration_is_said_to_be_none(
    tmp_path: Path, data: bytes, expected: str
) -> None:
    assert expected in refusal(tmp_path, data)


def test_a_password_written_in_the_place_of_a_name_is_refused_and_not_repeated(tmp_path: Path) -> None:
    for spoilt in (
        EXAMPLE.replace('"MAILBOT_IMAP_PASSWORD"', '"hunter2 !"', 1),
        EXAMPLE.replace('password_env = "MAILBOT_IMAP_PASSWORD"', 'password = "hunter2 !"', 1),
    ):
        said = refusal(tmp_path, spoilt)
        assert "password_env" in said
        assert "hunter2" not in said


def test_two_accounts_on_one_mailbox_are_refused_for_they_would_answer_twice(tmp_path: Path) -> None:
    first = EXAMPLE[EXAMPLE.index("\n[[accounts]]") : EXAMPLE.index("# --- Données")]
    second = first.replace('name = "support"', 'name = "autre"').replace("imap.bout", "IMAP.bout")
    said = refusal(tmp_path, EXAMPLE + second)
    assert "les comptes « support » et « autre » relèvent le même dossier « INBOX »" in said
    apart = load(written(tmp_path, EXAMPLE + second.replace('["INBOX"]', '["SAV"]')))
    assert len(apart.accounts) == 2


def test_done_mail_is_not_moved_into_a_watched_folder_for_it_would_come_back(tmp_path: Path) -> None:
    text = EXAMPLE.replace('# move_to = "Traités"', 'move_to = "inbox"')
    assert "move_to = « inbox » est un dossier relevé" in refusal(tmp_path, text)
    assert account(written(tmp_path, text.replace('"inbox"', '"Faits"'))).after_processing.move_to == "Faits"


def test_every_path_is_taken_from_the_place_of_the_file(tmp_path: Path) -> None:
    text = EXAMPLE.replace('# ca_file = "/etc/ssl/mon-autorite.pem"', 'ca_file = "ca.pem"')
    text = text.replace('# password_file = "/run/credentials/imap"', 'password_file = "~/secret"')
    text = text.replace('# folder = "pieces"', 'folder = "pieces"')
    config = load(written(tmp_path, text))
    assert config.accounts[0].imap.ca_file == tmp_path / "ca.pem"
    assert config.accounts[0].imap.password_file == Path.home() / "secret"
    assert config.attachments.folder == tmp_path / "pieces"
    assert config.storage.directory == tmp_path / "donnees"


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="fichier introuvable"):
        load(tmp_path / "config.toml")
    with pytest.raises(ConfigError, match="c'est un dossier, un fichier est attendu"):
        load(tmp_path)


def test_only_one_account_decides_for_itself_about_drafts_and_sent(tmp_path: Path) -> None:
    text = EXAMPLE.replace("# drafts = { in_mailbox = true, folder", "drafts = { in_mailbox = true, folder")
    config = load(written(tmp_path, text))
    assert config.drafts_in(config.accounts[0]) and not Config.model_validate(config).drafts.in_mailbox
    assert config.watches_sent(config.accounts[0])

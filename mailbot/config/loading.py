"""config.toml → Config, or one French message that names file, key and what to do."""

import tomllib
from pathlib import Path
from urllib.parse import quote

from pydantic import ValidationError

from mailbot.config.explaining import explain_syntax, explain_validation
from mailbot.config.oauth import OAuth
from mailbot.config.sections import Account, Config, Server
from mailbot.errors import ConfigError, words


def load(path: Path) -> Config:
    """Read and validate a config file; relative paths in it are relative to the file.

    Raises ConfigError with a French message that names file, key and what to do."""
    try:
        data = tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} : syntaxe TOML incorrecte {explain_syntax(error)}") from error
    try:
        config = Config.model_validate(data)
    except ValidationError as error:
        raise ConfigError(_explain(path, error)) from error
    return _absolute(config, path.resolve().parent)


def _text(path: Path) -> str:
    """The file as text; Windows' editors leave a byte order mark, which is no part of it."""
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise ConfigError(f"{path} : fichier introuvable. Créez-le avec « mailbot init ».") from error
    except OSError as error:
        raise ConfigError(f"{path} : lecture impossible ({words(error)}).") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            f"{path} : la ligne {line} n'est pas en UTF-8. Enregistrez le fichier en UTF-8 (dans le Bloc-notes : "
            "« Enregistrer sous », Encodage)."
        ) from error


def _absolute(config: Config, base: Path) -> Config:
    def fix(value: Path | None) -> Path | None:
        return None if value is None else base / value.expanduser()

    def server(one: Server) -> Server:
        files = {"ca_file": fix(one.ca_file), "password_file": fix(one.password_file)}
        return one.model_copy(update=files)

    def oauth(one: OAuth, name: str) -> OAuth:
        usual = config.storage.directory / "oauth" / f"{quote(name, safe='')}.json"
        files = {"ca_file": one.ca_file, "client_secret_file": one.client_secret_file}
        fixed = {key: fix(path) for key, path in {**files, "token_file": one.token_file or usual}.items()}
        return one.model_copy(update=fixed)

    def account(one: Account) -> Account:
        granted = None if one.oauth is None else oauth(one.oauth, one.name)
        servers = {"imap": server(one.imap), "smtp": server(one.smtp)}
        return one.model_copy(update={**servers, "oauth": granted})

    return config.model_copy(
        update={
            "accounts": tuple(map(account, config.accounts)),
            "rules_dir": fix(config.rules_dir),
            "templates_dir": fix(config.templates_dir),
            "storage": config.storage.model_copy(update={"directory": fix(config.storage.directory)}),
            "attachments": config.attachments.model_copy(update={"folder": fix(config.attachments.folder)}),
            "orders": config.orders.model_copy(update={"import_folder": fix(config.orders.import_folder)}),
        }
    )


def _explain(path: Path, error: ValidationError) -> str:
    return f"{path} : configuration refusée.\n" + "\n".join(
        f"  - {line}" for line in explain_validation(error, Config)
    )

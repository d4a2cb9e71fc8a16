"""config.toml → Config, or one French message that names file, key and what to do."""

import re
import tomllib
from pathlib import Path

from pydantic import ValidationError

from mailbot.config.explaining import explain_validation
from mailbot.config.sections import Account, Config, Server
from mailbot.errors import ConfigError, words

_AT = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")
# What tomllib says → what a person can do about it.
_SYNTAX = {
    "Cannot overwrite a value": "cette clé est donnée deux fois",
    "Cannot declare": "cette section est ouverte deux fois",
    "Unescaped '\\'": "dans un texte entre guillemets, \\ s'écrit \\\\ (ou mettez le texte entre apostrophes)",
    "Invalid hex value": "dans un texte entre guillemets, \\ s'écrit \\\\ (ou mettez le texte entre apostrophes)",
    "Found invalid character": "un caractère invisible s'y trouve, effacez-le",
    "Illegal character": "un texte n'est pas refermé : il manque un guillemet",
    "Unterminated string": "un texte n'est pas refermé : il manque un guillemet",
    "Expected '=' after a key": "« clé = valeur » est attendu, ou « [section] »",
    "Invalid statement": "cette ligne n'est ni une clé, ni une section, ni un commentaire (#)",
    "Invalid value": "la valeur n'est pas reconnue : un texte se met entre guillemets, vrai et faux sont true et false",
    "Unclosed array": "une liste n'est pas refermée : il manque « ] »",
    "Expected ']'": "il manque « ] »",
    "Invalid initial character": "une clé ne peut pas commencer par ce caractère (mettez-la entre guillemets)",
    "Expected newline or end of document": "rien ne peut suivre cette valeur sur sa ligne",
}


def load(path: Path) -> Config:
    """Read and validate a config file; relative paths in it are relative to the file.

    Raises ConfigError with a French message that names file, key and what to do."""
    try:
        data = tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} : syntaxe TOML incorrecte {_place(str(error))}") from error
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


def _place(said: str) -> str:
    """Where and what, from tomllib's words."""
    found = _AT.search(said)
    if found and not found[1]:
        return "à la fin du fichier : une valeur, une liste ou un texte n'est pas refermé."
    where = f"à la ligne {found[1]}, colonne {found[2]}" if found else ""
    reason = next((french for sign, french in _SYNTAX.items() if said.startswith(sign)), said)
    return f"{where} : {_AT.sub('', reason)}."


def _absolute(config: Config, base: Path) -> Config:
    def fix(value: Path | None) -> Path | None:
        return None if value is None else base / value.expanduser()

    def server(one: Server) -> Server:
        files = {"ca_file": fix(one.ca_file), "password_file": fix(one.password_file)}
        return one.model_copy(update=files)

    def account(one: Account) -> Account:
        return one.model_copy(update={"imap": server(one.imap), "smtp": server(one.smtp)})

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

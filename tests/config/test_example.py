"""config.example.toml: every key is there, explained, at its default; and every key is read by something."""

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from mailbot.config import Account, Config, Web

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "config.example.toml").read_text("utf-8")
# A key or section that is commented out, to show what it may be.
_OFF = re.compile(r"(?m)^# (?=[a-z_]+ = |\[accounts\.oauth\])")


def uncommented() -> dict[str, Any]:
    """The example with every key switched on, the second of a pair of alternatives left out."""
    return tomllib.loads(_OFF.sub("", TEXT))


def fields(model: type[BaseModel], where: str = "") -> dict[str, Any]:
    """Every key that a section allows, with its default, by dotted path."""
    found: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        inner = next((one for one in _models(field.annotation)), None)
        if inner is None:
            found[where + name] = field.get_default()
        else:
            found |= fields(inner, f"{where}{name}.")
    return found


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [one for part in getattr(annotation, "__args__", ()) for one in _models(part)]


def keys(data: Any, where: str = "") -> set[str]:
    """Every key of a document, by dotted path; lists of tables count as one table."""
    found: set[str] = set()
    for name, value in data.items():
        inner = value[0] if isinstance(value, list) and value and isinstance(value[0], dict) else value
        found |= keys(inner, f"{where}{name}.") if isinstance(inner, dict) else {where + name}
    return found


def test_every_key_is_in_the_example_and_no_other() -> None:
    explained = keys(uncommented())
    smtp_as_imap = {key.replace(".imap.", ".smtp.") for key in explained if ".imap." in key}
    assert explained | smtp_as_imap == set(fields(Config))


def test_every_key_has_words_of_its_own_in_the_example() -> None:
    """On its line; for the two folders at the top, on the line before it. [accounts.smtp] has the keys of imap."""
    explained = set()
    for line in TEXT.splitlines():
        stated = re.match(r"(?:# )?([a-z_]+) = ", line)
        if stated and "#" in line.removeprefix("# "):
            explained.add(stated[1])
    nested = {
        "in_mailbox",
        "watch_sent",
        "folder",
    }  # [accounts.drafts] is one line; its keys are those of [drafts]
    wanted = {key.rpartition(".")[2] for key in keys(uncommented())} - {"rules_dir", "templates_dir"}
    assert wanted - nested <= explained, wanted - explained


def test_what_the_example_says_is_what_happens_without_it() -> None:
    """The values that are not commented out are the defaults, but for those that have none."""
    said = tomllib.loads(TEXT)
    without_default = {
        "name",
        "address",
        "sender_name",
        "host",
        "port",
        "username",
        "password_env",
        "security",
    }
    (account,) = said.pop("accounts")
    web = Web.model_validate(said["web"])
    assert web == Web()
    for name, section in said.items():
        model = Config.model_fields[name].annotation
        if name != "web" and isinstance(model, type) and issubclass(model, BaseModel):
            assert model.model_validate(section) == model(), name
    given = {key: value for key, value in account.items() if key not in without_default}
    defaults = fields(Account)
    for key in keys(given):
        if key.rpartition(".")[2] not in without_default:
            value = given
            for part in key.split("."):
                value = value[part]
            default = defaults[key]
            assert value == (list(default) if isinstance(default, tuple) else default), key


def test_every_key_is_read_somewhere() -> None:
    read = {
        node.attr
        for path in (ROOT / "mailbot").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
    }
    assert {key.rpartition(".")[2] for key in fields(Config)} <= read

"""A reply's new text, from a file or from the person's own editor."""

import subprocess
import tempfile
from pathlib import Path

import typer

from mailbot.config import editor
from mailbot.errors import MailbotError, words


def new_text(old: str, path: Path | None) -> str:
    """The new text of a reply: the file's, else what the person saves in their editor (`old` when unchanged)."""
    if path is None:
        return _editor(old) or old
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{path} : lecture impossible ({words(error)})") from error


def _editor(old: str) -> str | None:
    """The text as saved in the person's editor ($VISUAL, $EDITOR), None when unchanged."""
    program = editor()
    with tempfile.NamedTemporaryFile("w+", suffix=".txt", encoding="utf-8") as draft:
        draft.write(old)
        draft.flush()
        try:
            done = subprocess.run([*program, draft.name], check=False)  # noqa: S603 - the person's own editor
        except OSError as error:
            raise MailbotError(
                f"l'éditeur « {program[0]} » ne se lance pas ({words(error)}). Nommez le vôtre dans la variable "
                "EDITOR, ou donnez le nouveau texte avec --file."
            ) from error
        text = Path(draft.name).read_text("utf-8")
    return text if done.returncode == 0 and text != old else None

"""Files with customers' words in them: put in place at once, readable by the person who asked for them only."""

from pathlib import Path

from mailbot.edges import whole_file
from mailbot.errors import MailbotError, words


def write(path: Path, data: bytes) -> None:
    """Write or replace `path`, mode 0600; a link of that name is replaced, not followed. What is no file (a device, a
    pipe, /dev/stdout) is neither replaced nor written to. Raises MailbotError (French)."""
    try:
        if _is_no_file(path):
            raise MailbotError(
                f"{path} : ce n'est pas un fichier ordinaire. Donnez le nom d'un fichier à créer."
            )
        whole_file.write(path, data)
    except OSError as error:
        raise MailbotError(f"{path} : écriture impossible ({words(error)}).") from error


def _is_no_file(path: Path) -> bool:
    """A device or a pipe; whatever stands in /dev or /proc leads to one, or to a file another program has opened."""
    at = path.parent.resolve().parts
    if at[:2] in (("/", "dev"), ("/", "proc")) and at[:3] != ("/", "dev", "shm"):
        return True
    return path.exists() and not (path.is_file() or path.is_dir())

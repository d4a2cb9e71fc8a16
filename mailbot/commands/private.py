"""Files with customers' words in them: put in place at once, readable by the person who asked for them only."""

import os
import tempfile
from pathlib import Path

from mailbot.errors import MailbotError, words


def write(path: Path, data: bytes) -> None:
    """Write or replace `path`, mode 0600; a link of that name is replaced, not followed. Raises MailbotError
    (French)."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise MailbotError(f"{path} : écriture impossible ({words(error)}).") from error

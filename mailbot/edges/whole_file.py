"""A file put in place whole or not at all, whoever reads it meanwhile and whenever the power goes."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def write(path: Path, data: bytes, ready: Callable[[Path], object] = lambda _new: None) -> None:
    """Write or replace `path`, mode 0600; a link of that name is replaced, not followed. `ready` is done to the new
    file before it takes the place (another mode or owner). Raises OSError, and the earlier file stays."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    new = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        ready(new)
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise


def forget(newest: Path, pattern: str, kept: int) -> None:
    """Remove all but the `kept` newest files beside `newest`, which stays, whose names are like `pattern`."""
    old = [path for path in newest.parent.glob(pattern) if path != newest]
    old.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for path in old[kept - 1 :]:
        path.unlink(missing_ok=True)

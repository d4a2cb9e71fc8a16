"""One worker per data directory: an advisory lock on a file, freed by the kernel when the process dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mailbot.errors import StoreError


@contextmanager
def only_worker(directory: Path) -> Iterator[None]:
    """Hold DIRECTORY/worker.lock. Raises StoreError (French) when another worker holds it.

    Whoever holds it may free the leases of earlier workers at once: they are dead."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = directory / "worker.lock"
    with path.open("a+", encoding="utf-8") as handle:
        path.chmod(0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            handle.seek(0)
            holder = handle.read().strip() or "inconnu"
            raise StoreError(
                f"{directory} : un autre service mailbot y travaille déjà (processus {holder}). Arrêtez-le, ou "
                "laissez-le faire : il traite les mêmes comptes."
            ) from error
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield

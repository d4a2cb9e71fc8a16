"""The trained model on disk, keyed by what it was learnt from. A cache: losing it only costs seconds."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from mailbot.edges import whole_file

T = TypeVar("T")
_KEPT = 2  # the present model and the one before it, for a rule change that is taken back


def load_or_train(
    directory: Path, key: str, load: Callable[[bytes], T], train: Callable[[], tuple[T, bytes]]
) -> T:
    """The model cached in `directory` under `key` (hex), else a newly trained one, which is then cached.

    `load` must raise ValueError on bytes it cannot use: the model is then trained anew. A directory that cannot be
    written to is no error: the model is simply not kept."""
    path = directory / f"modele-{key[:32]}.npz"
    try:
        return load(path.read_bytes())
    except (OSError, ValueError):
        pass
    model, data = train()
    _write(path, data)
    return model


def _write(path: Path, data: bytes) -> None:
    """Put the bytes in place at once, readable by this user only, and drop older models."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        whole_file.write(path, data)
        whole_file.forget(path, "modele-*.npz", _KEPT)

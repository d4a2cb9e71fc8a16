"""Several people who act at the same time."""

import threading
from collections.abc import Callable

from mailbot.errors import StoreError


def together(*acts: Callable[[], object]) -> list[str]:
    """What became of acts done at the same time: '' or the error's words."""
    said = [""] * len(acts)
    gate = threading.Barrier(len(acts))

    def run(number: int) -> None:
        gate.wait(10)
        try:
            acts[number]()
        except StoreError as error:
            said[number] = str(error) or "?"

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return said

"""`mailbot mails` as people type it."""

from collections.abc import Callable
from pathlib import Path

from mailbot.edges.store import Store, aside, mails
from tests.commands.conftest import Said
from tests.edges.store.samples import LEASE, NOW, take_in

Run = Callable[..., Said]


def test_mails_put_aside_are_listed_and_put_back_and_others_are_named(
    mailbot: Run, store: Store, config: Path
) -> None:
    take_in(store, 1, 2)
    for claimed in mails.claim(store, "ouvrier", 2, NOW, LEASE):
        aside.park(store, claimed.id, "ouvrier", "illisible", NOW)
    assert "illisible" in mailbot("mails", "list", "-c", config).out
    said = mailbot("mails", "retry", 1, 1, 7, "-c", config)
    assert said.code == 1 and "1 mail remis dans la file." in said.out
    assert "pas mis de côté, donc laissés tels quels : 7." in said.words
    said = mailbot("mails", "retry", "-c", config)
    assert (said.code, said.out.strip()) == (0, "1 mail remis dans la file.")
    assert mails.count_by_state(store) == {"received": 2, "prepared": 0, "ignored": 0, "parked": 0}
    assert "Aucun mail mis de côté." in mailbot("mails", "list", "-c", config).out

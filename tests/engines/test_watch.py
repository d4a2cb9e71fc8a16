"""A server that answers what no library foresaw: its folder is told of, the others go on."""

import threading

import pytest

from mailbot import clock
from mailbot.config import Account
from mailbot.edges.sign_in import SignIn
from mailbot.edges.store import Store, folders
from mailbot.engines import once, watch
from tests.jobs.places import workplace
from tests.servers.imap import ScriptedImap

ODD = {"EXAMINE": b"%T NO no such thing", "LIST": b"* LIST () 5 12"}


@pytest.fixture
def odd(monkeypatch: pytest.MonkeyPatch) -> ScriptedImap:
    monkeypatch.setenv("ODD", "secret")
    return ScriptedImap(ODD)  # type: ignore[arg-type]


def account(server: ScriptedImap) -> Account:
    return server.account(password_env="ODD").model_copy(update={"folders": ("SAV",)})


def test_an_unforeseen_answer_is_a_trouble_of_the_folder(
    store: Store, odd: ScriptedImap, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = threading.Event()

    def stopping(_failures: int) -> float:
        stop.set()
        return 0.0

    monkeypatch.setattr(watch, "backoff", stopping)
    with odd:
        watch.run(
            watch.Watch(
                store=store, account=account(odd), sign_in=SignIn(), folder="SAV", now=clock.now,
                news=lambda: None, stop=stop,
            )
        )  # fmt: skip
    state = folders.get(store, "script", "SAV")
    assert state is not None and "erreur imprévue" in (state.last_error or "")


def test_an_unforeseen_answer_stops_no_other_account_of_a_pass(store: Store, odd: ScriptedImap) -> None:
    with odd:
        new, troubles = once._read(workplace(store, account(odd)), account(odd), lambda _new: None)
    assert new == 0 and "erreur imprévue" in troubles[0]
    assert folders.get(store, "script", "SAV") is not None

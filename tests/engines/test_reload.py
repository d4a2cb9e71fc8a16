"""A shop changes its rules while the real service runs."""

import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mailbot import clock
from mailbot.commands.opening import open_service
from mailbot.config import cache_home, defaults_dir
from mailbot.edges.store import Store, mails, replies
from mailbot.edges.store.replies import StoredReply
from mailbot.edges.store.status import status
from mailbot.engines import local
from mailbot.engines.local import LocalEngine
from tests.commands.conftest import Said, config, mailbot
from tests.edges.store.samples import raw_mail

__all__ = ["config", "mailbot"]  # fixtures
LETTER = "commande/introuvable.txt.j2"
PATIENCE = 40.0


@dataclass
class Shop:
    """The running service and its files."""

    directory: Path
    store: Store

    @property
    def letter(self) -> Path:
        return self.directory / "templates" / LETTER

    def change(self, old: str, new: str) -> None:
        text = self.letter.read_text("utf-8")
        assert old in text
        self.letter.write_text(text.replace(old, new), "utf-8")

    def answer_to(self, uid: int) -> StoredReply:
        """The reply the service drafts to a mail about an order nobody knows."""
        data = (
            f"From: Client <client{uid}@exemple.fr>\r\nTo: sav@boutique.example\r\nSubject: Mon colis\r\n"
            f"Message-ID: <m{uid}@exemple.fr>\r\nDate: Fri, 20 Nov 2026 10:00:00 +0100\r\n\r\n"
            "Bonjour, je n'ai toujours pas reçu mon colis, où est-il ? Merci.\r\n"
        )
        mails.ingest(
            self.store, [(raw_mail(uid, data=data.encode()), f"client{uid}@exemple.fr")], clock.now()
        )
        until(lambda: len(replies.list_drafts(self.store, states=["draft"])) == uid)
        return max(replies.list_drafts(self.store, states=["draft"]), key=lambda reply: reply.id)

    def digest(self) -> str:
        rules = status(self.store, clock.now()).rules
        assert rules is not None
        return rules.digest

    def refused(self) -> str | None:
        rules = status(self.store, clock.now()).rules
        assert rules is not None
        return rules.refused


def until(true: Callable[[], object]) -> None:
    start = time.monotonic()
    while not true():
        assert time.monotonic() - start < PATIENCE, "it never became true"
        time.sleep(0.05)


@pytest.fixture
def shop(config: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Shop]:
    for name in ("rules", "templates"):
        shutil.copytree(defaults_dir() / name, tmp_path / name)
    config.write_text(
        'rules_dir = "rules"\ntemplates_dir = "templates"\n' + config.read_text("utf-8"), "utf-8"
    )
    monkeypatch.setattr(local, "RULES_SECONDS", 0.2)
    monkeypatch.setattr(local, "PREPARE_IDLE_SECONDS", 0.1)
    with open_service(config, model_cache=cache_home()) as (workplace, rules):
        engine = LocalEngine(workplace, rules)
        engine.start()
        yield Shop(tmp_path, workplace.store)
        engine.stop()
        assert engine.join()


@pytest.mark.slow
def test_the_running_service_takes_up_good_changes_and_refuses_bad_ones(
    shop: Shop, config: Path, mailbot: Callable[..., Said], caplog: pytest.LogCaptureFixture
) -> None:
    at_first = shop.digest()
    first = shop.answer_to(1)
    assert first.case.decision.situation == "commande/introuvable"

    shop.change("numéro de commande", "numéro de votre commande")
    until(lambda: shop.digest() != at_first)
    second, good = shop.answer_to(2), shop.digest()
    assert "numéro de votre commande" in second.reply.text
    assert "numéro de votre commande" not in first.reply.text

    with caplog.at_level(logging.ERROR, "mailbot"):
        shop.change("numéro de votre commande", "numéro {{ commande.numro }}")
        until(shop.refused)
        third = shop.answer_to(3)
    assert "numéro de votre commande" in third.reply.text
    assert shop.digest() == good
    assert sum("règles modifiées refusées" in record.getMessage() for record in caplog.records) == 1
    said = mailbot("status", "-c", config, "--check")
    assert said.code == 1
    assert "les précédents restent en service" in said.words
    assert "« commande » n'a pas de « numro »" in said.words

    shop.change("numéro {{ commande.numro }}", "numéro de commande")
    until(lambda: shop.refused() is None)
    assert shop.digest() == at_first
    assert "les précédents restent en service" not in mailbot("status", "-c", config).words


@pytest.mark.slow
def test_mails_go_on_being_prepared_while_rules_are_read_anew(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new rules take as long to read as it takes to prepare a mail meanwhile."""
    from mailbot.commands import opening

    reading, done, load = threading.Event(), threading.Event(), opening.load_line

    def slow(*given: object, **more: object) -> object:
        reading.set()
        assert done.wait(PATIENCE)
        return load(*given, **more)  # type: ignore[arg-type]

    at_first = shop.digest()
    monkeypatch.setattr(opening, "load_line", slow)
    shop.change("numéro de commande", "numéro de votre commande")
    assert reading.wait(PATIENCE)
    assert "numéro de votre commande" not in shop.answer_to(1).reply.text
    done.set()
    until(lambda: shop.digest() != at_first)
    assert "numéro de votre commande" in shop.answer_to(2).reply.text

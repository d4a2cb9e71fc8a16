"""Hostile words wherever strangers can put them: no page runs them, no page is even asked to."""

import csv
import hashlib
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Dialog, Page, expect

from mailbot import clock
from mailbot.edges.store import cases, mails, orders
from mailbot.model import Address, RawMail, Reply
from tests.edges.store.samples import LEASE, UNDO, judgement, mail, order
from tests.edges.store.samples import clock as deadline
from tests.web.browser.conftest import House
from tests.web.conftest import hire

pytestmark = [pytest.mark.server, pytest.mark.slow]
RUN = "window.pwned=1;alert(1)"
VECTORS = (
    f"<script>{RUN}</script>",
    f"</title><script>{RUN}</script>",
    f"</textarea><script>{RUN}</script>",
    f"</option></select><script>{RUN}</script>",
    f"--><script>{RUN}</script><!--",
    f"]]><script>{RUN}</script>",
    f'"><script>{RUN}</script>',
    f"'><img src=x onerror='{RUN}'>",
    f'<img src=x onerror="{RUN}">',
    f"<IMG SRC=x OnErRoR={RUN}>",
    f"<img/src=x/onerror={RUN}//",
    f"<svg onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
    f"<math><mtext></mtext><mglyph><style><img src=x onerror={RUN}></style></mglyph></math>",
    f"<details open ontoggle={RUN}>x</details>",
    f"<input autofocus onfocus={RUN}>",
    f"<select autofocus onfocus={RUN}></select>",
    f"<video><source onerror={RUN}></video>",
    f"<audio src=x onerror={RUN}>",
    f"<body onload={RUN}>",
    f"<iframe src=\"javascript:parent.{RUN}\"></iframe>",
    f"<iframe srcdoc=\"<script>parent.{RUN}</script>\"></iframe>",
    f"<object data=\"javascript:{RUN}\"></object>",
    f"<embed src=\"data:text/html,<script>{RUN}</script>\">",
    f"<a href=\"javascript:{RUN}\" autofocus onfocus={RUN}>lien</a>",
    f"<form action=\"javascript:{RUN}\"><button autofocus onfocus={RUN}>x</button></form>",
    f"<meta http-equiv=refresh content=\"0;url=javascript:{RUN}\">",
    "<base href=\"http://127.0.0.1:9/\">",
    f"<link rel=stylesheet href=\"data:text/css,*{{}}\" onload={RUN}>",
    f"<style>@import 'javascript:{RUN}';*{{background:url(\"javascript:{RUN}\")}}</style>",
    f"<div style=\"animation-name:x\" onanimationstart={RUN}>",
    f"<template shadowrootmode=open><script>{RUN}</script></template>",
    f"<noscript><p title=\"</noscript><img src=x onerror={RUN}>\">",
    f"{{{{ ''.__class__ }}}}{{% raw %}}<script>{RUN}</script>",
    f"&lt;script&gt;{RUN}&lt;/script&gt;&#60;script&#62;{RUN}&#60;/script&#62;",
    f"\u202e<scr\u0000ipt>{RUN}</scr\u0000ipt>".replace("\u0000", ""),
    f"javascript:{RUN}",
)  # fmt: skip
BLOCKED = "contenu bloqué par le navigateur"  # what the pages log when a browser reports a violation
FIELDS = (
    "order_id", "channel", "customer_name", "city", "carrier", "tracking_number", "tracking_status", "relay_name",
    "company_name",
)  # fmt: skip


def header(word: str) -> str:
    """A word as the value of a header, as mail programs write it."""
    return f"=?utf-8?b?{b64encode(word.encode()).decode()}?="


def _bytes(number: int, word: str) -> bytes:
    name = word.replace("\\", "\\\\").replace('"', '\\"')
    return (
        f"From: {header(word)} <client{number}@example.org>\r\nSubject: {header(word)}\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Bonjour</p>{word}\r\n"
        f'--b\r\nContent-Type: text/html\r\nContent-Disposition: attachment; filename="{name}.html"\r\n\r\n'
        f"{word}\r\n--b--\r\n"
    ).encode()


def take_in(house: House, number: int, word: str) -> int:
    """A mail that says this word everywhere; its ticket."""
    now, sender = clock.now(), f"client{number}@example.org"
    data = _bytes(number, word)
    raw = RawMail(
        account="boutique", folder="INBOX", uidvalidity=7, uid=number, received=now, data=data,
        digest=hashlib.sha256(data).hexdigest(), size=len(data),
    )  # fmt: skip
    mails.ingest(house.store, [(raw, sender)], now)
    (claimed,) = mails.claim(house.store, "ouvrier", 1, now, LEASE)
    named = Address(name=word, addr=sender)
    one = replace(mail(number, text=f"Où est mon colis ? {word}"), sender=named, subject=word)
    reply = Reply(
        template="colis_non_recu/en_route", to=Address(name=word, addr=sender), subject=word, text=f"Bonjour {word}",
        html=None, message_id=f"<r{number}@boutique.example>", in_reply_to=None, references=(),
    )  # fmt: skip
    judged = judgement(one, reply=reply, found=order(f"FR-{number}{word}"), clocks=(deadline(start=now),))
    item = cases.Prepared(mail_id=claimed.id, owner="ouvrier", judgement=judged, rulebook_digest="r")
    (ticket,) = cases.save(house.store, [item], now, UNDO)
    return ticket


def import_orders(house: House, file: Path) -> None:
    """Orders whose fields say these words."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("placed_at", *FIELDS))
        for number, word in enumerate(VECTORS):
            short = word[:60]
            writer.writerow(
                (
                    "2026-11-02T10:00:00",
                    f"FR-{number}{short}",
                    "site",
                    word,
                    word,
                    word,
                    word,
                    "livre",
                    word,
                    word,
                )
            )
    orders.import_file(house.store, file, clock.now())


@pytest.fixture
def watched(
    house: House, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> Iterator[tuple[Page, list[int]]]:
    """A lead's window, told of every dialog, before a desk full of hostile words."""
    tickets = [take_in(house, number, word) for number, word in enumerate(VECTORS, 1)]
    import_orders(house, tmp_path / "commandes.csv")
    hire(house.store, "Line", "lead")
    page = house.window("Line")
    heard: list[str] = []
    page.on("dialog", lambda dialog: _dismiss(dialog, heard))
    page.on("request", lambda request: heard.append(request.url) if _strange(house, request.url) else None)
    yield page, tickets
    assert heard == []
    assert BLOCKED not in caplog.text


def _dismiss(dialog: Dialog, heard: list[str]) -> None:
    heard.append(dialog.message)
    dialog.dismiss()


def _strange(house: House, url: str) -> bool:
    """True for what no page of ours should ask for: other hosts, and reports of what the policy forbade."""
    return not url.startswith((house.address, "data:", "about:", "blob:")) or url.endswith("/csp")


def _inert(page: Page) -> None:
    """Nothing ran, and nothing of a mail became part of the page."""
    assert page.evaluate("window.pwned") is None
    assert page.title().endswith("· mailbot")
    handlers = ["onerror", "onload", "onfocus", "ontoggle", "onbegin", "onanimationstart"]
    strange = ", ".join(
        [*(f"[{name}]" for name in handlers), "base", "object", "embed", "main script", "main style"]
    )
    assert page.locator(strange).count() == 0
    assert page.locator('[href^="javascript:"], [action^="javascript:"], meta[http-equiv]').count() == 0


def test_there_are_vectors_enough() -> None:
    assert len(set(VECTORS)) == len(VECTORS) >= 25


def test_a_script_that_got_through_would_be_stopped_and_told(
    house: House, caplog: pytest.LogCaptureFixture, until: Callable[[Callable[[], bool]], bool]
) -> None:
    page = house.window("Claire")
    page.evaluate(
        "code => document.body.append(document.createRange().createContextualFragment(code))", VECTORS[0]
    )
    assert until(lambda: BLOCKED in caplog.text)
    assert page.evaluate("window.pwned") is None
    assert any("Content Security Policy" in trouble for trouble in house.troubles)
    house.troubles.clear()


def test_no_case_runs_what_its_mail_says(house: House, watched: tuple[Page, list[int]]) -> None:
    page, tickets = watched
    for ticket in tickets:
        page.goto(f"{house.address}/tickets/{ticket}")
        expect(page.locator("#texte")).to_be_attached()
        _inert(page)
        page.locator("summary", has_text="Version HTML").click()
        frame = page.frame_locator("iframe")
        expect(frame.locator("body")).to_contain_text("Bonjour")
        assert frame.locator("script, img, iframe, form, object, embed, [onerror], a[href]").count() == 0
        _inert(page)


PAGES = (
    "/", "/?vue=a_suivre", "/recherche?q=colis", "/chiffres", "/situations", "/situations/colis_non_recu/delai_depasse",
    "/commandes", "/commandes?q=FR-1", "/corrections", "/machines", "/envois", "/etat",
)  # fmt: skip


def test_no_list_runs_what_it_shows(house: House, watched: tuple[Page, list[int]]) -> None:
    page, _ = watched
    for path in PAGES:
        answer = page.goto(house.address + path)
        assert answer is not None and answer.status == 200, path
        _inert(page)


def test_no_order_runs_its_fields(house: House, watched: tuple[Page, list[int]]) -> None:
    page, _ = watched
    paths = [
        f"/commandes/site/{quote(f'FR-{number}{word[:60]}', safe='')}" for number, word in enumerate(VECTORS)
    ]
    page.goto(f"{house.address}/commandes")
    expect(page.locator(f'main a[href="{paths[-1]}"]')).to_be_visible()
    for path in paths:
        answer = page.goto(f"{house.address}{path}")
        assert answer is not None and answer.status == 200, path
        _inert(page)


def test_a_search_for_hostile_words_shows_them(house: House, watched: tuple[Page, list[int]]) -> None:
    page, _ = watched
    for word in VECTORS:
        page.goto(house.address)
        page.locator("input[name=q]").fill(word)
        page.locator("input[name=q]").press("Enter")
        expect(page.locator("input[name=q]").first).to_have_value(word)
        _inert(page)

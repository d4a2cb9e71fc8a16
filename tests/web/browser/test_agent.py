"""An agent at work in a real browser: keyboard, undo, collisions, live arrival, phone, no JavaScript, hostile mail."""

import hashlib
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from mailbot import clock
from mailbot.edges.store import cases, desk, mails, replies
from mailbot.model import Address, RawMail, Reply
from tests.edges.store.samples import LEASE, UNDO, judgement, mail, order
from tests.edges.store.samples import clock as deadline
from tests.web.browser.conftest import House, on_both_databases

pytestmark = [pytest.mark.server, pytest.mark.slow]
TEXT = "Bonjour Marie Dupont, votre colis est bien parti ce matin. Bonne journée."
HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>"\'>{{7*7}}&#60;b&#62;'


def take_in(house: House, number: int, *, hours: int = 48, hostile: bool = False) -> int:
    """A mail arrives and is judged; its ticket."""
    now, word = clock.now(), HOSTILE if hostile else ""
    sender = f"client{number}@example.org"
    data = (
        f"From: {sender}\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p onclick='x()'>Bonjour{word}</p>"
        "<img src='http://127.0.0.1:9/pixel.gif'><style>p{background:url(http://127.0.0.1:9/)}</style>"
        "<form action='http://127.0.0.1:9/'><button>x</button></form><a href='javascript:x()'>lien</a>\r\n"
        '--b\r\nContent-Type: text/html; name="a<b>.html"\r\nContent-Disposition: attachment\r\n\r\n'
        f"{word}\r\n--b--\r\n"
    ).encode()  # fmt: skip
    raw = RawMail(
        account="boutique", folder="INBOX", uidvalidity=7, uid=number, received=now, data=data,
        digest=hashlib.sha256(data + bytes([number])).hexdigest(), size=len(data),
    )  # fmt: skip
    mails.ingest(house.store, [(raw, sender)], now)
    (claimed,) = mails.claim(house.store, "ouvrier", 1, now, LEASE)
    one = mail(number, sender=sender, text=f"Où est mon colis numéro {number} ?{word}")
    reply = Reply(
        template="colis_non_recu/en_route", to=Address(name="", addr=sender), subject=f"Re: colis {number}{word}",
        text=TEXT, html=None, message_id=f"<r{number}@boutique.example>", in_reply_to=None, references=(),
    )  # fmt: skip
    found = order(f"FR-{number}{word}")
    judged = judgement(
        one, reply=reply, found=found, clocks=(deadline(due=timedelta(hours=hours), start=now),)
    )
    item = cases.Prepared(mail_id=claimed.id, owner="ouvrier", judgement=judged, rulebook_digest="r")
    (ticket,) = cases.save(house.store, [item], now, UNDO)
    return ticket


def state(house: House, ticket: int) -> str:
    found = replies.of_case(house.store, ticket)
    assert found is not None
    return found.state


@on_both_databases
def test_an_agent_clears_ten_drafts_by_keyboard_alone(house: House) -> None:
    tickets = [take_in(house, number, hours=number) for number in range(1, 11)]
    page = house.window("Claire")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    for number, ticket in enumerate(tickets):
        expect(page).to_have_url(f"{house.address}/tickets/{ticket}")
        expect(page.locator("html.js")).to_be_attached()
        if number == 3:
            page.keyboard.press("e")
            page.keyboard.press("Control+End")
            page.keyboard.type(" Merci de votre patience.")
            page.keyboard.press("Control+Enter")
        elif number == 5:
            page.keyboard.press("r")
            page.keyboard.type("mauvais modèle")
            page.keyboard.press("Enter")
            expect(page.get_by_text("Réponse refusée.")).to_be_visible()
            page.keyboard.press("j")
        else:
            page.keyboard.press("a")
    expect(page.get_by_text(f"Ticket {tickets[-1]} : réponse approuvée")).to_be_visible()
    states = [state(house, ticket) for ticket in tickets]
    assert states == ["approved"] * 5 + ["refused"] + ["approved"] * 4
    edited = replies.of_case(house.store, tickets[3])
    assert edited is not None
    assert edited.reply.text.endswith("Merci de votre patience.")


def test_z_takes_the_last_approval_back_while_the_seconds_run(house: House) -> None:
    ticket = take_in(house, 1)
    page = house.window("Claire")
    page.goto(f"{house.address}/tickets/{ticket}")
    page.keyboard.press("a")
    expect(page.locator("form[data-undo] .count")).to_have_text("(14 s)")
    page.keyboard.press("z")
    expect(page.locator(".said", has_text="Envoi annulé")).to_be_visible()
    assert state(house, ticket) == "draft"


@on_both_databases
def test_two_agents_see_each_other_and_the_second_approval_is_refused(house: House) -> None:
    ticket = take_in(house, 1)
    claire, denis = house.window("Claire"), house.window("Denis")
    for page in (claire, denis):
        page.goto(f"{house.address}/tickets/{ticket}")
    expect(claire.get_by_text("Denis regarde")).to_be_visible()
    denis.locator("#texte").fill(TEXT + " Denis.")
    denis.locator("#texte").press("Control+Enter")
    expect(denis.get_by_text("réponse approuvée")).to_be_visible()
    expect(claire.get_by_text("Denis vient de modifier ce ticket.")).to_be_visible()
    claire.keyboard.press("a")
    expect(claire.get_by_text("déjà approuvée (par Denis")).to_be_visible()
    expect(claire.locator(".text.ours")).to_contain_text("Denis.")


@on_both_databases
def test_new_mail_appears_without_losing_the_place(house: House) -> None:
    tickets = [take_in(house, number, hours=20 + number) for number in range(1, 31)]
    page = house.window("Claire")
    row = page.locator(f'[data-ticket="{tickets[20]}"] > a')
    row.focus()
    row.scroll_into_view_if_needed()
    before = row.bounding_box()
    fresh = take_in(house, 40, hours=1)
    expect(page.locator(f'[data-ticket="{fresh}"]')).to_be_attached()
    expect(page.get_by_text("1 nouveau ticket")).to_be_attached()
    after = row.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(after["y"] - before["y"]) < 2
    assert row.evaluate("node => node === document.activeElement")


def test_the_guards_speak_while_one_types(house: House) -> None:
    ticket = take_in(house, 1)
    page = house.window("Claire")
    page.goto(f"{house.address}/tickets/{ticket}")
    expect(page.locator("#gardes.fine")).to_be_visible()
    page.locator("#texte").fill(TEXT + " [à compléter : date]")
    expect(page.locator("#gardes li").first).to_be_visible()
    page.locator("#texte").fill(TEXT)
    expect(page.locator("#gardes.fine")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_draft_is_approved_on_a_telephone_with_and_without_javascript(house: House, scripts: bool) -> None:
    ticket = take_in(house, 1)
    page = house.window("Claire", width=390, height=844, scripts=scripts)
    page.locator(f'[data-ticket="{ticket}"] > a').click()
    assert _width(page, scripts) <= 390
    page.get_by_role("button", name="Approuver et envoyer").click()
    expect(page.get_by_text("elle part dans 15 s")).to_be_visible()
    page.get_by_role("button", name="Annuler").first.click()
    expect(page.locator(".said", has_text="Envoi annulé")).to_be_visible()
    assert state(house, ticket) == "draft"


def _width(page: Page, scripts: bool) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth")) if scripts else 0


def test_the_case_fits_one_screen(house: House) -> None:
    ticket = take_in(house, 1)
    page = house.window("Claire")
    page.goto(f"{house.address}/tickets/{ticket}")
    assert page.evaluate("document.documentElement.scrollHeight") <= 768
    for name in ("Approuver et envoyer", "Enregistrer"):
        expect(page.get_by_role("button", name=name)).to_be_in_viewport()
    for heading in ("Compris", "Échéances"):
        expect(page.get_by_role("heading", name=heading)).to_be_in_viewport()


def test_hostile_mail_stays_words(house: House, until: Callable[[Callable[[], bool]], bool]) -> None:
    ticket = take_in(house, 1, hostile=True)
    page = house.window("Claire")
    calls: list[str] = []
    page.on("request", lambda request: calls.append(request.url))
    for path in (
        "/",
        f"/tickets/{ticket}",
        "/recherche?q=colis",
        f"/recherche?q={HOSTILE}",
        f"/?situation={HOSTILE}",
    ):
        page.goto(house.address + path)
        assert page.title().endswith("· mailbot")
    page.goto(f"{house.address}/tickets/{ticket}")
    page.get_by_text("Version HTML").click()
    frame = page.frame_locator("iframe")
    expect(frame.get_by_text("Bonjour")).to_be_visible()
    assert frame.locator("img, script, form, a[href], [onclick]").count() == 0
    with page.expect_download() as told:
        page.locator(".pieces a").first.click()
    assert told.value.suggested_filename.endswith(".html")
    assert page.title().endswith("· mailbot")
    assert [url for url in calls if not url.startswith(house.address)] == []
    assert not [url for url in calls if url.endswith("/csp")]


def test_whoever_works_through_a_filtered_list_stays_in_it(house: House) -> None:
    tickets = [take_in(house, number, hours=number) for number in range(1, 5)]
    desk.take(house.store, tickets[1], "Claire", clock.now())
    desk.take(house.store, tickets[3], "Claire", clock.now())
    page = house.window("Claire")
    page.goto(f"{house.address}/?vue=moi")
    page.locator(".row > a").first.click()
    expect(page).to_have_url(f"{house.address}/tickets/{tickets[1]}")
    page.keyboard.press("a")
    expect(page).to_have_url(f"{house.address}/tickets/{tickets[3]}")
    page.keyboard.press("a")
    expect(page).to_have_url(f"{house.address}/?vue=moi")
    assert [state(house, ticket) for ticket in tickets] == ["draft", "approved", "draft", "approved"]

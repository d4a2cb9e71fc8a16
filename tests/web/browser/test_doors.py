"""Who comes in, and where to, in a real browser: password, telephone, roles, other sites' forms; search; correction."""

import pytest
from playwright.sync_api import Page, expect

from mailbot import clock
from mailbot.commands.opening import load_line
from mailbot.config import cache_home
from mailbot.edges.store import cases, desk, replies
from mailbot.web import credentials
from tests.web.browser.conftest import House
from tests.web.browser.test_agent import TEXT, take_in
from tests.web.conftest import PASSWORD, hire

pytestmark = [pytest.mark.server, pytest.mark.slow]
LEADS = (
    "/chiffres",
    "/situations",
    "/situations/colis_non_recu/delai_depasse",
    "/versions",
    "/commandes",
    "/etat",
)


def outside(house: House) -> Page:
    """A browser without a session before the login."""
    page = house.window("Personne")
    page.goto("about:blank")  # a queue left open would ask for news without its cookie, and be refused
    page.context.clear_cookies()
    page.goto(f"{house.address}/connexion")
    return page


def come_in(page: Page, code: str = "", password: str = PASSWORD) -> None:
    page.get_by_label("Nom").fill("Claire")
    page.get_by_label("Mot de passe").fill(password)
    page.get_by_label("Code du téléphone").fill(code)
    page.get_by_role("button", name="Se connecter").click()


def refusals(house: House, status: int) -> int:
    """How many answers with this status browsers told of; they are expected and no trouble."""
    told = [one for one in house.troubles if f"status of {status}" in one]
    house.troubles[:] = [one for one in house.troubles if one not in told]
    return len(told)


def test_an_agent_sets_up_a_telephone_and_then_needs_it(house: House) -> None:
    hire(house.store, "Claire")
    page = outside(house)
    come_in(page, password="un mot de passe faux")
    expect(page.get_by_role("alert")).to_contain_text("incorrect")
    come_in(page)
    expect(page.get_by_role("navigation", name="Vues")).to_be_visible()
    page.goto(f"{house.address}/compte")
    page.get_by_role("button", name="Configurer").click()
    expect(page.get_by_role("img", name="Code QR")).to_be_visible()
    secret = page.locator("code.secret").inner_text().replace(" ", "")
    step = int(clock.now().timestamp()) // credentials.STEP_SECONDS
    page.get_by_label("Code à 6 chiffres").fill(credentials.code_at(secret, step))
    page.get_by_role("button", name="Activer").click()
    spare = page.locator(".codes code").first.inner_text()
    again = outside(house)
    come_in(again)
    expect(again.get_by_role("alert")).to_contain_text("incorrect")
    come_in(again, spare)
    expect(again.get_by_role("navigation", name="Vues")).to_be_visible()
    assert refusals(house, 401) == 2


def test_an_agent_does_not_reach_a_leads_page_by_its_address(house: House) -> None:
    page = house.window("Claire")
    assert page.get_by_role("navigation", name="Menu").get_by_role("link").all_inner_texts() == ["File"]
    for path in LEADS:
        answer = page.goto(house.address + path)
        assert answer is not None and answer.status == 403, path
    assert refusals(house, 403) == len(LEADS)


def test_a_form_of_another_site_changes_nothing(house: House) -> None:
    ticket = take_in(house, 1)
    page = house.window("Claire")
    evil = page.context.new_page()
    evil.goto("about:blank")
    evil.set_content(
        f'<form method="post" action="{house.address}/tickets/{ticket}/noter"><input name="note" value="intrus">'
        "<button>Gagnez un téléphone</button></form>"
    )
    with evil.expect_navigation() as gone:
        evil.get_by_role("button").click()
    assert gone.value is not None and (
        gone.value.status == 403 or evil.url.startswith(f"{house.address}/connexion")
    )
    assert desk.notes_of(house.store, ticket) == []


def test_a_search_by_keyboard_finds_the_mail_and_opens_it(house: House) -> None:
    tickets = [take_in(house, number) for number in range(1, 6)]
    page = house.window("Claire")
    page.keyboard.press("/")
    page.keyboard.type("numéro 3")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Recherche : numéro 3")).to_be_visible()
    row = page.locator(f'[data-ticket="{tickets[2]}"] > a')
    expect(row).to_be_visible()
    row.press("Enter")
    expect(page).to_have_url(f"{house.address}/tickets/{tickets[2]}")
    expect(page.locator("main")).to_contain_text("colis numéro 3")


def test_a_correction_by_keyboard_changes_the_draft(house: House) -> None:
    house.office.workplace.line = load_line(None, None, cache_home())
    ticket = take_in(house, 1)
    page = house.window("Claire")
    page.goto(f"{house.address}/tickets/{ticket}")
    page.keyboard.press("c")
    choice = page.locator("#correction button[data-choice]:not([aria-pressed])").first
    title = choice.evaluate("node => node.firstChild.textContent.trim()")
    page.keyboard.press(str(choice.get_attribute("data-choice")))
    expect(page.locator(".intent b")).to_have_text(str(title))
    expect(page.locator("main")).not_to_contain_text(TEXT)
    judged, reply = cases.get(house.store, ticket), replies.of_case(house.store, ticket)
    assert judged.verdict.requests != ("colis_non_recu",)
    assert reply is None or reply.reply.text != TEXT

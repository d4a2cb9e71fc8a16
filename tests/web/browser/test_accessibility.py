"""axe finds no serious fault on any main page, by day and by night, on a desk and on a telephone."""

from importlib.resources import files
from typing import Any, Literal

import pytest
from playwright.sync_api import Page

from mailbot import clock
from mailbot.edges.store import merging
from tests.edges.store.samples import clock as deadline
from tests.edges.store.samples import mail, order, prepare, reply_to
from tests.web.browser.conftest import House
from tests.web.conftest import hire

pytestmark = [pytest.mark.server, pytest.mark.slow]
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
GRAVE = ("serious", "critical")
CASE = "/tickets/1"
PAGES = (
    "/connexion", "/", CASE, "/recherche?q=colis", "/chiffres", "/situations",
    "/situations/colis_non_recu/delai_depasse", "/commandes", "/versions", "/corrections", "/machines", "/envois",
    "/etat", f"{CASE}/fusionner", f"{CASE}/fusionner?autre=4", f"{CASE}/scinder",
    "/essai", "/compte", "/nouvelle-situation", "/communs",
)  # fmt: skip


@pytest.fixture
def filled(house: House) -> House:
    """Some drafts, one for an agent to write, one order, and a lead."""
    now = clock.now()
    for number in range(1, 5):
        action: Any = "human" if number == 4 else "draft"
        reply = None if number == 4 else reply_to(number)
        clocks = (deadline(start=now),)
        prepare(
            house.store, mail(number), uid=number, action=action, reply=reply, found=order(), clocks=clocks
        )
    hire(house.store, "Line", "lead")
    return house


def faults(page: Page) -> list[str]:
    """The serious faults of the page as it stands: rule, and the elements."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run({resultTypes: ['violations']}).then(found => found.violations)")
    return [
        f"{page.url} {one['id']}: {node['html'][:120]} {node['any'][0]['message'] if node['any'] else ''}"
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("width", [1366, 390])
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_no_page_has_a_serious_fault(filled: House, colours: Literal["light", "dark"], width: int) -> None:
    page = filled.window("Line", width=width)
    page.emulate_media(color_scheme=colours, reduced_motion="reduce")
    found = []
    for path in PAGES:
        if path == "/connexion":
            page.context.clear_cookies()
        page.goto(filled.address + path)
        found += faults(page)
        if path == "/connexion":
            page = filled.window("Line", width=width)
            page.emulate_media(color_scheme=colours, reduced_motion="reduce")
    assert found == []


def test_a_merged_case_and_the_code_to_photograph_have_none(filled: House) -> None:
    merging.merge(filled.store, 4, 3, "Line", clock.now())
    page = filled.window("Line")
    for path in ("/tickets/3", "/tickets/4"):
        page.goto(filled.address + path)
        assert faults(page) == []
    page.goto(f"{filled.address}/compte")
    page.get_by_role("button", name="Configurer").click()
    page.get_by_role("img", name="Code QR").wait_for()
    assert faults(page) == []


def test_the_open_parts_of_a_case_have_none_either(filled: House) -> None:
    page = filled.window("Line")
    page.goto(filled.address + CASE)
    page.evaluate("document.querySelectorAll('main details').forEach(part => { part.open = true; })")
    assert faults(page) == []
    page.keyboard.press("?")
    assert faults(page) == []

"""Two tickets merged and taken apart again in a real browser, by keyboard and without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from mailbot.edges.store import merging
from tests.web.browser.conftest import House, on_both_databases
from tests.web.browser.test_agent import state, take_in

pytestmark = [pytest.mark.server, pytest.mark.slow]


@on_both_databases
def test_two_tickets_are_merged_by_keyboard_and_one_answer_leaves(house: House) -> None:
    one, other = take_in(house, 1, hours=4), take_in(house, 2, hours=9)
    page = house.window("Claire")
    page.goto(f"{house.address}/tickets/{one}")
    page.keyboard.press("m")
    expect(page).to_have_url(f"{house.address}/tickets/{one}/fusionner")
    page.keyboard.type(str(other))
    page.keyboard.press("Enter")
    expect(page.get_by_text("ne viennent pas de la même adresse")).to_be_visible()
    page.get_by_label("C'est la même personne").check()
    page.get_by_role("button", name=f"Garder le {one}").click()
    expect(page).to_have_url(f"{house.address}/tickets/{one}")
    expect(page.get_by_role("article")).to_contain_text("Où est mon colis numéro 2 ?")
    expect(page.locator(".facts")).to_contain_text(f"(ticket {other})")
    expect(page.get_by_role("article").locator(".pieces a")).to_have_attribute(
        "href", f"/tickets/{other}/pieces/1"
    )
    page.keyboard.press("a")
    expect(page.get_by_text("elle part dans 15 s")).to_be_visible()
    assert (state(house, one), state(house, other)) == ("approved", "refused")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_merge_is_made_and_taken_back_with_and_without_javascript(house: House, scripts: bool) -> None:
    one, other = take_in(house, 1), take_in(house, 2)
    page = house.window("Claire", width=390, height=844, scripts=scripts)
    page.goto(f"{house.address}/tickets/{one}/fusionner?autre={other}")
    page.get_by_label("C'est la même personne").check()
    page.get_by_role("button", name=f"Garder le {other}").click()
    expect(page).to_have_url(f"{house.address}/tickets/{other}")
    page.get_by_role("button", name="Séparer", exact=True).click()
    expect(page.get_by_text(re.compile(f"Ticket séparé du {other}"))).to_be_visible()
    assert merging.of_case(house.store, one) is None
    assert state(house, one) == "draft"


def test_an_agent_who_reads_a_ticket_is_told_of_its_merge_at_once(house: House) -> None:
    one, other = take_in(house, 1), take_in(house, 2)
    claire, denis = house.window("Claire"), house.window("Denis")
    claire.goto(f"{house.address}/tickets/{one}")
    denis.goto(f"{house.address}/tickets/{one}/fusionner?autre={other}")
    denis.get_by_label("C'est la même personne").check()
    denis.get_by_role("button", name=f"Garder le {one}").click()
    expect(claire.get_by_text("Denis vient de modifier ce ticket.")).to_be_visible()
    claire.keyboard.press("a")
    expect(claire.get_by_text("relisez-le")).to_be_visible()
    assert state(house, one) == "draft"


def test_a_split_is_offered_by_its_key(house: House) -> None:
    ticket = take_in(house, 1)
    page = house.window("Claire")
    page.goto(f"{house.address}/tickets/{ticket}")
    page.keyboard.press("s")
    expect(page.get_by_role("heading", name=f"Scinder le ticket {ticket}")).to_be_visible()
    page.get_by_role("button", name="Scinder").click()
    expect(page.get_by_text("Dites ce que le nouveau ticket doit traiter")).to_be_visible()

"""What every answer tells the browser, and the names we answer to."""

from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from mailbot.config import Web
from mailbot.edges.store import Store
from mailbot.jobs.workplace import Workplace
from mailbot.line import Line
from mailbot.web.app import create
from mailbot.web.office import Office
from mailbot.web.render import ASSETS, HERE
from tests.edges.store.samples import draft
from tests.web.conftest import Browser, Watch, config, said


def test_every_page_forbids_what_is_not_ours(store: Store, claire: Browser) -> None:
    for path in ("/", f"/tickets/{draft(store).case.id}", "/compte", "/tickets/99", "/rien"):
        headers = claire.get(path).headers
        assert "default-src 'none'; script-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


def test_no_page_has_a_script_a_style_or_a_handler_inside() -> None:
    for template in (HERE / "pages").glob("*.j2"):
        source = template.read_text("utf-8")
        assert " style=" not in source, template
        assert "<style" not in source, template
        assert " on" + "click" not in source, template
        assert "|safe" not in source, template
        assert "http" + "s://" not in source, template


def test_our_files_are_kept_by_browsers_and_change_their_address_with_their_content(claire: Browser) -> None:
    page = claire.get("/").text
    path = page.partition('href="/assets/app.css')[2].partition('"')[0]
    answer = claire.client.get("/assets/app.css" + path)
    assert answer.content == (ASSETS / "app.css").read_bytes()
    assert "immutable" in answer.headers["cache-control"]


def test_a_name_that_is_not_ours_is_refused(claire: Browser) -> None:
    assert claire.client.get("/", headers={"host": "piege.example"}).status_code == 421


@pytest.fixture
def shop(tmp_path: Path, store: Store, line: Line, clock: Watch) -> Callable[..., TestClient]:
    """The pages with other [web] settings."""

    def opened(base: str, **web: object) -> TestClient:
        settings = config(tmp_path, **web)
        workplace = Workplace(config=settings, store=store, line=line, owner="pages")
        return TestClient(
            create(Office(workplace=workplace, web=settings.web or Web(), now=clock)), base_url=base
        )

    return opened


def test_behind_tls_cookies_are_secure_and_https_is_remembered(shop: Callable[..., TestClient]) -> None:
    client = shop("https://sav.boutique.example", public_url="https://sav.boutique.example")
    answer = client.get("/connexion")
    assert answer.status_code == 200
    assert "max-age=" in answer.headers["strict-transport-security"]
    assert answer.headers["set-cookie"].startswith("__Host-mailbot=")
    assert "Secure" in answer.headers["set-cookie"]


def test_a_report_of_the_browser_is_taken_and_a_flood_is_not(claire: Browser) -> None:
    assert claire.client.post("/csp", content=b'{"csp-report": {}}').status_code == 204
    assert claire.client.post("/csp", content=b"x" * 30_000).status_code == 413


def test_a_page_that_is_not_there_says_so_and_shows_the_way_back(
    claire: Browser, browser: Callable[[], Browser]
) -> None:
    page = claire.get("/nulle-part")
    assert page.status_code == 404 and "Cette page n'existe pas. Revenir à la file" in said(page)
    stranger = browser().get("/nulle-part")
    assert (
        stranger.status_code == 404 and "Se connecter" in said(stranger) and "Revenir" not in said(stranger)
    )


def test_our_words_do_not_break_before_a_sign(claire: Browser) -> None:
    page = claire.get("/recherche?q=rien").text
    assert (
        "Recherche\u00a0: rien" in page and "«\u00a0rien\u00a0»" in page and "trouver\u00a0: essayez" in page
    )

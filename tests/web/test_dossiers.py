"""The dispute file is downloaded from the case, by those who may see it."""

import io
import zipfile
from collections.abc import Callable

from mailbot.edges.store import Store
from tests.edges.store.samples import draft
from tests.web.conftest import Browser, arrives


def test_the_file_of_a_case_is_a_zip_with_the_original(store: Store, claire: Browser) -> None:
    reply = draft(store)
    assert f"/tickets/{reply.case.id}/dossier.zip" in claire.get(f"/tickets/{reply.case.id}").text
    answer = claire.get(f"/tickets/{reply.case.id}/dossier.zip")
    assert f"dossier-{reply.case.id}.zip" in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as bundle:
        assert f"messages/ticket-{reply.case.id}-recu.eml" in bundle.namelist()


def test_the_short_text_comes_in_two_languages(store: Store, claire: Browser) -> None:
    number = draft(store).case.id
    assert "message du client" in claire.get(f"/tickets/{number}/dossier.txt").text
    assert "message from the customer" in claire.get(f"/tickets/{number}/dossier.txt?langue=en").text


def test_nobody_downloads_the_file_of_another_account(store: Store, browser: Callable[[], Browser]) -> None:
    number = draft(store).case.id
    omar = arrives(store, browser(), "Omar", accounts=("outlet",))
    assert omar.get(f"/tickets/{number}/dossier.zip").status_code == 404

"""Whole mails as mail programs and marketplaces write them: what is new in them, to the letter."""

import tomllib
from pathlib import Path

import pytest

from tests.steps.mails import read

_FILE = Path(__file__).parents[1] / "data/mails/logiciels.toml"
MAILS: dict[str, dict[str, str]] = tomllib.loads(_FILE.read_text("utf-8"))


@pytest.mark.parametrize("name", MAILS)
def test_only_what_the_writer_newly_wrote_is_shown_and_the_rest_is_kept(name: str) -> None:
    written, new = MAILS[name]["courriel"], MAILS[name]["nouveau"]
    mail = read(written.replace("\n", "\r\n").encode())
    assert mail.text == new
    assert mail.machine is None
    if "text/html" not in written:
        body = written.partition("\n\n")[2]
        kept = (mail.text + "\n" + mail.quoted).split()
        assert sorted(kept) == sorted(body.replace("\ufeff", "").split())

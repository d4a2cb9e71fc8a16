"""The shipped classifier for tests (trained once, kept in pytest's cache) and mails made of a few words."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailbot import recognition
from mailbot.config import cache_home
from mailbot.model import Mail, Verdict
from mailbot.steps.classify import classify
from mailbot.steps.trained import Model

RULES = Path(__file__).parents[2] / "rules"


@pytest.fixture(scope="session")
def model() -> Model:
    return recognition.model_for(RULES, cache_home())


def written(text: str, subject: str = "") -> Mail:
    return Mail(
        digest="0",
        received=datetime(2026, 11, 2, 9, 0, tzinfo=UTC),
        sent=None,
        message_id=None,
        in_reply_to=(),
        references=(),
        sender=None,
        reply_to=None,
        to=(),
        subject=subject,
        text=text,
        quoted="",
    )


def verdict(model: Model, text: str, subject: str = "") -> Verdict:
    return classify([written(text, subject)], model)[0]

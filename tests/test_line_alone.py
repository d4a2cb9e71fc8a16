"""What `alone` says of a judgement: the same as the decision under --shadow."""

from pathlib import Path

import pytest

from mailbot.config import cache_home
from mailbot.edges.store import open_store, orders
from mailbot.jobs.explanation import read_mail
from mailbot.jobs.prepare import Desk
from mailbot.line import Line
from mailbot.model import History, RawMail
from mailbot.recognition import model_for
from tests.edges.store.samples import NOW
from tests.steps.scenes import ROOT, shipped_rules


@pytest.mark.slow
def test_alone_is_what_the_shadow_decision_says_without_changing_the_decision(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'm.sqlite3'}", tmp_path)
    orders.import_file(store, ROOT / "tests" / "corpus" / "orders.csv", NOW)
    model, book = model_for(ROOT / "rules", cache_home()), shipped_rules()
    raws = [read_mail(path, None) for path in sorted((ROOT / "tests" / "corpus" / "mail").iterdir())]
    good = [raw for raw in raws if isinstance(raw, RawMail)]

    def judged(*, shadow: bool, automatic: bool) -> list[tuple[str, bool]]:
        desk = Desk.of(Line.build(book, model, shadow=shadow, automatic=automatic), store)
        found = desk.judge(good, lambda mail: mail.received, histories=[History()] * len(good))
        return [(one.decision.action, one.alone) for one in found]

    plain, shadowed = judged(shadow=False, automatic=False), judged(shadow=True, automatic=False)
    store.close()
    assert [alone for _action, alone in plain] == [action == "send" for action, _alone in shadowed]
    assert [alone for _action, alone in shadowed] == [alone for _action, alone in plain]
    assert "send" not in {action for action, _alone in plain}
    assert sum(alone for _action, alone in plain) > 10, "the corpus has mails that would leave alone"

"""One template on a real mail: what it would say, whatever situation the mail is really in. Nothing is stored."""

from datetime import datetime
from pathlib import Path

from mailbot.edges.store import Store, cases, mails
from mailbot.errors import UnreadableMail
from mailbot.jobs.explanation import open_explainer, read_mail
from mailbot.jobs.prepare import Desk
from mailbot.jobs.template_bench import situation_of
from mailbot.line import Line
from mailbot.model import Judgement


def on_file(line: Line, stem: str, path: Path, orders_file: Path | None, now: datetime | None) -> Judgement:
    """The letter `stem` to a mail file, with the orders of a file if one is given. `now`: by default the mail's Date.

    Raises UnreadableMail or RuleError (French)."""
    situation = situation_of(line.rulebook, stem)
    raw = read_mail(path, now)
    if isinstance(raw, str):
        raise UnreadableMail(f"{path} : {raw}")
    with open_explainer(line, orders_file) as explainer:
        return explainer.desk.judge([raw], lambda mail: now or mail.received, forced=situation)[0]


def on_ticket(line: Line, stem: str, store: Store, number: int) -> Judgement:
    """The letter `stem` to the mail of a ticket, at the instant it was judged and with the orders as they are now.

    Raises Impossible or RuleError (French)."""
    situation = situation_of(line.rulebook, stem)
    case = cases.get(store, number)
    raw = mails.raw(store, case.mail_id)
    desk = Desk.of(line, store)
    return desk.judge([raw], lambda _mail: case.created_at, histories=[case.history], forced=situation)[0]

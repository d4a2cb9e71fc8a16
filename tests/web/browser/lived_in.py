"""A shop after some weeks of work: the demonstration's mails and orders, day after day, judged by the real jobs."""

import hashlib
import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime
from pathlib import Path

from sqlalchemy import select

from mailbot import clock, demo
from mailbot.commands.opening import open_workplace
from mailbot.config import cache_home
from mailbot.edges.store import Store, cases, desk, mails, orders, outbox, people, queue, replies
from mailbot.edges.store.schema import cases as case_table
from mailbot.edges.store.schema import deadlines
from mailbot.errors import StoreError
from mailbot.jobs import prepare, shipped_note
from mailbot.jobs.workplace import Workplace
from mailbot.model import RawMail
from mailbot.steps.french import paris_day
from mailbot.zone import PARIS

HOME = Path(demo.__file__).parent
DAYS = 28
SATURDAY = 5
ADDRESS = re.compile(r"([\w.+=-]+)@(?!maison-lilas)([\w.-]+)")
OWN_WORDS = (
    (0.15, "Je suis votre dossier moi-même et vous écris dès que j'ai du nouveau."),
    (0.24, "Encore pardon pour ce contretemps."),
    (1.0, "Vous pouvez aussi nous appeler du lundi au vendredi, de 9 h à 18 h."),
)
CONFIG = """\
rules_dir = "rules"
templates_dir = "templates"
[[accounts]]
name = "support"
address = "support@maison-lilas.example"
sender_name = "Maison Lilas"
[accounts.imap]
host = "127.0.0.1"
port = 1
security = "none"
username = "support"
password_file = "mot-de-passe"
[accounts.smtp]
host = "127.0.0.1"
port = 1
security = "none"
[web]
port = 0
"""


@contextmanager
def shop(folder: Path) -> Iterator[Workplace]:
    """A workplace with 28 days of mails behind it and today's drafts waiting."""
    (folder / "mot-de-passe").write_text("essai", "utf-8")
    (folder / "mot-de-passe").chmod(0o600)
    (folder / "config.toml").write_text(CONFIG, "utf-8")
    _own_rules(folder)
    with open_workplace(folder / "config.toml", model_cache=cache_home()) as workplace:
        now = clock.now()
        for name, role in (("Claire", "agent"), ("Denis", "agent"), ("Line", "lead")):
            people.add(workplace.store, name, role, now)  # type: ignore[arg-type]
        chance = random.Random(28)
        for back in range(DAYS, -1, -1):
            _live(workplace, folder, paris_day(now) - timedelta(days=back), back, now, chance)
        _company(workplace, now)
        yield workplace


def _live(
    workplace: Workplace, folder: Path, day: date, back: int, now: datetime, chance: random.Random
) -> None:
    """One day: its orders, its mails, and, unless it is today, what the agents made of them."""
    file = folder / f"commandes-{back}.csv"
    file.write_text(_varied(demo.render((HOME / "orders.csv").read_text("utf-8"), day), back), "utf-8")
    orders.import_file(workplace.store, file, datetime.combine(day, time(1), PARIS))
    letters = sorted((HOME / "mails").glob("*.eml"))
    if back:
        letters = chance.sample(
            letters, chance.randint(1, 3) if day.weekday() >= SATURDAY else chance.randint(5, 11)
        )
    read = [_varied(demo.render(path.read_text("utf-8"), day), back) for path in letters]
    for number, text in enumerate(sorted(read, key=_date)):
        received = min(_date(text), now - timedelta(minutes=2 * (len(read) - number)))
        _take_in(workplace, text.replace("\n", "\r\n").encode(), received, back * 100 + number)
        if back:
            _answer(workplace, received, now, chance)


def _date(text: str) -> datetime:
    return parsedate_to_datetime(str(message_from_bytes(text.encode(), policy=policy.default)["Date"]))


def _varied(text: str, back: int) -> str:
    """Other customers and other orders than those of today."""
    if not back:
        return text
    for number in _numbers():
        text = text.replace(number, _other(number, back))
    return ADDRESS.sub(rf"\g<1>{back}@\2", text)


def _numbers() -> list[str]:
    lines = (HOME / "orders.csv").read_text("utf-8").splitlines()[1:]
    tracked = (re.search(r"(?:colissimo|dpd|chronopost|gls|mondial_relay|ups),(\w+)", line) for line in lines)
    found = [line.partition(",")[0] for line in lines] + [one[1] for one in tracked if one]
    return [one for one in found if "{" not in one]


def _other(number: str, back: int) -> str:
    """The same shape of number, its last characters moved on."""
    digits, letters = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

    def moved(sign: str, by: int) -> str:
        row = digits if sign in digits else letters
        return row[(row.index(sign) + by) % len(row)] if sign in row else sign

    return number[:-3] + moved(number[-3], back // 9) + moved(number[-2], back % 9) + moved(number[-1], back)


def _take_in(workplace: Workplace, data: bytes, received: datetime, uid: int) -> None:
    raw = RawMail(
        account="support", folder="INBOX", uidvalidity=1, uid=uid + 1, received=received, data=data,
        digest=hashlib.sha256(data).hexdigest(), size=len(data),
    )  # fmt: skip
    sender = message_from_bytes(data, policy=policy.default)["From"].addresses[0].addr_spec
    mails.ingest(workplace.store, [(raw, sender)], received)
    prepare.run(workplace, lambda: received + timedelta(seconds=20))


def _answer(workplace: Workplace, received: datetime, now: datetime, chance: random.Random) -> None:
    """An agent deals with what came in last."""
    store, agent = workplace.store, chance.choice(("Claire", "Denis"))
    at = min(received + timedelta(minutes=chance.choice((15, 40, 90, 170, 300, 600, 1300))), now)
    reply = max(replies.list_drafts(store, limit=1000), key=lambda one: one.id, default=None)
    if reply is not None and reply.case.received_at == received:
        _settle(workplace, reply, agent, at, chance.random())
    for item in queue.page(store, queue.Wanted(person=agent), now, limit=200):
        if chance.random() < 0.97:
            cases.close(store, item.case_id, agent, "réglé au téléphone", at)
    _keep_promises(store, chance)


def _settle(workplace: Workplace, reply: replies.StoredReply, agent: str, at: datetime, luck: float) -> None:
    """Most drafts leave as they are, some are touched up, few are thrown away; what lacks facts stays."""
    store, text = workplace.store, reply.reply.text
    if luck < 0.07:
        replies.refuse(store, reply.id, agent, at, reason="le client a rappelé")
        return
    if luck < 0.3:
        own = next(words for most, words in OWN_WORDS if luck < most)
        edited = text.replace("\n\nNous restons", f"\n\n{own}\n\nNous restons", 1)
        replies.edit(store, reply.id, agent, text=edited, subject=reply.reply.subject, now=at)
    try:
        replies.approve(store, reply.id, agent, at, timedelta(0))
    except StoreError:
        return
    leaving = outbox.claim_due(store, "essai", at, timedelta(minutes=5))
    if leaving is not None:
        outbox.sent(store, leaving.id, "essai", at, code=250)


def _keep_promises(store: Store, chance: random.Random) -> None:
    """What was promised is done in time, but for a few, and the tickets are closed."""
    with store.write() as conn:
        running = select(deadlines.c.id, deadlines.c.start, deadlines.c.due_at)
        for row in conn.execute(running.where(deadlines.c.met_at.is_(None))).all():
            share = chance.choice((0.2, 0.4, 0.5, 0.7, 0.9, 0.98, 0.99, 1.05) + (0.3,) * 16)
            met = row.start + (row.due_at - row.start) * share
            conn.execute(deadlines.update().where(deadlines.c.id == row.id).values(met_at=met))
        if chance.random() < 0.94:
            conn.execute(case_table.update().values(state="closed"))


def _company(workplace: Workplace, now: datetime) -> None:
    """A colleague looks at one of today's tickets and has taken another."""
    today = queue.page(workplace.store, queue.Wanted(person="Claire"), now, limit=10)
    desk.look(workplace.store, today[3].case_id, "Denis", now)
    desk.take(workplace.store, today[5].case_id, "Claire", now)
    desk.take(workplace.store, today[1].case_id, "Denis", now)


def _own_rules(folder: Path) -> None:
    """The shipped rules and letters as the shop's own, so that its lead may change them."""
    shipped_note.lay_out(folder)
    signature = folder / "rules" / "entreprise.toml"
    signature.write_text(signature.read_text("utf-8").replace("Boutique Exemple", "Maison Lilas"), "utf-8")

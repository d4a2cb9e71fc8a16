"""`mailbot demo`: the real service, run on an embedded mail server with sample orders and mails."""

import signal
import socket
import sys
import tempfile
import threading
import time
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from http.client import HTTPConnection
from pathlib import Path

from mailbot import clock, rulebook
from mailbot.commands import screen
from mailbot.commands.opening import open_service
from mailbot.commands.pages import open_office
from mailbot.config import Account, Web, cache_home, graphical
from mailbot.demo import render, servers
from mailbot.demo.servers import PASSWORD, USER, Outbox, imap_server, smtp_server
from mailbot.edges import mailbox
from mailbot.edges.store import mails, orders, people, replies
from mailbot.edges.store.tickets import list_tickets
from mailbot.engines.local import LocalEngine
from mailbot.jobs import shipped_note
from mailbot.jobs.log import to_nowhere
from mailbot.jobs.rule_drafts import folders_of
from mailbot.jobs.workplace import Workplace
from mailbot.steps.french import paris_day
from mailbot.web.office import Office
from mailbot.web.people import address
from mailbot.web.server import serve

HERE = Path(servers.__file__).parent
FIRST, LIVE = "01-colis-en-retard", "27-livraison-aujourd-hui"  # answered; comes while we watch
UNDO_SECONDS = 2
GUEST = "Démonstration"
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """The running demonstration."""

    workplace: Workplace
    account: Account
    outbox: Outbox
    letters: dict[str, bytes]
    address: str

    @property
    def cases(self) -> int:
        """Mails that became cases."""
        counts = mails.count_by_state(self.workplace.store)
        return counts["prepared"] + counts["ignored"]


def play(*, check: bool, keep: Path | None) -> bool:
    """Run the demonstration and show it; True when everything it promises was seen.

    `check`: assert without a person, print one line a promise. `keep`: where its data stays."""
    to_nowhere()  # the service's own log would drown what is shown
    out = screen.console()
    shop = "boutique fictive « Maison Lilas ». Rien ne sort de cette machine."
    out.print(f"[bold]mailbot, démonstration[/] : {shop}")
    out.print("Je prépare la boîte, les commandes et le service : une demi-minute au plus.")
    with _stage(keep) as scene:
        if not _until(lambda: scene.cases == len(scene.letters) - 1):
            out.print("[bold red]✗[/] les mails d'exemple n'ont pas tous été traités à temps")
            return False
        seconds = _deliver_live(scene)
        sent = _approve_first(scene)
        if not check:
            _show(scene, sent)
        promises = _promises(scene, sent, seconds)
        for promise, kept in promises:
            out.print(f"[green]✓[/] {promise}" if kept else f"[bold red]✗[/] {promise}")
        if keep:
            out.print(
                f"Données gardées : {keep}. Par exemple : mailbot drafts list --config {keep / 'config.toml'}"
            )
        if not check:
            _let_look(scene)
        return all(kept for _promise, kept in promises)


def _let_look(scene: Play) -> None:
    """The pages stay open until the person has seen enough."""
    enough = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: enough.set())
    out = screen.console()
    out.print(
        f"\n[bold]La page des agents est ouverte : {scene.address}[/] (Ctrl-C pour arrêter)", soft_wrap=True
    )
    sys.stdout.flush()
    if graphical():
        webbrowser.open(scene.address)
    enough.wait()


@contextmanager
def _stage(keep: Path | None) -> Iterator[Play]:
    """Servers up, mails in the box, orders imported, the service running."""
    today = paris_day(clock.now())
    letters = {
        path.stem: render(path.read_text("utf-8"), today).replace("\n", "\r\n").encode()
        for path in sorted((HERE / "mails").glob("*.eml"))
    }
    with (
        tempfile.TemporaryDirectory(prefix="mailbot-demo-") as temporary,
        imap_server() as imap,
        smtp_server() as smtp,
    ):
        folder = keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        _write_rules(folder)
        config = _write_config(folder, imap, smtp[0])
        orders_file = folder / "commandes.csv"
        orders_file.write_text(render((HERE / "orders.csv").read_text("utf-8"), today), "utf-8")
        with open_service(config, model_cache=cache_home()) as (workplace, rules):
            account = workplace.config.accounts[0]
            orders.import_file(workplace.store, orders_file, clock.now())
            _fill(account, [data for stem, data in letters.items() if stem != LIVE])
            office, listening = _open_page(workplace)
            engine = LocalEngine(workplace, rules, page=lambda stop: serve(office, listening, stop))
            engine.start()
            try:
                yield Play(
                    workplace=workplace,
                    account=account,
                    outbox=smtp[1],
                    letters=letters,
                    address=address(office),
                )
            finally:
                engine.stop()
                engine.join()


def _open_page(workplace: Workplace) -> tuple[Office, socket.socket]:
    """The pages on a free port of this machine, whose visitors come in by themselves."""
    if people.find(workplace.store, GUEST) is None:
        people.add(workplace.store, GUEST, "admin", clock.now())
    return open_office(workplace, workplace.config.web or Web(), guest=GUEST)


def _write_rules(folder: Path) -> None:
    """The shipped rules and letters, signed by the shop of the demonstration; a visitor may change and publish them."""
    shipped_note.lay_out(folder)
    shop = folder / "rules" / "entreprise.toml"
    text = shop.read_text("utf-8").replace("Boutique Exemple", "Maison Lilas")
    shop.write_text(text.replace("boutique.example", "maison-lilas.example"), "utf-8")


def _write_config(folder: Path, imap: int, smtp: int) -> Path:
    secret = folder / "mot-de-passe"
    secret.write_text(PASSWORD, "utf-8")
    secret.chmod(0o600)
    path = folder / "config.toml"
    path.write_text(
        '# Écrit par « mailbot demo ».\nrules_dir = "rules"\ntemplates_dir = "templates"\n'
        f'[[accounts]]\nname = "support"\naddress = "{USER}"\nsender_name = "Maison Lilas"\nstart_from = "all"\n'
        'sent_folder = "Sent"\npoll_seconds = 5\n'
        f'[accounts.imap]\nhost = "127.0.0.1"\nport = {imap}\nsecurity = "none"\nusername = "{USER}"\n'
        f'password_file = "{secret}"\n'
        f'[accounts.smtp]\nhost = "127.0.0.1"\nport = {smtp}\nsecurity = "none"\n'
        f"[sending]\nundo_seconds = {UNDO_SECONDS}\n"
        "[web]\nport = 0\n",
        "utf-8",
    )
    return path


def _fill(account: Account, letters: list[bytes]) -> None:
    with mailbox.connect(account, PASSWORD) as box:
        box.client.create_folder("Sent")
        for letter in letters:
            box.append("INBOX", letter, flags=())


def _until(happened: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    pause = threading.Event()
    while time.monotonic() < deadline:
        if happened():
            return True
        pause.wait(0.02)
    return False


def _deliver_live(scene: Play) -> float:
    """One more mail arrives while the service watches; seconds until its case is there."""
    before = scene.cases
    with mailbox.connect(scene.account, PASSWORD) as box:
        start = time.monotonic()
        box.append("INBOX", scene.letters[LIVE], flags=())
    _until(lambda: scene.cases > before)
    return time.monotonic() - start


def _approve_first(scene: Play) -> EmailMessage | None:
    """An agent approves one draft; the mail that left."""
    store, wanted = scene.workplace.store, _message_id(scene.letters[FIRST])
    drafts = [reply for reply in replies.list_drafts(store) if reply.case.message_id == wanted]
    if not drafts:
        return None
    replies.approve(store, drafts[0].id, "démonstration", clock.now(), timedelta(seconds=UNDO_SECONDS))
    _until(lambda: bool(scene.outbox.messages))
    return next(iter(scene.outbox.messages), None)


def _promises(scene: Play, sent: EmailMessage | None, seconds: float) -> list[tuple[str, bool]]:
    """What the demonstration must have shown, each with whether it did."""
    store = scene.workplace.store
    drafts = replies.list_drafts(store)
    machines = [stem for stem in scene.letters if stem[:2] in ("16", "17", "18")]
    answered = {
        reply.case.message_id for reply in replies.list_drafts(store, states=("draft", "approved", "sent"))
    }
    return [
        (f"{len(scene.letters)} mails reçus, {scene.cases} tickets, aucun perdu ni compté deux fois",
         scene.cases == len(scene.letters)),
        (f"un mail arrivé pendant le service est devenu un ticket en {seconds:.1f} s".replace(".", ","), seconds < 2.0),
        (f"{len(drafts)} brouillons attendent un humain, chacun avec ses échéances",
         len(drafts) >= 20 and all(reply.deadlines for reply in drafts)),
        (f"{len(machines)} messages automatiques classés, aucun n'a de réponse",
         not any(_message_id(scene.letters[stem]) in answered for stem in machines)),
        ("la réponse approuvée est partie une fois, et elle seule",
         sent is not None and len(scene.outbox.messages) == 1 and not sent["Auto-Submitted"]),
        ("elle est rattachée au mail du client (In-Reply-To, References)",
         sent is not None and sent["In-Reply-To"] == _message_id(scene.letters[FIRST])),
        ("sa copie est dans « Envoyés »", _copied(scene, sent)),
        ("la page des agents montre la file, sur cette machine seulement", _page_answers(scene)),
        ("les règles et les lettres de la démonstration s'y modifient et s'y publient", _rules_are_own(scene)),
    ]  # fmt: skip


def _page_answers(scene: Play) -> bool:
    """A browser of this machine is let in and sees a customer's name; one that calls us by another name is not."""
    host = scene.address.partition("://")[2]
    here = HTTPConnection(host, timeout=10)
    here.request("GET", "/")
    answer = here.getresponse()
    page, come_in = answer.read().decode(), answer.status == 200
    here.request("GET", "/", headers={"Host": "ailleurs.example"})
    elsewhere = here.getresponse()
    elsewhere.read()
    here.close()
    names = [ticket.case.customer_name for ticket in list_tickets(scene.workplace.store, limit=5)]
    return come_in and any(name and name in page for name in names) and elsewhere.status == 421


def _rules_are_own(scene: Play) -> bool:
    """The copy lies in the demonstration's own folder, and is what the service answers by."""
    folders = folders_of(scene.workplace.config)
    digest = rulebook.digest(folders.rules, folders.templates)
    return folders.own and scene.workplace.line.rulebook.digest == digest


def _message_id(letter: bytes) -> str:
    return letter.partition(b"Message-ID: ")[2].partition(b"\r\n")[0].decode()


def _copied(scene: Play, sent: EmailMessage | None) -> bool:
    if sent is None:
        return False

    def found() -> bool:
        with mailbox.connect(scene.account, PASSWORD) as box:
            return len(box.find_message_id("Sent", str(sent["Message-ID"]))) == 1

    return _until(found)


def _show(scene: Play, sent: EmailMessage | None) -> None:
    """For a person: the queue, one ticket whole, the mail that left."""
    from mailbot.commands import draft_view

    store, now = scene.workplace.store, clock.now()
    queue = replies.list_drafts(store)
    draft_view.show_queue(queue, now)
    if queue:
        draft_view.show_reply(queue[0], now)
    if sent is not None:
        out = screen.console()
        out.rule("Réponse envoyée après approbation")
        for name in ("From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "X-Mailbot-Ticket"):
            out.print(f"{name}: {sent[name]}", markup=False)
        body = sent.get_body(("plain",))
        out.print("\n" + (body.get_content() if body else ""), markup=False)

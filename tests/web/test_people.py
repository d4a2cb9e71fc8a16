"""Accounts and the audit log, on the pages and on the command line."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import update

from mailbot.edges.store import Store, audit, people
from mailbot.edges.store.people_tables import audit as audit_table
from mailbot.web import credentials
from mailbot.web.deeds import told
from tests.edges.store.samples import NOW, draft
from tests.web.conftest import Browser, hire, said


def test_an_administrator_invites_an_agent_of_one_mailbox(
    store: Store, boss: Browser, browser: Callable[[], Browser]
) -> None:
    boss.get("/personnes")
    answer = boss.post("/personnes", nom="Odile", role="agent", compte="outlet")
    link = answer.text.partition("/bienvenue/")[2].partition("<")[0]
    window = browser()
    window.get(f"/bienvenue/{link}")
    window.post(f"/bienvenue/{link}", mot_de_passe="cheval pile agrafe", encore="cheval pile agrafe")
    odile = people.named(store, "odile")
    assert (odile.role, odile.accounts) == ("agent", ("outlet",))
    assert window.get("/").status_code == 200


def test_a_closed_account_is_out_at_once(store: Store, boss: Browser, claire: Browser) -> None:
    boss.get("/personnes")
    boss.post(f"/personnes/{people.named(store, 'Claire').id}/fermer")
    assert claire.get("/").url.path == "/connexion"
    assert claire.come_in("Claire").status_code == 401
    boss.post(f"/personnes/{people.named(store, 'Claire').id}/rouvrir")
    assert claire.come_in("Claire").status_code == 200


def test_the_last_administrator_stays(store: Store, boss: Browser) -> None:
    number = people.named(store, "Denis").id
    boss.get("/personnes")
    assert "dernier administrateur" in said(boss.post(f"/personnes/{number}/fermer"))
    boss.post(f"/personnes/{number}/modifier", role="agent")
    assert people.named(store, "Denis").role == "admin"


def test_a_name_is_taken_once_however_it_is_spelt(store: Store, boss: Browser) -> None:
    boss.get("/personnes")
    assert "déjà pris" in said(boss.post("/personnes", nom="  DENIS ", role="agent"))


def test_views_and_acts_are_in_the_log_with_their_ticket(store: Store, claire: Browser) -> None:
    number = draft(store).case.id
    claire.get(f"/tickets/{number}")
    claire.post(f"/tickets/{number}/noter", note="vu")
    kinds = [line.kind for line in audit.lines(store, case_id=number)]
    assert set(kinds) >= {"vu", "note"}
    assert audit.verify(store).broken is None


def test_what_was_done_is_told_in_french_with_its_accents(
    store: Store, boss: Browser, claire: Browser
) -> None:
    claire.get("/journal")
    page = said(boss.get("/journal"))
    assert "accès refusé" in page and "acces" not in page


def test_every_kind_of_line_has_its_french() -> None:
    plain = {
        "attention", "clos", "commande vue", "compte rouvert", "connexion", "correction prise", "erreur", "fusion",
        "note", "pas un client", "pris", "rendu", "repris", "rouvert", "scission", "vu",
    }  # fmt: skip
    modules = Path(credentials.__file__).parent.glob("*.py")
    found = {kind for path in modules for kind in logged(path.read_text("utf-8"))}
    assert len(found) > 40
    assert {told(kind) for kind in found if told(kind) == kind.replace("_", " ")} <= plain


def logged(source: str) -> Iterator[str]:
    """The kinds that a module writes into the log."""
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call) and ast.unparse(call.func) in ("log", "_log", "audit.write", "keep"):
            for one in call.args[1:5]:
                either = (one.body, one.orelse) if isinstance(one, ast.IfExp) else (one,)
                words = (ast.literal_eval(part) for part in either if isinstance(part, ast.Constant))
                yield from (word for word in words if re.fullmatch("[a-z_]{2,}", str(word)))


def test_a_line_that_was_changed_or_taken_out_is_noticed(store: Store, boss: Browser) -> None:
    for number in range(5):
        audit.write(store, NOW, "Claire", "vu", case_id=number, detail="é\x00 \ud800")
    before = audit.verify(store)
    assert (before.broken, audit.holds(store, before.digest)) == (None, True)
    with store.write() as conn:
        conn.execute(update(audit_table).where(audit_table.c.case_id == 3).values(actor="Personne"))
    assert audit.verify(store).broken is not None
    boss.get("/journal")
    assert "altéré" in said(boss.post("/journal/verifier"))
    with store.write() as conn:
        conn.execute(update(audit_table).where(audit_table.c.case_id == 3).values(actor="Claire"))
        assert audit_table.c.id is not None
        conn.execute(audit_table.delete().where(audit_table.c.case_id == 2))
    assert audit.verify(store).broken is not None


def test_a_log_whose_end_was_cut_off_no_longer_holds_the_noted_hash(store: Store) -> None:
    audit.write(store, NOW, "Claire", "vu")
    audit.write(store, NOW, "Claire", "approuve")
    noted = audit.verify(store).digest
    with store.write() as conn:
        conn.execute(audit_table.delete().where(audit_table.c.digest == noted))
    assert audit.verify(store).broken is None
    assert not audit.holds(store, noted)


def test_a_person_changes_the_password_and_the_other_browsers_are_out(
    store: Store, claire: Browser, browser: Callable[[], Browser]
) -> None:
    other = browser()
    other.come_in("Claire")
    claire.get("/compte")
    assert "pas le bon" in said(
        claire.post("/compte/mot-de-passe", ancien="faux", mot_de_passe="cheval pile agrafe")
    )
    claire.post("/compte/mot-de-passe", ancien="quatre mots sans rapport", mot_de_passe="cheval pile agrafe")
    assert other.get("/").url.path == "/connexion"
    assert claire.get("/").url.path == "/"
    assert hire(store, "Luc").may("agent")

"""`mailbot train` and `mailbot tickets correct` as people type them, on a small set of examples."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mailbot.edges import examples_file
from mailbot.edges.store import Store, cases, learning, mails, orders
from mailbot.edges.store.learning import Correction
from mailbot.ruleset.intents import Example
from tests.commands.conftest import Said
from tests.edges.store.samples import MARIE, NOW, UNDO, clock, judgement, mail, raw_mail
from tests.steps.scenes import ROOT

FILES = ("boutique_perrin", "generaliste", "messageries", "mode_et_sport")
CORRECTION = Correction(
    case_id=12,
    at=NOW,
    actor="Léa",
    intents_before=("question",),
    intents=("produit_manquant",),
    remedy_before=None,
    remedy="envoi_manquant",
    order_before=None,
    order_id=None,
    customer_name="Jeanne Morel",
    subject="Le zinzin",
    text="Bonjour, le zinzin du trucmuche était absent. Jeanne Morel, jeanne@mail.example",
)


@pytest.fixture
def rules(tmp_path: Path, config: Path) -> Path:
    """The shop's own rules, with few examples, so that learning takes a second."""
    folder = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", folder, ignore=shutil.ignore_patterns("exemples"))
    (folder / "exemples").mkdir()
    for name in FILES:
        lines = (ROOT / "rules" / "exemples" / f"{name}.jsonl").read_text("utf-8").splitlines()
        (folder / "exemples" / f"{name}.jsonl").write_text("\n".join(lines[:90]) + "\n", "utf-8")
    config.write_text('rules_dir = "rules"\n' + config.read_text("utf-8"), "utf-8")
    return folder


def keep(store: Store, *corrections: Correction) -> None:
    with store.write() as conn:
        for one in corrections:
            learning.record(conn, one)


def test_the_report_gives_figures_for_each_intent_and_what_is_confused(
    mailbot: Callable[..., Said], config: Path, rules: Path
) -> None:
    said = mailbot("train", "--report", "--json", "-c", config)
    report = json.loads(said.out)
    assert said.code == 0 and report["groups"]["tous les textes"]["texts"] == 360
    assert {"intent", "precision", "recall", "calibration_error"} <= report["intents"][0].keys()
    assert {"intent", "taken_for", "texts"} == report["confusions"][0].keys()
    assert "Ce qui est confondu" in mailbot("train", "--report", "-c", config).out


MEASURED = """
import os, sys
from pathlib import Path
from types import SimpleNamespace
from mailbot.commands import training

def measure(*_):
    sys.exit(f"numpy {'numpy' in sys.modules}, {os.environ['OPENBLAS_NUM_THREADS']}")

sys.modules["mailbot.jobs.training"] = SimpleNamespace(measure=measure)
training.train(report=True, yes=False, config=Path("absent.toml"), as_json=False)
"""


def test_the_report_is_computed_in_one_thread_which_is_said_before_numpy_is_there() -> None:
    free = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run(
        [sys.executable, "-c", MEASURED], capture_output=True, text=True, env=free, check=False
    )
    assert done.stderr == "numpy False, 1\n"


def test_without_corrections_there_is_nothing_to_learn(
    mailbot: Callable[..., Said], config: Path, rules: Path, store: Store
) -> None:
    said = mailbot("train", "--oui", "-c", config)
    assert said.code == 0 and "rien à faire" in said.words
    assert not (rules / "exemples" / "corrections.jsonl").exists()


def test_corrections_become_readable_examples_without_names_and_are_used_once(
    mailbot: Callable[..., Said], config: Path, rules: Path, store: Store
) -> None:
    keep(
        store,
        CORRECTION,
        replace(CORRECTION, case_id=13, text="Il manque le bidule.", at=NOW + timedelta(days=1)),
    )
    said = mailbot("train", "--oui", "-c", config)
    assert said.code == 0 and "2 corrections écrites" in said.words and "Intention par intention" in said.out
    lines = (rules / "exemples" / "corrections.jsonl").read_text("utf-8").splitlines()
    first = json.loads(lines[0])
    assert (first["id"], first["intents"], first["remedy"]) == (
        "correction-12",
        ["produit_manquant"],
        "envoi_manquant",
    )
    assert "zinzin" in first["text"] and "Morel" not in first["text"] and "@" not in first["text"]
    assert learning.list_corrections(store, unused=True) == []
    assert "rien à faire" in mailbot("train", "--oui", "-c", config).words


def test_who_declines_changes_nothing(
    mailbot: Callable[..., Said], config: Path, rules: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(store, CORRECTION)
    monkeypatch.setattr("typer.confirm", lambda *_words, **_default: False)
    assert "Rien n'est changé" in mailbot("train", "-c", config).words
    assert not (rules / "exemples" / "corrections.jsonl").exists()
    assert len(learning.list_corrections(store, unused=True)) == 1


def test_the_shipped_rules_are_never_written_to(mailbot: Callable[..., Said], config: Path) -> None:
    said = mailbot("train", "--oui", "-c", config)
    assert said.code == 2 and "rules_dir" in said.words


def test_a_later_correction_takes_the_line_of_the_earlier_one_and_leaves_the_others(tmp_path: Path) -> None:
    (tmp_path / "exemples").mkdir()
    one = Example(id="correction-1", subject="", text="a", intents=("facture",))
    two = Example(id="correction-2", subject="", text="b", intents=("question",))
    path = examples_file.add(tmp_path, [one, two])
    path.write_text(path.read_text("utf-8").replace('"b"', '"relu par un humain"'), "utf-8")
    examples_file.add(tmp_path, [one.model_copy(update={"intents": ("litige",)})])
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [(line["id"], line["text"], line["intents"]) for line in lines] == [
        ("correction-1", "a", ["litige"]),
        ("correction-2", "relu par un humain", ["question"]),
    ]


def test_correcting_a_ticket_that_does_not_exist_is_told_in_french(
    mailbot: Callable[..., Said], config: Path, rules: Path, store: Store
) -> None:
    said = mailbot("tickets", "correct", 99, "--intention", "facture", "-c", config)
    assert said.code == 1 and "le ticket 99 n'existe pas" in said.words


@pytest.fixture
def ticket(store: Store, tmp_path: Path) -> int:
    """A mail that was taken for a question, about no order; its customer has two."""
    (tmp_path / "orders.csv").write_text(
        "order_id,channel,placed_at,customer_email\n"
        f"FR-1001,site,2026-11-02T10:00:00+01:00,{MARIE}\nFR-1002,site,2026-11-03T10:00:00+01:00,{MARIE}\n",
        "utf-8",
    )
    orders.import_file(store, tmp_path / "orders.csv", NOW)
    words = "Bonjour, le zinzin du trucmuche brille par son absence."
    data = (
        f"From: Marie Dupont <{MARIE}>\r\nMessage-ID: <a@example.org>\r\nSubject: Zinzin\r\n\r\n{words}\r\n"
    )
    mails.ingest(store, [(raw_mail(1, data=data.encode()), MARIE)], NOW)
    (claimed,) = mails.claim(store, "ouvrier", 1, NOW, UNDO)
    judged = judgement(mail(1, text=words), clocks=(clock(),))
    item = cases.Prepared(mail_id=claimed.id, owner="ouvrier", judgement=judged, rulebook_digest="r")
    (number,) = cases.save(store, [item], NOW, UNDO)
    return number


@pytest.mark.usefixtures("rules")
def test_a_ticket_is_corrected_and_says_what_became_of_it(
    mailbot: Callable[..., Said], config: Path, store: Store, ticket: int
) -> None:
    both = (
        "--intention",
        "facture",
        "--intention",
        "produit_manquant",
        "--commande",
        "FR-1001",
        "--canal",
        "site",
    )
    for words, requests, order in (
        (("--intention", "produit_manquant"), ["produit_manquant"], None),
        (("--commande", "FR-1002"), ["produit_manquant"], "FR-1002"),
        (both, ["facture", "produit_manquant"], "FR-1001"),
    ):
        said = mailbot("tickets", "correct", ticket, *words, "--as", "Léa", "-c", config, at=NOW)
        about = f"commande {order} (site)" if order else "sans commande"
        assert said.code == 0
        assert f"Ticket {ticket} corrigé : {', '.join(requests)}, {about}." in said.words
        case = cases.get(store, ticket)
        assert (list(case.verdict.requests), case.order_id) == (requests, order)
        kept = learning.of_case(store, ticket)[-1]
        assert (kept.actor, list(kept.intents), kept.order_id) == ("Léa", requests, order)
    said = mailbot("tickets", "correct", ticket, "--remede", "envoi_manquant", "--json", "-c", config, at=NOW)
    told = json.loads(said.out)
    assert (told["ticket"], told["requests"]) == (ticket, ["facture", "produit_manquant"])
    assert (told["order"], told["channel"], told["remedy"]) == ("FR-1001", "site", "envoi_manquant")
    assert told["action"] in ("draft", "human") and told["draft"] in ("made", "none", "replaced", "withdrawn")


@pytest.mark.usefixtures("rules")
def test_a_correction_that_cannot_be_is_refused_and_nothing_is_kept(
    mailbot: Callable[..., Said], config: Path, store: Store, ticket: int
) -> None:
    before = cases.get(store, ticket)
    for words, why in (
        (("--intention", "facturation"), "intention « facturation » inconnue. Connues : "),
        (("--remede", "argent"), "demande « argent » inconnue. Connues : "),
        (("--commande", "FR-9999"), "la commande « FR-9999 » n'est pas parmi les commandes importées"),
        ((), "rien à corriger"),
    ):
        said = mailbot("tickets", "correct", ticket, *words, "-c", config, at=NOW)
        assert said.code == 1 and why in said.words
    assert cases.get(store, ticket) == before
    assert learning.list_corrections(store, unused=True) == []


def test_what_is_corrected_on_the_command_line_is_learnt_by_train(
    mailbot: Callable[..., Said], config: Path, rules: Path, store: Store, ticket: int
) -> None:
    words = ("--intention", "produit_manquant", "--remede", "envoi_manquant")
    assert mailbot("tickets", "correct", ticket, *words, "-c", config, at=NOW).code == 0
    said = mailbot("train", "--oui", "-c", config)
    assert said.code == 0 and "1 correction écrite" in said.words
    (line,) = (rules / "exemples" / "corrections.jsonl").read_text("utf-8").splitlines()
    learnt = json.loads(line)
    assert (learnt["id"], learnt["intents"]) == (f"correction-{ticket}", ["produit_manquant"])
    assert "zinzin du trucmuche" in learnt["text"] and "Dupont" not in line and "@" not in line

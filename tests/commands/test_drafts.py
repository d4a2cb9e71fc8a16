"""`mailbot drafts`, `mailbot shadow` as an agent types them, on a real letter."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from mailbot.edges.store import Store, cases, mails, replies
from mailbot.steps.compose import Composer
from mailbot.steps.guards import OutputRules
from tests.commands.conftest import Said
from tests.edges.store.samples import LEASE, UNDO, judgement, mail, take_in
from tests.steps.letters import CASE
from tests.steps.scenes import shipped_rules

Run = Callable[..., Said]
NOW = CASE.now


def stored(store: Store, add: str = "") -> int:
    """A draft that would leave alone, with what an agent added to it."""
    book = shipped_rules()
    letter = Composer(book.templates, OutputRules.compiled(book.guards)).compose(
        "colis_non_recu/bloque", CASE
    )
    take_in(store, 1, now=NOW)
    (claimed,) = mails.claim(store, "o", 1, NOW, LEASE)
    judged = replace(judgement(mail(1), reply=letter), alone=True)
    item = cases.Prepared(mail_id=claimed.id, owner="o", judgement=judged, rulebook_digest="r")
    cases.save(store, [item], NOW, UNDO, note_shadow=True)
    if add:
        text = letter.text.replace("Bien cordialement", add + "\n\nBien cordialement")
        replies.edit(store, 1, "léa", text=text, subject=letter.subject, now=NOW, missing=(), blocked=())
    return 1


def test_a_guard_is_passed_over_with_a_reason_that_is_shown_afterwards(
    mailbot: Run, config: Path, store: Store
) -> None:
    number = stored(store, add="Nous vous offrons 7,77 € pour votre patience.")
    said = mailbot("drafts", "show", number, "-c", config, at=NOW)
    assert "Montant « 7,77 € »" in said.words and "Dérogation possible" in said.words
    refused = mailbot("drafts", "approve", number, "-c", config, at=NOW)
    assert refused.code == 1 and "approuvez malgré tout en donnant une raison" in refused.err
    done = mailbot(
        "drafts", "approve", number, "--malgre", "geste de Léa", "--as", "léa", "-c", config, at=NOW
    )
    assert done.code == 0 and "Malgré : Montant « 7,77 € »" in done.out
    told = json.loads(mailbot("drafts", "show", number, "--json", "-c", config, at=NOW).out)
    assert told["state"] == "approved" and told["rules_version"] is None
    assert [(one["guard"], one["reason"]) for one in told["overrides"]] == [("montants", "geste de Léa")]
    assert "geste de Léa" in mailbot("drafts", "show", number, "-c", config, at=NOW).words


def test_another_customers_number_leaves_for_no_reason(mailbot: Run, config: Path, store: Store) -> None:
    number = stored(store, add="Voyez la commande n° ZZ-99182 de votre voisin.")
    said = mailbot("drafts", "approve", number, "--malgre", "il insiste", "-c", config, at=NOW)
    assert said.code == 1 and "Aucune dérogation n'est possible" in said.err
    assert "Dérogation possible" not in mailbot("drafts", "show", number, "-c", config, at=NOW).words


def test_a_draft_whose_letter_wants_no_file_has_none_to_look_for(
    mailbot: Run, config: Path, store: Store
) -> None:
    number = stored(store)
    said = mailbot("drafts", "attach", number, "-c", config, at=NOW)
    assert said.code == 1 and "aucun dossier de pièces jointes" in said.err
    assert "aucune pièce jointe" in mailbot("drafts", "attach", number, "--none", "-c", config, at=NOW).out


def test_the_dry_run_is_held_against_what_agents_did(mailbot: Run, config: Path, store: Store) -> None:
    number = stored(store)
    mailbot("drafts", "refuse", number, "--reason", "déjà réglé", "--as", "léa", "-c", config, at=NOW)
    lines = [
        json.loads(line)
        for line in mailbot("shadow", "report", "--json", "-c", config, at=NOW).out.splitlines()
    ]
    assert lines[0] == {"mails": 1, "days": 1, "would": 1}
    assert (lines[1]["situation"], lines[1]["refused"], lines[1]["wrong"]) == (
        "colis_non_recu/en_route",
        1,
        [1],
    )
    said = mailbot("shadow", "report", "-c", config, at=NOW)
    assert "1 mail sur 1 jour : 1 serait parti seul (100 %)." in said.words
    assert "tickets 1" in said.words

"""Approving through the guards, on a real letter and the shipped rules."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from mailbot.config import Web
from mailbot.edges.orders_file import Row
from mailbot.edges.store import Store, opinions, orders, overrides, replies
from mailbot.edges.store.conflicts import NotSendable
from mailbot.jobs import approval
from mailbot.model import Order, Reply
from mailbot.ruleset.guards import Guards
from mailbot.steps.compose import Composer
from mailbot.steps.guards import OutputRules
from tests.edges.store.samples import UNDO, mail, order, prepare
from tests.steps.letters import AMAZON, CASE
from tests.steps.scenes import shipped_rules

NOW = CASE.now
STEM = "colis_non_recu/bloque"


def guards() -> Guards:
    return shipped_rules().guards


def stored(store: Store, *, amazon: bool = False, add: str = "") -> int:
    """A draft with what an agent added to it."""
    composer = Composer(shipped_rules().templates, OutputRules.compiled(guards()))
    letter: Reply = composer.compose(STEM, replace(CASE, channel=AMAZON) if amazon else CASE)
    case = prepare(store, mail(1), uid=1, reply=letter, now=NOW)
    found = replies.of_case(store, case)
    assert found is not None
    if add:
        text = letter.text.replace("Bien cordialement", add + "\n\nBien cordialement")
        replies.edit(
            store, found.id, "léa", text=text, subject=letter.subject, now=NOW, missing=(), blocked=()
        )
    return found.id


def approve(store: Store, number: int, reason: str = "", days: int = 0) -> list[str]:
    at = NOW + timedelta(days=days)
    done = approval.approve(store, guards(), number, actor="léa", now=at, undo=UNDO, reason=reason)
    return [one.guard or "" for one in done]


def test_a_clean_letter_is_approved(store: Store) -> None:
    number = stored(store)
    assert approve(store, number) == []
    assert replies.get(store, number).state == "approved"


def test_an_amount_an_agent_typed_leaves_only_with_a_reason(store: Store) -> None:
    number = stored(store, add="Nous vous offrons 7,77 € pour votre patience.")
    with pytest.raises(
        NotSendable, match="Corrigez le texte, ou approuvez malgré tout en donnant une raison"
    ):
        approve(store, number)
    assert approve(store, number, "geste décidé par Léa") == ["montants"]
    assert [one.guard for one in overrides.of_reply(store, number)] == ["montants"]


@pytest.mark.parametrize(
    ("added", "guard"),
    [
        ("Voyez la commande n° ZZ-99182 de votre voisin.", "numeros"),
        ("Écrivez à paul.autre@client.example pour cela.", "coordonnees"),
        ("Appelez vite le 06 12 34 56 78 pour en parler.", "coordonnees"),
        ("Le suivi fait foi et prouve la remise du colis.", "jamais.suivi_fait_preuve"),
        ("Nous vous devons [à compléter : montant] en tout.", "trou"),
    ],
)
def test_what_would_touch_another_customer_or_the_law_leaves_for_no_reason(
    store: Store, added: str, guard: str
) -> None:
    number = stored(store, add=added)
    assert guard in [
        one.guard for one in approval.objections(store, replies.get(store, number), guards(), NOW)
    ]
    with pytest.raises(NotSendable, match="Aucune dérogation n'est possible"):
        approve(store, number, "le client insiste")
    assert replies.get(store, number).state == "draft"


def test_what_a_channel_forbids_leaves_for_no_reason(store: Store) -> None:
    number = stored(store, amazon=True, add="Le détail est sur https://boutique.example/suivi pour vous.")
    with pytest.raises(NotSendable, match="interdit un lien"):
        approve(store, number, "le client insiste")


def test_a_promise_whose_day_has_passed_since_it_was_written_stops_the_letter(store: Store) -> None:
    number = stored(store)
    with pytest.raises(NotSendable, match="déjà passée"):
        approve(store, number, days=40)


def test_a_style_rule_may_admit_a_reason_and_a_legal_one_does_not() -> None:
    assert guards().admits_override("jamais.sous_peu")
    legal = [rule.id for rule in guards().jamais if "L2" in rule.raison]
    assert legal and not any(guards().admits_override(f"jamais.{name}") for name in legal)
    assert not guards().admits_override("inconnu")


def test_rules_cannot_open_what_is_never_passed_over() -> None:
    with pytest.raises(ValueError, match="controles"):
        Guards.model_validate({"controles": {"liens": {"derogation": True}}})


def test_a_dear_order_leaves_by_no_way_without_a_colleague(store: Store) -> None:
    letter: Reply = Composer(shipped_rules().templates, OutputRules.compiled(guards())).compose(STEM, CASE)
    case = prepare(store, mail(1), uid=1, reply=letter, found=order(), now=NOW)
    found = replies.of_case(store, case)
    assert found is not None
    limit = approval.limit_of(
        guards().model_copy(update={"accord_au_dessus": 20}), Web(second_approval_above=90)
    )
    assert limit == 20
    with pytest.raises(NotSendable, match="plus de 20 €, un collègue doit donner son accord"):
        approval.approve(store, guards(), found.id, actor="léa", now=NOW, undo=UNDO, second_above=limit)
    opinions.ask(store, case, found.id, found.version, "léa", "", NOW)
    asked = opinions.of_case(store, case)
    assert asked is not None
    opinions.answer(store, asked.id, "paul", NOW, granted=True)
    approval.approve(store, guards(), found.id, actor="paul", now=NOW, undo=UNDO, second_above=limit)
    assert replies.get(store, found.id).state == "approved"


def test_the_old_place_of_the_limit_still_counts() -> None:
    assert approval.limit_of(guards(), Web(second_approval_above=90)) == 90
    assert approval.limit_of(guards(), None) == 0


def known_order(store: Store, *, later: bool = False) -> int:
    """A draft on an order that a further file says has been delivered, or not."""
    orders_of(store, replace(order(), tracking_status="en_transit"), NOW - timedelta(days=1))
    found = orders.get(store, "site", "FR-1001")
    assert found is not None
    composer = Composer(shipped_rules().templates, OutputRules.compiled(guards()))
    case = prepare(store, mail(1), uid=1, reply=composer.compose(STEM, CASE), found=found, now=NOW)
    if later:
        orders_of(
            store, replace(order(), tracking_status="livre", delivered_at=NOW), NOW + timedelta(hours=3)
        )
    reply = replies.of_case(store, case)
    assert reply is not None
    return reply.id


def orders_of(store: Store, one: Order, now: datetime) -> None:
    """An orders file came that says this."""
    importer = orders._Importer(store, now)
    importer.take(Row(line=2, order=one))
    importer.flush()


def test_a_draft_is_held_up_when_its_order_says_something_else_since(store: Store) -> None:
    number = known_order(store, later=True)
    with pytest.raises(NotSendable, match=r"La commande FR-1001 a changé .*\(suivi, livraison\)"):
        approve(store, number)
    assert approve(store, number, "le client le sait déjà") == ["commande"]


def test_a_file_that_says_nothing_new_holds_nothing_up(store: Store) -> None:
    number = known_order(store)
    orders_of(store, replace(order(), tracking_status="en_transit"), NOW + timedelta(hours=3))
    assert approve(store, number) == []


def test_a_text_that_was_rewritten_since_then_is_not_held_up(store: Store) -> None:
    number = known_order(store, later=True)
    letter = replies.get(store, number).reply
    replies.edit(
        store,
        number,
        "léa",
        text=letter.text,
        subject=letter.subject,
        now=NOW + timedelta(hours=4),
        missing=(),
    )
    orders_of(store, replace(order(), delivered_at=NOW), NOW + timedelta(hours=5))  # known already
    assert approve(store, number) == []

"""What one letter for several merged mails may state, and to whom."""

from dataclasses import replace

import pytest

from mailbot.edges.store import Store, cases, merging, replies
from mailbot.jobs import merging as jobs
from mailbot.jobs.merging import facts_of
from tests.edges.store.samples import NOW, mail, order, prepare, reply_to
from tests.steps.scenes import shipped_rules


def _numbers(store: Store, case_id: int) -> tuple[str, ...]:
    reply = replies.of_case(store, case_id)
    assert reply is not None
    return facts_of(store, cases.get(store, case_id), reply.reply.facts).numbers


@pytest.mark.parametrize(("recognised", "hears"), [(True, ("FR1", "FR2")), (False, ("FR1",))])
def test_what_is_for_a_recognised_buyer_is_not_told_to_a_sender_who_only_bears_the_address(
    store: Store, recognised: bool, hears: tuple[str, ...]
) -> None:
    first, second = (replace(reply_to(uid), facts={"numbers": [f"FR{uid}"]}) for uid in (1, 2))
    one = prepare(store, mail(1), uid=1, reply=first, found=order("FR-1") if recognised else None)
    other = prepare(store, mail(2), uid=2, reply=second, found=order("FR-2"))
    merging.merge(store, other, one, "Alice", NOW)
    assert _numbers(store, one) == hears


def test_a_recognised_buyer_hears_of_the_numbers_of_all_their_mails(store: Store) -> None:
    first, second = (replace(reply_to(uid), facts={"numbers": [f"FR{uid}"]}) for uid in (1, 2))
    one = prepare(store, mail(1), uid=1, reply=first, found=order("FR-1"))
    other = prepare(store, mail(2), uid=2, reply=second)
    merging.merge(store, other, one, "Alice", NOW)
    assert _numbers(store, one) == ("FR1", "FR2")


def test_two_people_who_wrote_by_one_form_are_merged_knowingly_and_hear_nothing_of_each_other(
    store: Store,
) -> None:
    letters = [
        replace(reply_to(uid, to=who), facts={"numbers": [f"FR{uid}"]})
        for uid, who in ((1, "paul@example.org"), (2, "anne@example.org"))
    ]
    form = "formulaire@boutique.example"
    one, other = (
        prepare(store, mail(uid, sender=form), uid=uid, reply=letter, found=order(f"FR-{uid}"))
        for uid, letter in enumerate(letters, 1)
    )
    with pytest.raises(merging.OtherCustomer, match="à deux adresses"):
        jobs.merge(store, shipped_rules(), other, one, "Alice", NOW)
    jobs.merge(store, shipped_rules(), other, one, "Alice", NOW, confirmed=True)
    assert _numbers(store, one) == ("FR1",)

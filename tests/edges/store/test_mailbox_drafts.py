"""The rows of drafts in the agents' mailbox: written before the mailbox is touched, one live copy a reply."""

from dataclasses import asdict
from datetime import timedelta

from mailbot.edges.store import Store, agents_folders, cases, mailbox_drafts, outbox, replies, retention
from mailbot.edges.store.agents_folders import AgentsFolder
from mailbot.edges.store.mailbox_drafts import MailboxDraft
from mailbot.edges.store.replies import StoredReply
from tests.edges.store.samples import LEASE, MARIE, MINUTE, NOW, draft, mail, prepare, reply_to


def planned(store: Store, reply: StoredReply, token: str = "a" * 32) -> int | None:
    return mailbox_drafts.plan(
        store,
        reply,
        token=token,
        message_id=f"<brouillon.{token}@boutique.example>",
        folder="Drafts",
        uidvalidity=5,
        floor=10,
        now=NOW,
    )


def placed(store: Store, reply: StoredReply) -> MailboxDraft:
    assert planned(store, reply) is not None
    assert mailbox_drafts.change(store, only(store), "placed", NOW, uid=10)
    return only(store)


def only(store: Store) -> MailboxDraft:
    (one,) = mailbox_drafts.live(store, "boutique")
    return one


def waiting(store: Store) -> list[int]:
    return [one.id for one in mailbox_drafts.to_place(store, "boutique")]


def test_only_complete_drafts_of_open_tickets_are_to_be_placed_and_each_once(store: Store) -> None:
    first = draft(store, 1)
    prepare(
        store, mail(2, sender="b@example.org"), uid=2, reply=reply_to(2, to="b@example.org", missing=("x",))
    )
    prepare(
        store, mail(3, sender="c@example.org"), uid=3, reply=reply_to(3, to="c@example.org", blocked=("x",))
    )
    closed = prepare(store, mail(4, sender="d@example.org"), uid=4, reply=reply_to(4, to="d@example.org"))
    cases.close(store, closed, "Alice", "au téléphone", NOW)
    assert waiting(store) == [first.id]
    assert mailbox_drafts.to_place(store, "autre") == []
    placed(store, first)
    assert waiting(store) == []


def test_a_copy_is_planned_only_for_the_draft_as_it_is_now_and_only_one(store: Store) -> None:
    found = draft(store)
    assert planned(store, found) is not None
    assert planned(store, found, "b" * 32) is None, "it is there"
    mailbox_drafts.change(store, only(store), "withdrawn", NOW)
    replies.edit(store, found.id, "Alice", text="autre", subject="x", now=NOW)
    assert planned(store, found, "c" * 32) is None, "an older version"
    newer = replies.get(store, found.id)
    assert planned(store, newer, "d" * 32) is not None
    assert mailbox_drafts.copies(store, found.id) == 2


def test_a_copy_is_moved_only_from_the_state_it_was_read_in(store: Store) -> None:
    before = placed(store, draft(store))
    assert mailbox_drafts.change(store, before, "edited", NOW, uid=12, told="modifié", actor="agent")
    assert not mailbox_drafts.change(store, before, "leaving", NOW)
    after = only(store)
    assert (after.state, after.uid) == ("edited", 12)
    (event,) = [one for one in cases.story(store, after.case_id) if one.kind == "messagerie"]
    assert (event.actor, event.detail) == ("agent", "modifié")


def test_a_thread_an_agent_works_on_gets_no_second_draft(store: Store) -> None:
    first = draft(store, 1)
    mailbox_drafts.change(store, placed(store, first), "edited", NOW)
    replies.edit(store, first.id, "agent", text="à moi", subject="x", now=NOW)
    newer = prepare(store, mail(2, references=("<client-1@example.org>",)), uid=2, reply=reply_to(2))
    assert waiting(store) == []
    mailbox_drafts.sent(store, first.case.id, NOW)
    replies.refuse(store, first.id, "agent", NOW)
    second = replies.of_case(store, newer)
    assert second is not None and waiting(store) == [second.id]


def test_an_approved_reply_waits_until_its_draft_is_out_of_the_mailbox_but_not_for_long(store: Store) -> None:
    found = draft(store)
    standing = placed(store, found)
    replies.approve(store, found.id, "Alice", NOW, timedelta())
    assert outbox.claim_due(store, "s", NOW + MINUTE, LEASE) is None
    mailbox_drafts.change(store, standing, "leaving", NOW)
    assert outbox.claim_due(store, "s", NOW + MINUTE, LEASE) is None
    mailbox_drafts.change(store, only(store), "withdrawn", NOW)
    assert outbox.claim_due(store, "s", NOW + MINUTE, LEASE) is not None


def test_an_approved_reply_leaves_after_two_minutes_whatever_the_mailbox_does(store: Store) -> None:
    found = draft(store)
    placed(store, found)
    replies.approve(store, found.id, "Alice", NOW, timedelta())
    assert outbox.claim_due(store, "s", NOW + 3 * MINUTE, LEASE) is not None


def test_what_became_of_the_reply_is_seen_with_the_copy(store: Store) -> None:
    found = draft(store)
    standing = placed(store, found)
    assert (standing.reply_state, standing.reply_version, standing.to_addr) == ("draft", 1, MARIE)
    replies.refuse(store, found.id, "Alice", NOW)
    assert only(store).reply_state == "refused"
    assert mailbox_drafts.counts(store, "boutique")["placed"] == 1
    assert mailbox_drafts.accounts_with(store, ["boutique", "autre"]) == {"boutique"}


def test_a_purged_ticket_takes_its_copies_along(store: Store) -> None:
    found = draft(store)
    mailbox_drafts.change(store, placed(store, found), "withdrawn", NOW)
    cases.close(store, found.case.id, "Alice", "réglé", NOW)
    replies.refuse(store, found.id, "Alice", NOW)
    late = NOW + timedelta(days=1)
    assert retention.purge(store, raw_before=late, cases_before=late).cases == 1
    assert mailbox_drafts.copies(store, found.id) == 0


def test_a_folder_is_remembered_and_its_trouble_until_it_is_seen_again(store: Store) -> None:
    agents_folders.in_trouble(store, "boutique", "Sent", "introuvable")
    state = AgentsFolder(
        account="boutique", kind="Sent", folder="Envoyés", uidvalidity=3, cutoff=NOW, seen_at=NOW
    )
    agents_folders.save(store, state)
    assert agents_folders.get(store, "boutique", "Sent") == state
    agents_folders.in_trouble(store, "boutique", "Sent", "perdu")
    (found,) = agents_folders.every(store)
    assert asdict(found) == {**asdict(state), "trouble": "perdu"}
    assert agents_folders.get(store, "boutique", "Drafts") is None

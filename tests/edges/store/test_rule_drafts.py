"""Working copies, counts by situation and filed mails, on both databases."""

from datetime import timedelta

from mailbot.edges.store import Store, by_situation, filed, order_list, replies, rule_drafts
from tests.edges.store.samples import NOW, draft, mail, prepare

NAME = "rules/delais.toml"


def test_each_person_has_a_working_copy_of_their_own(store: Store) -> None:
    rule_drafts.keep(store, "Line", {NAME: b"a"}, {NAME: "base"}, NOW)
    rule_drafts.keep(store, "Paul", {NAME: b"b"}, {}, NOW)
    mine = rule_drafts.of(store, "Line")[NAME]
    assert (mine.data, mine.base, mine.at) == (b"a", "base", NOW)
    assert rule_drafts.authors(store, NAME) == ("Line", "Paul")


def test_a_file_kept_again_keeps_what_it_began_from(store: Store) -> None:
    rule_drafts.keep(store, "Line", {NAME: b"a"}, {NAME: "base"}, NOW)
    rule_drafts.keep(store, "Line", {NAME: b"b"}, {NAME: "newer"}, NOW)
    found = rule_drafts.of(store, "Line")[NAME]
    assert (found.data, found.base) == (b"b", "base")
    assert rule_drafts.drop(store, "Line") == 1 and rule_drafts.of(store, "Line") == {}


def test_mails_and_replies_are_counted_by_situation(store: Store) -> None:
    reply = draft(store)
    prepare(store, mail(2), uid=2, action="human")
    replies.refuse(store, reply.id, "Claire", NOW, reason="non")
    stem = "colis_non_recu/en_route"
    since = NOW - timedelta(days=1)
    assert by_situation.volumes(store, since) == {stem: 2}
    assert by_situation.volumes(store, since, ("outlet",)) == {}
    assert by_situation.tallies(store, since)[stem].thrown_away == 1
    assert by_situation.latest(store, stem) == [2, 1]
    assert by_situation.latest(store, stem, ("outlet",)) == []
    assert by_situation.latest(store, stem, limit=1, kept=True) == [2]


def test_filed_mails_come_newest_first_a_page_at_a_time(store: Store) -> None:
    for number in (1, 2, 3):
        prepare(store, mail(number), uid=number, action="ignore")
    found = filed.filed(store, machines=False, limit=2)
    assert [one.case_id for one in found] == [3, 2] and found[0].reasons == ("colis en route",)
    assert [one.case_id for one in filed.filed(store, machines=False, before=2)] == [1]
    assert filed.filed(store) == [] and filed.filed(store, ("outlet",), machines=False) == []


def test_no_orders_are_listed_when_there_are_none(store: Store) -> None:
    assert order_list.newest(store) == []

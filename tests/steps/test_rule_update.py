"""A shop's copy, what was shipped with it, what is shipped now: every case of the three; pairs of rule and letter."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailbot.steps.rule_update import UNKNOWN, Plan, content_digest, partner, plan

A, B, C = b"premier\n", b"deuxieme\n", b"de la boutique\n"
NAME = "rules/delais.toml"
RULE, LETTER = "rules/situations/colis/perdu.toml", "templates/colis/perdu.txt.j2"


def one(was: bytes | str | None, ours: bytes | None, theirs: bytes | None, **decided: list[str]) -> Plan:
    """The plan for one file."""
    base = {} if was is None else {NAME: was if isinstance(was, str) else content_digest(was)}
    shop = {} if ours is None else {NAME: ours}
    return plan(base, shop, {} if theirs is None else {NAME: theirs}, **decided)


@pytest.mark.parametrize(
    ("was", "ours", "theirs", "state", "after"),
    [
        (A, A, A, None, A),
        (A, A, B, "newer", B),
        (None, None, B, "new", B),
        (A, A, None, "gone", None),
        (A, C, B, "both", C),
        (None, C, B, "both", C),
        (A, C, A, "own", C),
        (A, None, A, "own", None),
        (A, None, B, "own", None),
        (A, C, None, "left", C),
        (A, B, B, None, B),
        (None, C, None, None, C),
        (A, None, None, None, None),
        (UNKNOWN, C, B, "unknown", C),
        (UNKNOWN, None, B, "unknown", None),
        (UNKNOWN, C, None, None, C),
    ],
)
def test_the_shop_loses_nothing_it_wrote_and_gets_back_nothing_it_deleted(
    was: bytes | str | None, ours: bytes | None, theirs: bytes | None, state: str | None, after: bytes | None
) -> None:
    made = one(was, ours, theirs)
    assert made.states.get(NAME) == state
    assert made.files.get(NAME) == after


def test_what_waits_is_told_again_next_time_and_what_is_kept_is_not() -> None:
    assert one(A, C, B).waiting == (NAME,)
    assert one(A, C, B).base == {NAME: content_digest(A)}
    kept = one(A, C, B, keep=[NAME])
    assert (kept.kept, kept.waiting, kept.files[NAME]) == ((NAME,), (), C)
    assert plan(kept.base, kept.files, {NAME: B}).states == {NAME: "own"}


def test_a_file_that_only_the_shop_changed_is_given_up_by_its_own_name_alone() -> None:
    assert one(A, C, A, accept=["rules"]).files[NAME] == C
    assert one(A, C, A, accept=[NAME]).files[NAME] == A
    assert one(A, None, A, accept=[NAME]).files[NAME] == A


def test_a_folder_decides_for_its_files_and_a_file_goes_before_its_folder() -> None:
    shop, shipped = {NAME: C, "rules/lecture.toml": C}, {NAME: B, "rules/lecture.toml": B}
    made = plan(None, shop, shipped, keep=["rules"], accept=[NAME])
    assert (made.taken, made.kept, made.waiting) == ((NAME,), ("rules/lecture.toml",), ())


def test_a_folder_that_only_begins_alike_decides_nothing() -> None:
    assert one(A, C, B, accept=["rules/del"]).waiting == (NAME,)


def test_a_copy_without_note_is_known_where_it_equals_what_is_shipped_now() -> None:
    first = plan(None, {NAME: A, "rules/x.toml": C}, {NAME: A, "rules/x.toml": A, "rules/y.toml": A})
    assert first.waiting == ("rules/x.toml", "rules/y.toml")
    assert first.base == {NAME: content_digest(A), "rules/x.toml": UNKNOWN, "rules/y.toml": UNKNOWN}
    again = plan(first.base, first.files, {NAME: B, "rules/x.toml": B, "rules/y.toml": B})
    assert again.states == {NAME: "newer", "rules/x.toml": "unknown", "rules/y.toml": "unknown"}


PAIR = {RULE: content_digest(A), LETTER: content_digest(A)}


@pytest.mark.parametrize("changed", [RULE, LETTER])
def test_a_rule_and_its_letter_wait_for_one_another(changed: str) -> None:
    shop = {RULE: A, LETTER: A, changed: C}
    made = plan(PAIR, shop, {RULE: B, LETTER: B})
    assert (made.taken, set(made.waiting), made.files) == ((), {RULE, LETTER}, shop)
    taken = plan(PAIR, shop, {RULE: B, LETTER: B}, accept=[changed])
    assert taken.files == {RULE: B, LETTER: B}
    kept = plan(PAIR, shop, {RULE: B, LETTER: B}, keep=[changed])
    assert (kept.files, kept.kept) == (shop, (RULE, LETTER))


def test_a_letter_is_taken_where_only_the_shop_changed_its_rule() -> None:
    made = plan(PAIR, {RULE: C, LETTER: A}, {RULE: A, LETTER: B})
    assert made.files == {RULE: C, LETTER: B}


def test_partners_are_rules_of_situations_and_letters_only() -> None:
    assert (partner(RULE), partner(LETTER)) == (LETTER, RULE)
    assert partner(NAME) == ""


NAMES = st.sampled_from([NAME, RULE, LETTER, "templates/_blocs.txt.j2"])
FILES = st.dictionaries(NAMES, st.sampled_from([A, B, C]))
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
BASES = st.none() | st.dictionaries(NAMES, st.sampled_from([content_digest(A), content_digest(B), UNKNOWN]))


@PATIENT
@given(BASES, FILES, FILES, st.lists(NAMES), st.lists(NAMES))
def test_the_same_update_a_second_time_changes_nothing(
    base: dict[str, str] | None,
    shop: dict[str, bytes],
    shipped: dict[str, bytes],
    accept: list[str],
    keep: list[str],
) -> None:
    first = plan(base, shop, shipped, accept=accept, keep=keep)
    again = plan(first.base, first.files, shipped)
    assert again.taken == () and again.waiting == first.waiting
    assert (again.files, again.base) == (first.files, first.base)


@PATIENT
@given(BASES, FILES, FILES)
def test_without_a_word_of_a_person_no_text_of_the_shop_goes(
    base: dict[str, str] | None, shop: dict[str, bytes], shipped: dict[str, bytes]
) -> None:
    made = plan(base, shop, shipped)
    for name, data in shop.items():
        assert made.files.get(name) == data or content_digest(data) == (base or {}).get(name)

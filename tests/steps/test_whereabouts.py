"""Whether a draft of ours is where we put it, was rewritten by an agent, or is gone."""

from mailbot.steps.outgoing import Outgoing
from mailbot.steps.whereabouts import Found, Placed, Seen, locate

TOKEN, OTHER = "a" * 32, "b" * 32


def ours(number: int = 1, uid: int | None = 10, *, token: str = TOKEN, touched: bool = False) -> Placed:
    return Placed(
        id=number,
        uid=uid,
        floor=10,
        token=token,
        message_id=f"<brouillon.{token}@boutique.example>",
        answers=f"<question{number}@mail.example>",
        to="marie@mail.example",
        subject="mon colis",
        touched=touched,
    )


def seen(
    uid: int,
    *,
    token: str | None = None,
    answers: str = "",
    to: str = "marie@mail.example",
    subject: str = "mon colis",
    same: bool | None = None,
    known_by: str = "<x@poste.example>",
) -> Seen:
    letter = Outgoing(
        known_by=known_by,
        in_reply_to=(answers,) if answers else (),
        references=(),
        recipients=(to,),
        subject=subject,
        ticket=None,
        token=token,
        automatic=False,
    )
    return Seen(uid=uid, letter=letter, subject=subject, same=same)


def test_a_draft_at_its_uid_with_its_mark_is_ours() -> None:
    assert locate([ours()], [seen(10, token=TOKEN)]) == {1: Found("ours", 10)}


def test_another_message_at_that_uid_is_not_ours() -> None:
    assert locate([ours()], [seen(10, to="autre@mail.example")]) == {1: Found("gone")}


def test_a_draft_is_known_by_its_message_id_where_the_server_drops_our_header() -> None:
    assert locate([ours()], [seen(10, known_by=f"<brouillon.{TOKEN}@boutique.example>")])[1].where == "ours"


def test_a_copy_that_says_something_else_is_an_edit() -> None:
    assert locate([ours()], [seen(12, token=TOKEN, same=False)]) == {1: Found("edited", 12)}


def test_an_edit_beside_our_own_is_seen_before_the_program_removes_the_old_one() -> None:
    both = [seen(10, token=TOKEN), seen(12, token=TOKEN, same=False)]
    assert locate([ours()], both) == {1: Found("ours", 10, also=12)}


def test_a_copy_that_says_the_same_is_as_good_as_ours() -> None:
    assert locate([ours()], [seen(12, token=TOKEN, same=True)]) == {1: Found("ours", 12)}


def test_an_edit_without_our_headers_is_known_by_thread_then_subject_then_recipient() -> None:
    thread = seen(12, answers="<question1@mail.example>", subject="tout autre chose")
    subject = seen(13)
    recipient = seen(14, subject="tout autre chose")
    assert locate([ours()], [thread, subject, recipient])[1].uid == 12
    assert locate([ours()], [subject, recipient])[1].uid == 13
    assert locate([ours()], [recipient]) == {1: Found("edited", 14, sure=False)}
    assert locate([ours()], [seen(14, to="autre@mail.example")]) == {1: Found("gone")}


def test_a_message_older_than_our_draft_is_no_edit_of_it() -> None:
    assert locate([ours()], [seen(9, answers="<question1@mail.example>")]) == {1: Found("gone")}


def test_one_edit_is_given_to_one_draft_only() -> None:
    drafts = [ours(1), ours(2, 11, token=OTHER)]
    found = locate(drafts, [seen(12, answers="<question2@mail.example>")])
    assert found == {1: Found("gone"), 2: Found("edited", 12)}


def test_a_draft_beside_our_own_is_the_agents_own_and_none_of_ours() -> None:
    assert locate([ours()], [seen(10, token=TOKEN), seen(12, answers="<question1@mail.example>")]) == {
        1: Found("ours", 10)
    }


def test_an_edit_that_was_seen_stays_an_edit_and_is_followed_to_its_next_copy() -> None:
    edited = ours(uid=12, touched=True)
    assert locate([edited], [seen(12)]) == {1: Found("edited", 12)}
    assert locate([edited], [seen(15)]) == {1: Found("edited", 15)}
    assert locate([edited], []) == {1: Found("gone")}


def test_a_planned_draft_that_reached_the_folder_is_found_by_its_mark_and_never_by_likeness_to_older_mail() -> (
    None
):
    planned = ours(uid=None)
    assert locate([planned], [seen(10, token=TOKEN, same=True)]) == {1: Found("ours", 10)}
    assert locate([planned], [seen(8)]) == {1: Found("gone")}

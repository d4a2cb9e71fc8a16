"""mailbot.edges.mailbox against servers that misbehave, and its pure parts."""

import threading

import pytest

from mailbot.edges import drafts_folder, idle
from mailbot.edges.backoff import backoff
from mailbot.edges.folders import Folder, nearest, saves_sent_itself, special
from mailbot.edges.imap_fetch import Sized, plan
from mailbot.edges.mailbox import connect
from mailbot.errors import NeedsHuman, TryAgain
from mailbot.model import RawMail
from tests.servers.imap import HANG_UP, Reply, ScriptedImap

SIZES = b"".join(
    b'* %d FETCH (UID %d RFC822.SIZE 20 INTERNALDATE "20-Nov-2026 10:00:00 +0100")\r\n' % (number, number)
    for number in (1, 2, 3)
).rstrip()


def body(uid: int) -> bytes:
    text = b"Subject: %d\r\n\r\nBonjour" % uid
    return b"* %d FETCH (UID %d BODY[] {%d}\r\n%s)" % (uid, uid, len(text), text)


def header(uid: int) -> bytes:
    return b"* %d FETCH (UID %d BODY[HEADER]<0> {17}\r\nSubject: tete\r\n\r\n)" % (uid, uid)


def results(rules: dict[str, bytes | Reply], uids: tuple[int, ...] = (1, 2, 3)) -> list[tuple[int, object]]:
    usual: dict[str, bytes | Reply] = {r"UID FETCH [\d,]+ \(RFC822.SIZE()": SIZES}
    with ScriptedImap({**rules, **usual}, exists=3) as server, connect(server.account(), "x") as box:
        box.examine("INBOX")
        found = list(box.fetch(uids, 1_000_000))
    return [(item.uid, item.complete if isinstance(item, RawMail) else item.reason) for item in found]


def single(uid: int) -> str:
    return rf"UID FETCH {uid} \(BODY.PEEK\[\]\)"


def test_a_body_the_server_withholds_becomes_its_header() -> None:
    found = results(
        {
            r"UID FETCH 1,2,3 \(BODY": body(1) + b"\r\n* 2 FETCH (UID 2 BODY[] NIL)\r\n" + body(3),
            single(2): b"* 2 FETCH (UID 2 BODY[] NIL)",
            r"UID FETCH 2 \(BODY.PEEK\[HEADER\]": header(2),
        }
    )
    assert sorted(found) == [(1, True), (2, False), (3, True)]


def test_a_mail_that_kills_the_connection_does_not_stop_the_others() -> None:
    found = results(
        {
            r"UID FETCH 1,2,3 \(BODY": HANG_UP,
            single(1): body(1),
            single(2): HANG_UP,
            r"UID FETCH 2 \(BODY.PEEK\[HEADER\]": HANG_UP,
            single(3): body(3),
        }
    )
    assert [uid for uid, _ in found] == [1, 2, 3]
    assert found[0][1] is True and found[2][1] is True
    assert "n'en rend ni le corps ni les en-têtes" in str(found[1][1])


def test_a_refused_mail_does_not_stop_the_others() -> None:
    found = results(
        {
            r"UID FETCH 1,2,3 \(BODY": b"%T NO [SERVERBUG] internal error",
            single(1): body(1),
            single(2): b"%T NO [SERVERBUG] internal error",
            r"UID FETCH 2 \(BODY.PEEK\[HEADER\]": header(2),
            single(3): body(3),
        }
    )
    assert found == [(1, True), (2, False), (3, True)]


def test_a_mail_without_readable_size_stands_alone_as_a_failure() -> None:
    one = SIZES.splitlines()
    found = results(
        {
            r"UID FETCH (1,2,3|2,3|2) \(RFC822.SIZE": b"%T NO [SERVERBUG] index corrompu",
            r"UID FETCH 1 \(RFC822.SIZE": one[0],
            r"UID FETCH 3 \(RFC822.SIZE": one[2],
            r"UID FETCH 1,3 \(BODY": body(1) + b"\r\n" + body(3),
        }
    )
    assert "ni la taille ni la date" in str(dict(found).pop(2))
    assert {uid for uid, complete in found if complete is True} == {1, 3}


def test_a_mail_without_arrival_date_takes_its_date_header() -> None:
    dated = b"Date: Fri, 20 Nov 2026 10:00:00 +0100\r\n\r\nBonjour"
    rules: dict[str, bytes | Reply] = {
        r"UID FETCH 1,2 \(RFC822.SIZE": b'* 1 FETCH (UID 1 RFC822.SIZE 20 INTERNALDATE "hier")\r\n'
        b"* 2 FETCH (UID 2 RFC822.SIZE 20 INTERNALDATE NIL)",
        r"UID FETCH 1,2 \(BODY": b"* 1 FETCH (UID 1 BODY[] {%d}\r\n%s)\r\n" % (len(dated), dated) + body(2),
    }
    found = results(rules, (1, 2))
    assert found[0] == (1, True)
    assert "quand il est arrivé" in str(found[1][1])


def test_an_answer_that_cannot_be_parsed_is_asked_for_again_one_by_one() -> None:
    found = results(
        {
            r"UID FETCH 1,2,3 \(BODY": b"* 1 FETCH (UID 1 BODY[] ((( \r\n" + body(2),
            **{single(uid): body(uid) for uid in (1, 2, 3)},
        }
    )
    assert found == [(1, True), (2, True), (3, True)]


def test_unsolicited_answers_and_vanished_mails_do_no_harm() -> None:
    noise = b"* 2 FETCH (FLAGS (\\Seen))\r\n* 9 EXISTS\r\n* OK Still here\r\n"
    sizes = noise + SIZES + b"\r\n* 4 FETCH (FLAGS (\\Seen))"
    found = results(
        {
            r"UID FETCH [\d,]+ \(RFC822.SIZE": sizes,
            r"UID FETCH 1,2,3 \(BODY": noise + body(1) + b"\r\n" + noise + body(3),
            r"UID FETCH 2 \(RFC822.SIZE": b"",
        },
        (1, 2, 3, 4),
    )
    # UID 2 is still listed when looked for again, so it is asked for singly, and then given up
    assert [uid for uid, _ in found][:2] == [1, 3]
    assert 4 not in [uid for uid, _ in found]


def test_a_body_sent_as_a_quoted_string_is_read() -> None:
    assert results({r"UID FETCH 1 \(BODY": b'* 1 FETCH (UID 1 BODY[] "a \\"b\\"")'}, (1,)) == [(1, True)]


def test_a_farewell_is_try_again() -> None:
    with ScriptedImap({}, greeting=b"* BYE trop de monde") as server, pytest.raises(TryAgain):
        connect(server.account(), "x")
    with ScriptedImap({"LOGIN": b"* BYE maintenance\r\n%T NO bye"}) as server, pytest.raises(TryAgain):
        connect(server.account(), "x")


def refusal(answer: bytes) -> Exception:
    with ScriptedImap({"LOGIN": answer}) as server, pytest.raises((TryAgain, NeedsHuman)) as caught:
        connect(server.account(), "x")
    return caught.value


def test_a_busy_server_is_not_a_wrong_password() -> None:
    busy = refusal(b"%T NO [UNAVAILABLE] annuaire en panne")
    assert isinstance(busy, TryAgain) and "annuaire en panne" in str(busy)
    wrong = refusal(b"%T NO [AUTHENTICATIONFAILED] non")
    assert isinstance(wrong, NeedsHuman) and "refusé" in str(wrong)


def test_a_greeting_that_skips_the_login_does_not_bypass_starttls() -> None:
    with ScriptedImap({}, greeting=b"* PREAUTH bienvenue") as server:
        with pytest.raises(NeedsHuman, match="n'offre pas STARTTLS"):
            connect(server.account(security="starttls"), "secret")
        assert not [command for command in server.heard if "secret" in command]


def test_a_silent_server_is_given_up_after_the_timeout() -> None:
    with (
        ScriptedImap({"EXAMINE": b"\0" * 40}) as server,
        connect(server.account(timeout_seconds=0.5), "x") as box,
        pytest.raises(TryAgain, match="pas de réponse"),
    ):
        box.examine("INBOX")


def test_a_star_range_that_answers_the_last_mail_again_brings_nothing() -> None:
    rules: dict[str, bytes | Reply] = {r"FETCH 2": b"* 2 FETCH (UID 2)", "UID SEARCH": b"* SEARCH 2"}
    with ScriptedImap(rules, exists=2) as server, connect(server.account(), "x") as box:
        box.examine("INBOX")
        assert list(box.new_uids(2)) == []
        assert list(box.new_uids(1)) == [[2]]


def test_a_listing_over_several_lines_is_read() -> None:
    rules: dict[str, bytes | Reply] = {
        r"FETCH 2": b"* 2 FETCH (UID 2)",
        "UID SEARCH": b"* SEARCH 1\r\n* SEARCH 2",
        r"UID FETCH 1,2 \(UID\)": b"* 1 FETCH (UID 1)\r\n* 2 FETCH (UID 2)",
    }
    with ScriptedImap(rules, exists=2) as server, connect(server.account(), "x") as box:
        box.examine("INBOX")
        assert list(box.new_uids(0)) == [[1, 2]]


IDLING: list[tuple[bytes, bool]] = [
    (b"+ idling\r\n\0* 3 EX\0IS\0TS", True),  # in pieces
    (b"+ idling\r\n* 3 EXISTS", True),  # in the packet of the continuation
    (b"* 3 EXISTS\r\n+ idling", True),  # before it
    (b"+ idling\r\n\0* OK Still here", False),
    (b"+ idling\r\n\0* 1 FET\0CH (FLAGS (\\Seen))", False),
]


@pytest.mark.parametrize(("answer", "news"), IDLING)
def test_idle_understands_every_way_of_telling_news(answer: bytes, news: bool) -> None:
    with ScriptedImap({"IDLE": answer + b"\r\n* OK %T"}) as server, connect(server.account(), "x") as box:
        box.examine("INBOX")
        assert box.idle(threading.Event(), 1.0) is news
        assert box.examine("INBOX").exists == 2


def test_idle_that_is_refused_is_try_again() -> None:
    with ScriptedImap({"IDLE": b"%T BAD no"}) as server, connect(server.account(), "x") as box:
        box.examine("INBOX")
        with pytest.raises(TryAgain):
            box.idle(threading.Event(), 1)


def test_idle_is_renewed_before_the_server_hangs_up() -> None:
    with ScriptedImap({"IDLE": b"+ idling\r\n* OK %T"}) as server, connect(server.account(), "x") as box:
        box.examine("INBOX")
        assert idle.wait(box.client, threading.Event(), 1.0, renew=0.1) is False
        assert server.heard.count("IDLE") == server.heard.count("DONE") >= 3


def test_the_library_neither_logs_every_line_nor_makes_naive_times() -> None:
    with ScriptedImap({}) as server, connect(server.account(), "x") as box:
        assert (box.client._imap.debug, box.client.normalise_times) == (0, False)


# --- pure parts


def test_batches_are_bounded_by_number_and_by_bytes() -> None:
    sized = {uid: Sized(1_000_000, None) for uid in range(1, 21)}
    sized[30] = Sized(9_000_000, None)
    sized[31] = Sized(30_000_000, None)
    batches = list(plan(sized, 25_000_000))
    assert [len(batch) for batch, _ in batches] == [8, 8, 4, 1, 1]
    assert "HEADER" in batches[-1][1] and batches[-1][0] == [31]
    assert [len(batch) for batch, _ in plan({uid: Sized(10, None) for uid in range(120)}, 100)] == [
        50,
        50,
        20,
    ]


def test_backoff_climbs_to_five_minutes_and_jitters_by_a_fifth() -> None:
    assert [backoff(attempt) for attempt in range(1, 11)] == [1, 2, 5, 10, 30, 60, 120, 300, 300, 300]
    assert (backoff(8, 1.0), backoff(8, -1.0), backoff(8, 9.0)) == (360, 240, 360)


def folder(name: str, *flags: str, delimiter: str = ".") -> Folder:
    return Folder(name=name, delimiter=delimiter, flags=frozenset(flags))


@pytest.mark.parametrize(
    "name",
    [
        "Envoyés",
        "INBOX.Sent",
        "Sent Items",
        "Éléments envoyés",
        "INBOX.Messages envoyés",
        "[Gmail].Messages envoyés",
    ],
)
def test_the_sent_folder_is_known_by_its_names(name: str) -> None:
    assert special([folder("INBOX"), folder("Clients.Sent"), folder(name)], "Sent") == name


def test_a_flag_beats_a_name_and_a_folder_that_holds_nothing_is_passed_over() -> None:
    assert special([folder("Sent"), folder("Départ", "\\sent")], "Sent") == "Départ"
    assert special([folder("Sent", "\\noselect"), folder("Envoyés")], "Sent") == "Envoyés"
    assert special([folder("INBOX")], "Sent") is None


def test_the_nearest_folder_is_named_only_when_it_is_near() -> None:
    assert nearest("Boite de reception", ["INBOX", "Boîte de réception"]) == "Boîte de réception"
    assert nearest("zzzz", ["INBOX"]) is None


@pytest.mark.parametrize(
    ("host", "capabilities", "saves"),
    [
        ("smtp.gmail.com", (), True),
        ("smtp.office365.com", (), True),
        ("smtp-mail.outlook.com.", (), True),
        ("mail.boutique.fr", ("X-GM-EXT-1",), True),
        ("ssl0.ovh.net", ("IDLE",), False),
        ("notgmail.com", (), False),
    ],
)
def test_providers_that_file_sent_mail_themselves_are_known(
    host: str, capabilities: tuple[str, ...], saves: bool
) -> None:
    assert saves_sent_itself(host, capabilities) is saves


def test_a_mail_in_sent_that_the_server_cannot_hand_out_does_not_hide_the_others() -> None:
    def one(uid: int) -> bytes:
        return b"* %d FETCH (UID %d BODY[HEADER]<0> {9}\r\nTo: a@b\r\n)" % (uid, uid)

    with (
        ScriptedImap(
            {
                r"UID FETCH 1,2,3 ": b"* 1 FETCH (UID 1)\r\n%T NO [SERVERBUG] cannot be converted",
                r"UID FETCH 1 ": one(1),
                r"UID FETCH (2,3|2) \(BODY": b"%T NO [SERVERBUG] cannot be converted",
                r"UID FETCH 3 ": one(3),
            }
        ) as server,
        connect(server.account(), "x") as box,
    ):
        box.examine("Sent")
        assert [held.uid for held in drafts_folder.headers(box, [1, 2, 3], some=True)] == [1, 3]


def test_a_line_that_breaks_while_sent_is_read_hides_no_mail() -> None:
    with ScriptedImap({"UID FETCH": HANG_UP}) as server, connect(server.account(), "x") as box:
        box.examine("Sent")
        with pytest.raises(TryAgain):
            list(drafts_folder.headers(box, [1], some=True))


def test_a_server_that_refuses_everything_for_a_while_hides_no_mail() -> None:
    throttled = {"UID FETCH": b"%T NO [THROTTLED] later"}
    with ScriptedImap(throttled) as server, connect(server.account(), "x") as box:  # type: ignore[arg-type]
        box.examine("Sent")
        for some in (True, False):
            with pytest.raises(TryAgain):
                list(drafts_folder.headers(box, [1, 2], some=some))


def test_a_draft_the_server_does_not_hand_out_is_not_taken_for_deleted() -> None:
    refused = {r"UID FETCH \S+ \(BODY": b"%T NO [SERVERBUG] cannot be converted"}
    with ScriptedImap(refused) as server, connect(server.account(), "x") as box:  # type: ignore[arg-type]
        box.examine("Drafts")
        with pytest.raises(TryAgain):
            list(drafts_folder.headers(box, [1]))

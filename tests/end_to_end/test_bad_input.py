"""Hostile and broken input: each has its clear French message, and nothing else stops."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.end_to_end.letters import letter, orders_csv
from tests.end_to_end.mailroom import HookedSmtp
from tests.end_to_end.shop import Shop, cases_by_mail

pytestmark = pytest.mark.server

HEAD = b"From: x@mail.example\r\nTo: sav@localhost\r\nSubject: "


def many_parts(number: int) -> bytes:
    part = b"--b\r\nContent-Type: text/plain\r\n\r\nBonjour\r\n"
    return (
        HEAD + b"parties\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + part * number + b"--b--\r\n"
    )


def nested(depth: int) -> bytes:
    head = b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n"
    return HEAD + b"poupees russes\r\n" + b"".join(head % (n, n) for n in range(depth)) + b"\r\nfin\r\n"


HOSTILE = {
    "unreadable MIME": HEAD
    + b"mime\r\nContent-Type: multipart/mixed\r\n\r\n--?\r\nContent-Type: x/;;=\r\n\r\n\xff",
    "broken base64": HEAD + b"b64\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!=QQ\xff\r\n",
    "unknown charset": HEAD
    + b"=?klingon?q?caf=E9?=\r\nContent-Type: text/plain; charset=klingon\r\n\r\ncaf\xe9\r\n",
    "10,000 parts": many_parts(10_000),
    "500 levels": nested(500),
    "NUL bytes": HEAD + b"n\x00ul\r\n\r\nBonjour \x00\x00 commande\r\n",
    "binary": bytes(range(256)) * 200,
    "long line": HEAD + b"long\r\n\r\n" + b"a" * 3_000_000,
    "20,000 headers": HEAD + b"lourd\r\n" + b"X-A: b\r\n" * 20_000 + b"\r\nBonjour\r\n",
    "lone surrogates": HEAD + b"s\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\xed\xa0\x80 bonjour\r\n",
    "40 MB": HEAD + b"gros\r\n\r\n" + (b"x" * 76 + b"\r\n") * 512_820,
}


@pytest.mark.slow
def test_no_hostile_mail_stops_the_others(shop: Shop) -> None:
    shop.dovecot.drop([*HOSTILE.values(), letter(1)], shop.user)
    passed = shop.ok("once", "--json").json[0]
    assert (passed["fetched"], passed["prepared"]) == (len(HOSTILE) + 1, len(HOSTILE) + 1)
    assert cases_by_mail(shop) == [1] * (len(HOSTILE) + 1)
    assert shop.states("replies") != {}
    for name, words in (("gros", "trop volumineux"), ("parties", "")):
        (action, reasons) = shop.rows(f"SELECT action, reasons FROM cases WHERE subject = '{name}'")[0]
        assert action in ("human", "draft") and words in reasons, (name, reasons)
    shop.ok("drafts", "list")
    for (number,) in shop.rows("SELECT id FROM replies"):
        shop.ok("drafts", "show", str(number))


def test_a_40_mb_mail_is_read_whole_when_the_limit_allows_it(shop: Shop) -> None:
    shop.configure(shop.account(max_message_mb=60))
    shop.dovecot.drop([HOSTILE["40 MB"], letter(1)], shop.user)
    shop.ok("once")
    assert cases_by_mail(shop) == [1, 1]
    assert shop.one("SELECT min(complete) FROM mails") == 1


def test_injected_headers_never_reach_what_we_send(shop: Shop) -> None:
    evil = "=?utf-8?q?Colis=0D=0ABcc:_espion@mail.example=0D=0A=0D=0APi=C3=A9g=C3=A9?="
    name = "=?utf-8?q?Camille=0D=0ABcc:_espion@mail.example?= <client1@mail.example>"
    shop.deliver(letter(1, subject=evil, sender=name, extra=["Reply-To: client1@mail.example"]))
    with HookedSmtp() as smtp:
        (shop.directory / "o.csv").write_text(orders_csv([1]), "utf-8")
        shop.configure(shop.account(smtp={"port": smtp.port}))
        shop.ok("orders", "import", "o.csv")
        shop.ok("once")
        shop.ok("drafts", "approve", "1")
        shop.ok("once")
        (sent,) = smtp.letters
        assert [line for line in smtp.heard if line.startswith("RCPT")] == ["RCPT TO:<client1@mail.example>"]
    assert sent["Bcc"] is None and len(sent.get_all("To", [])) == 1


def unknown_key(shop: Shop) -> None:
    shop.configure(sending={"undo_second": 5})


def broken_toml(shop: Shop) -> None:
    shop.config.write_text("[accounts\n", "utf-8")


def rule_typo(shop: Shop) -> None:
    path = own(shop) / "rules/situations/colis_non_recu/en_transit_dans_les_delais.toml"
    path.write_text(path.read_text("utf-8").replace("expediee = true", "expedie = true", 1), "utf-8")


def unknown_variable(shop: Shop) -> None:
    path = own(shop) / "templates/colis_non_recu/en_transit_dans_les_delais.txt.j2"
    path.write_text(path.read_text("utf-8") + "\n{{ comande.numero }}\n", "utf-8")


def broken_template(shop: Shop) -> None:
    path = own(shop) / "templates/colis_non_recu/en_transit_dans_les_delais.txt.j2"
    path.write_text(path.read_text("utf-8") + "\n{% if %}\n", "utf-8")


def orphan_template(shop: Shop) -> None:
    (own(shop) / "templates/colis_non_recu/seul.txt.j2").write_text("Bonjour", "utf-8")


def own(shop: Shop) -> Path:
    shop.configure(rules_dir="rules", templates_dir="templates")
    return shop.own_rules()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (unknown_key, ("sending.undo_second : clé inconnue", "« undo_seconds »")),
        (broken_toml, ("config.toml : syntaxe TOML incorrecte",)),
        (rule_typo, ("en_transit_dans_les_delais.toml", "expedie", "expediee")),
        (unknown_variable, ("en_transit_dans_les_delais.txt.j2", "comande", "commande")),
        (broken_template, ("en_transit_dans_les_delais.txt.j2",)),
        (orphan_template, ("seul.txt.j2",)),
    ],
)
def test_a_mistake_in_a_file_is_named_and_nothing_starts(
    shop: Shop, spoil: Callable[[Shop], None], words: tuple[str, ...]
) -> None:
    spoil(shop)
    for command in ("once", "check"):
        done = shop.run(command)
        assert done.code == 1
        for word in words:
            assert word in done.said, (command, done.said)


def test_broken_rows_of_an_orders_file_are_named_and_the_others_imported(shop: Shop) -> None:
    good = orders_csv([1, 2])
    bad = 'X-1,site,demain\nX-2,site\n,site,2026-01-01\n"X'
    (shop.directory / "o.csv").write_text(good + bad, "utf-8")
    done = shop.ok("orders", "import", "o.csv")
    assert "2 commandes importées" in done.out
    for line in (4, 5, 6, 7):
        assert f"ligne {line} ignorée" in done.out, done.out
    assert shop.one("SELECT count(*) FROM orders") == 2


def test_wrong_usage_is_told_from_failure(shop: Shop) -> None:
    usage = shop.run("drafts", "approve", "douze")
    assert usage.code == 2 and "NUMERO : un nombre entier est attendu" in usage.err
    usage = shop.run("drafts", "list", "--limit", "0")
    assert usage.code == 2 and "--limit : le nombre est trop petit" in usage.err
    missing = shop.run("drafts", "approve", "12")
    assert missing.code == 1 and "la réponse 12 n'existe pas" in missing.err
    absent = shop.run("orders", "import", "absent.csv")
    assert absent.code == 1 and "absent.csv" in absent.err

"""Coming in: passwords, second factor, links, brakes; what a form must carry; where one may be sent."""

from collections.abc import Callable

import pytest

from mailbot.edges.store import Store, audit, desk, people
from mailbot.web import credentials
from mailbot.web.office import Office
from mailbot.web.people import invitation
from mailbot.web.visit import own_path
from tests.edges.store.samples import NOW, draft
from tests.web.conftest import PASSWORD, Browser, Watch, arrives, hire, said


def test_without_a_session_every_page_leads_to_the_login_and_back(
    store: Store, browser: Callable[[], Browser]
) -> None:
    hire(store, "Claire")
    number = draft(store).case.id
    window = browser()
    answer = window.get(f"/tickets/{number}")
    assert answer.url.path == "/connexion"
    assert answer.url.params["suite"] == f"/tickets/{number}"
    answer = window.post("/connexion", nom="claire ", mot_de_passe=PASSWORD, suite=f"/tickets/{number}")
    assert answer.url.path == f"/tickets/{number}"


def test_a_wrong_password_and_an_unknown_name_are_refused_with_the_same_words(
    store: Store, browser: Callable[[], Browser]
) -> None:
    hire(store, "Claire")
    window = browser()
    answers = [window.come_in("Claire", "faux"), window.come_in("Personne", "faux")]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert all("Nom, mot de passe ou code incorrect." in said(answer) for answer in answers)


def test_after_five_failures_even_the_right_password_must_wait(
    store: Store, browser: Callable[[], Browser], clock: Watch
) -> None:
    hire(store, "Claire")
    window = browser()
    for _ in range(5):
        window.come_in("Claire", "faux")
    assert window.come_in("Claire").status_code == 429
    clock.wait(minutes=16)
    assert window.come_in("Claire").status_code == 200


def test_a_session_ends_when_idle_when_old_and_when_put_out(
    store: Store, claire: Browser, clock: Watch
) -> None:
    clock.wait(minutes=119)
    assert claire.get("/").url.path == "/"
    clock.wait(minutes=121)
    assert claire.get("/").url.path == "/connexion"
    claire.come_in("Claire")
    for _ in range(7):
        clock.wait(minutes=110)
        claire.get("/")
    assert claire.get("/").url.path == "/connexion"


def test_leaving_ends_the_session_on_the_server_too(claire: Browser, browser: Callable[[], Browser]) -> None:
    stolen = claire.client.cookies.get("mailbot") or ""
    claire.post("/deconnexion")
    thief = browser()
    thief.client.cookies.set("mailbot", stolen, domain="127.0.0.1")
    assert thief.get("/").url.path == "/connexion"


def test_the_cookie_changes_when_one_comes_in(store: Store, browser: Callable[[], Browser]) -> None:
    hire(store, "Claire")
    window = browser()
    window.get("/connexion")
    before = window.client.cookies.get("mailbot")
    answer = window.client.post(
        "/connexion",
        data={"jeton": window.key, "nom": "Claire", "mot_de_passe": PASSWORD},
        follow_redirects=False,
    )
    assert "httponly" in answer.headers["set-cookie"].lower()
    assert "samesite=lax" in answer.headers["set-cookie"].lower()
    assert window.client.cookies.get("mailbot") != before


def test_a_second_factor_is_asked_for_and_each_code_serves_once(
    store: Store, browser: Callable[[], Browser], clock: Watch
) -> None:
    person = hire(store, "Claire")
    secret = credentials.totp_secret()
    codes = credentials.recovery_codes()
    people.set_second_factor(store, person.id, secret, [credentials.recovery_digest(code) for code in codes])
    code = credentials.code_at(secret, int(clock.at.timestamp()) // 30)
    assert browser().come_in("Claire").status_code == 401
    assert browser().come_in("Claire", code=code).status_code == 200
    assert browser().come_in("Claire", code=code).status_code == 401
    assert browser().come_in("Claire", code=codes[0].upper()).status_code == 200
    assert browser().come_in("Claire", code=codes[0]).status_code == 401


def test_an_agent_sets_up_the_second_factor_with_a_code_of_the_telephone(
    store: Store, claire: Browser, clock: Watch
) -> None:
    answer = claire.post("/compte/double")
    assert '<svg class="qr"' in answer.text
    secret = answer.text.partition('name="secret" value="')[2].partition('"')[0]
    assert "n&#39;est pas le bon" in claire.post("/compte/double/activer", secret=secret, code="000000").text
    code = credentials.code_at(secret, int(clock.at.timestamp()) // 30)
    answer = claire.post("/compte/double/activer", secret=secret, code=code)
    assert answer.text.count("<li><code>") == 10
    assert people.named(store, "Claire").totp_secret == secret


@pytest.mark.parametrize(
    ("step", "code"),
    [(59, "94287082"), (1111111109, "07081804"), (1234567890, "89005924"), (20000000000, "65353130")],
)
def test_codes_are_those_of_rfc_6238(step: int, code: str) -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # the RFC's key, 12345678901234567890
    assert credentials.code_at(secret, step // 30, digits=8) == code


@pytest.mark.parametrize(("counter", "code"), [(0, "755224"), (1, "287082"), (9, "520489")])
def test_codes_are_those_of_rfc_4226(counter: int, code: str) -> None:
    assert credentials.code_at("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", counter) == code


def test_a_link_makes_the_first_administrator_and_works_once(
    store: Store, office: Office, browser: Callable[[], Browser]
) -> None:
    link = invitation(office, people.add(store, "Denis", "admin", NOW)).partition("8025")[2]
    window = browser()
    window.get(link)
    assert "au moins 10" in said(window.post(link, mot_de_passe="court", encore="court"))
    assert "diffèrent" in said(window.post(link, mot_de_passe=PASSWORD, encore=PASSWORD + "!"))
    assert window.post(link, mot_de_passe=PASSWORD, encore=PASSWORD).url.path == "/compte"
    assert window.get("/personnes").status_code == 200
    assert "déjà servi" in said(browser().get(link))


def test_a_link_is_good_for_three_days(
    store: Store, office: Office, browser: Callable[[], Browser], clock: Watch
) -> None:
    link = invitation(office, people.add(store, "Denis", "admin", NOW)).partition("8025")[2]
    clock.wait(hours=73)
    assert browser().get(link).status_code == 404


def test_a_form_without_the_visitors_key_changes_nothing(store: Store, claire: Browser) -> None:
    number = draft(store).case.id
    for key in ("", "0" * 64):
        answer = claire.client.post(f"/tickets/{number}/noter", data={"jeton": key, "note": "intrus"})
        assert answer.status_code == 403
    assert "intrus" not in said(claire.get(f"/tickets/{number}"))


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://ailleurs.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_a_form_sent_from_elsewhere_is_refused_even_with_the_key(
    store: Store, claire: Browser, headers: dict[str, str]
) -> None:
    number = draft(store).case.id
    claire.get(f"/tickets/{number}")
    data = {"jeton": claire.key, "note": "intrus"}
    assert claire.client.post(f"/tickets/{number}/noter", data=data, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "//ailleurs.example",
        "https://ailleurs.example",
        "/\\ailleurs.example",
        "/\n/ailleurs.example",
        "javascript:x",
        "",
    ],
)
def test_nobody_is_sent_elsewhere(path: str) -> None:
    assert own_path(path) == "/"


def test_an_agent_does_not_reach_an_administrators_page_and_the_attempt_is_noted(
    store: Store, claire: Browser
) -> None:
    assert claire.get("/personnes").status_code == 403
    assert claire.post("/personnes", nom="Moi", role="admin").status_code == 403
    assert [line.kind for line in audit.lines(store)][:2] == ["acces_refuse", "acces_refuse"]
    assert len(people.everybody(store)) == 1


def test_an_agent_of_another_mailbox_does_not_learn_that_a_case_is_there(
    store: Store, browser: Callable[[], Browser]
) -> None:
    number = draft(store).case.id
    window = arrives(store, browser(), "Odile", accounts=("outlet",))
    there, nowhere = window.get(f"/tickets/{number}"), window.get("/tickets/999")
    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert said(there).replace(str(number), "N") == said(nowhere).replace("999", "N")
    assert "Marie" not in said(window.get("/"))
    assert "Marie" not in said(window.get("/recherche?q=marie"))
    assert window.post(f"/tickets/{number}/noter", note="x").status_code == 404
    assert desk.notes_of(store, number) == []

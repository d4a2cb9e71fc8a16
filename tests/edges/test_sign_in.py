"""Access tokens: kept, renewed, rotated, refused; and what an operator is told. Over real HTTP."""

import os
import stat
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from mailbot.edges import oauth as flows
from mailbot.edges import refresh_tokens
from mailbot.edges.sign_in import SignIn
from mailbot.errors import ConfigError, NeedsHuman, SignedOut, TryAgain
from tests.edges.granted import START, Clock, access, account, connected, section
from tests.servers.dovecot import CERTS
from tests.servers.oauth import CLIENT_SECRET, TokenServer
from tests.servers.smtp import certificate

pytestmark = pytest.mark.server


# --- access tokens


def test_an_access_token_is_kept_until_shortly_before_its_end(tmp_path: Path) -> None:
    with TokenServer() as tokens:
        oauth = section(tokens, tmp_path)
        connected(oauth, tokens)
        clock = Clock()
        key = access(account(oauth), clock)
        first = key.token()
        clock.now = START + timedelta(minutes=54)
        assert key.token() == first and tokens.count("refresh_token") == 1
        clock.now = START + timedelta(minutes=55)
        assert key.token() != first and tokens.count("refresh_token") == 2


def test_a_token_that_cannot_be_renewed_for_the_moment_serves_to_its_end(tmp_path: Path) -> None:
    with TokenServer() as tokens:
        oauth = section(tokens, tmp_path)
        connected(oauth, tokens)
        clock = Clock()
        key = access(account(oauth), clock)
        first = key.token()
        tokens.busy = 503
        clock.now = START + timedelta(minutes=59)
        assert key.token() == first
        clock.now = START + timedelta(minutes=60)
        with pytest.raises(TryAgain):
            key.token()
        tokens.busy = None
        assert key.token() != first


def test_a_token_of_a_short_life_is_not_asked_for_again_and_again(tmp_path: Path) -> None:
    with TokenServer(life=100) as tokens:
        oauth = section(tokens, tmp_path)
        connected(oauth, tokens)
        clock = Clock()
        key = access(account(oauth), clock)
        key.token()
        clock.now = START + timedelta(seconds=89)
        key.token()
        assert tokens.count("refresh_token") == 1
        clock.now = START + timedelta(seconds=91)
        key.token()
        assert tokens.count("refresh_token") == 2


def test_a_lasting_token_that_rotates_is_replaced_whole_and_outlives_the_process(tmp_path: Path) -> None:
    with TokenServer(rotates=True) as tokens:
        oauth = section(tokens, tmp_path)
        first = connected(oauth, tokens)
        for _process in range(3):
            access(account(oauth), Clock()).token()
        stored = refresh_tokens.read(oauth, "sav")
    assert stored.token != first and stored.connected_at == START
    folder = tmp_path / "oauth"
    assert {path.name for path in folder.iterdir()} == {"sav.json", "sav.verrou"}
    assert stat.S_IMODE((folder / "sav.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_many_threads_and_processes_use_a_rotating_token_once_each(tmp_path: Path) -> None:
    with TokenServer(rotates=True) as tokens:
        oauth = section(tokens, tmp_path)
        connected(oauth, tokens)
        shared = SignIn()
        keys = [access(account(oauth), Clock(), shared) for _ in range(4)]
        keys += [access(account(oauth), Clock()) for _ in range(4)]  # each as in a process of its own
        found: list[str] = []
        threads = [threading.Thread(target=lambda key=key: found.append(key.token())) for key in keys]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert len(found) == 8 and tokens.count("refresh_token") == 5


def test_a_newer_lasting_token_that_cannot_be_written_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with TokenServer(rotates=True) as tokens:
        oauth = section(tokens, tmp_path)
        connected(oauth, tokens)
        clock = Clock()
        key = access(account(oauth), clock)

        def full(*_given: object, **_named: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(ConfigError, match=r"n'a pas pu être gardé .*le disque est plein"):
            key.token()
        assert key.token() in tokens.good, "what was granted is used"
        monkeypatch.undo()
        clock.now += timedelta(hours=1)
        key.token()
        access(account(oauth), clock).token()
        assert tokens.count("refresh_token") == 3


def test_the_application_asks_in_its_own_right_with_its_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLIENT_SECRET", f"{CLIENT_SECRET}\n")
    with TokenServer() as tokens:
        oauth = section(tokens, tmp_path, grant="application", client_secret_env="CLIENT_SECRET")
        assert access(account(oauth), Clock()).token() in tokens.good
        assert tokens.asked[-1]["client_secret"] == CLIENT_SECRET
        monkeypatch.setenv("CLIENT_SECRET", "faux")
        with pytest.raises(NeedsHuman, match="client_id ou le secret de l'application est refusé") as refused:
            access(account(oauth), Clock()).token()
        assert "faux" not in str(refused.value) and not isinstance(refused.value, SignedOut)


# --- refusals


def test_a_mailbox_that_was_never_connected_names_the_command(tmp_path: Path) -> None:
    with TokenServer() as tokens:
        one = account(section(tokens, tmp_path), name="sav&co")
        with pytest.raises(SignedOut, match="Lancez : mailbot connect 'sav&co'"):
            access(one, Clock()).token()
        assert tokens.asked == []


def test_access_taken_back_is_told_once_and_ends_with_a_new_connection(tmp_path: Path) -> None:
    with TokenServer() as tokens:
        oauth = section(tokens, tmp_path)
        connected(oauth, tokens)
        tokens.refusal = {
            "error": "invalid_grant",
            "error_description": "AADSTS50057: The user account is disabled. Trace ID: 12 Correlation ID: 3",
        }
        clock, keys = Clock(), SignIn()
        said = []
        for _ in range(3):
            with pytest.raises(SignedOut) as refused:
                access(account(oauth), clock, keys).token()
            said.append((str(refused.value), refused.value.news))
            clock.now += timedelta(minutes=1)
        assert tokens.count("refresh_token") == 1, "the server is left in peace"
        assert [news for _, news in said] == [True, False, False]
        assert len({text for text, _ in said}) == 1
        assert "compte « sav » : accès par OAuth refusé, l'accès a été retiré ou a expiré" in said[0][0]
        assert "Le compte est désactivé dans Microsoft 365. Lancez : mailbot connect sav" in said[0][0]
        assert "Trace ID" not in said[0][0]
        assert refresh_tokens.read(oauth, "sav").refusal == said[0][0], "for `mailbot status`"
        tokens.refusal = None
        connected(oauth, tokens)
        assert access(account(oauth), clock, keys).token() in tokens.good


def test_access_that_is_given_again_at_the_provider_is_noticed(tmp_path: Path) -> None:
    with TokenServer() as tokens:
        oauth = section(tokens, tmp_path)
        connected(oauth, tokens)
        tokens.refusal = {"error": "invalid_grant"}
        clock, keys = Clock(), SignIn()
        with pytest.raises(SignedOut):
            access(account(oauth), clock, keys).token()
        tokens.refusal = None
        clock.now += timedelta(minutes=15)
        assert access(account(oauth), clock, keys).token() in tokens.good
        assert refresh_tokens.read(oauth, "sav").refusal == ""


def test_what_passes_is_tried_again_and_says_so(tmp_path: Path) -> None:
    with TokenServer() as tokens:
        oauth = section(tokens, tmp_path)
        connected(oauth, tokens)
        for status in (503, 429):
            tokens.busy = status
            with pytest.raises(
                TryAgain, match=rf"compte « sav », 127.0.0.1:{tokens.port} : .* occupé \({status}\)"
            ):
                access(account(oauth), Clock()).token()
        tokens.busy, tokens.refusal = None, {"error": "temporarily_unavailable"}
        with pytest.raises(TryAgain, match="Nouvel essai plus tard"):
            access(account(oauth), Clock()).token()
        tokens.busy = 302
        with pytest.raises(NeedsHuman, match=r"réponse inattendue .*\(302\)"):
            access(account(oauth), Clock()).token()
    with pytest.raises(TryAgain, match="n'a pas pu être joint"):
        access(account(oauth), Clock()).token()


def test_a_stored_token_of_another_application_or_a_broken_file_is_told(tmp_path: Path) -> None:
    with TokenServer() as tokens:
        oauth = section(tokens, tmp_path)
        connected(oauth, tokens)
        with pytest.raises(SignedOut, match="client_id a changé"):
            access(account(oauth.model_copy(update={"client_id": "autre"})), Clock()).token()
        path = Path(refresh_tokens.where(oauth))
        for text in ("{", "[]", '{"refresh_token": "a"}'):
            path.write_text(text, "utf-8")
            with pytest.raises(ConfigError, match=r"est abîmé. Relancez : mailbot connect sav"):
                access(account(oauth), Clock()).token()
        path.unlink()
        path.mkdir()
        with pytest.raises(ConfigError, match="ne se lit pas"):
            access(account(oauth), Clock()).token()


def test_only_a_server_with_the_right_certificate_is_told_anything(tmp_path: Path) -> None:
    with TokenServer(tls=certificate("localhost")) as tokens:
        oauth = section(tokens, tmp_path)
        connected(oauth, tokens)
        with pytest.raises(NeedsHuman, match="le certificat présenté n'est pas accepté"):
            access(account(oauth), Clock()).token()
        assert tokens.asked == []
        trusting = section(tokens, tmp_path, ca_file=CERTS / "ca.pem")
        assert access(account(trusting), Clock()).token() in tokens.good


def test_no_token_shows_in_what_python_prints(tmp_path: Path) -> None:
    with TokenServer() as tokens:
        oauth = section(tokens, tmp_path)
        lasting = connected(oauth, tokens)
        key = access(account(oauth), Clock())
        shown = f"{key!r} {refresh_tokens.read(oauth, 'sav')!r} {flows.renew(oauth, 'sav', lasting, START)!r}"
        assert not any(token in shown for token in (key.token(), lasting))

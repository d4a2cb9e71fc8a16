"""Versions of rules and templates: numbered, whole, and each content kept once."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from mailbot.edges.store import Store, versions
from mailbot.edges.store.conflicts import Impossible
from mailbot.edges.store.versions_tables import rule_blobs
from tests.edges.store.samples import NOW, prepare
from tests.edges.store.samples import mail as a_mail

FILES = {"rules/a.toml": b"a = 1\n", "templates/x/y.txt.j2": "Bonjour à vous\n".encode()}


def publish(store: Store, digest: str, files: dict[str, bytes], note: str = "essai") -> tuple[int, bool]:
    version, new = versions.publish(store, digest, files, author="Léa", note=note, now=NOW)
    return version.number, new


def test_a_version_is_read_back_byte_for_byte(store: Store) -> None:
    number, new = publish(store, "d1", FILES, "première")
    assert (number, new) == (1, True)
    version = versions.get(store, 1)
    assert (version.author, version.note, version.published_at, version.digest) == (
        "Léa",
        "première",
        NOW,
        "d1",
    )
    assert versions.contents(store, version) == FILES


def test_the_same_content_is_not_published_twice(store: Store) -> None:
    publish(store, "d1", FILES)
    assert publish(store, "d1", FILES, "encore") == (1, False)
    assert [one.note for one in versions.list_versions(store)] == ["essai"]


def test_a_file_that_did_not_change_is_kept_once(store: Store) -> None:
    publish(store, "d1", FILES)
    publish(store, "d2", {**FILES, "rules/a.toml": b"a = 2\n"})
    with store.read() as conn:
        assert conn.execute(select(func.count()).select_from(rule_blobs)).scalar_one() == 3
    assert versions.contents(store, versions.get(store, 1)) == FILES
    assert versions.contents(store, versions.get(store, 2))["rules/a.toml"] == b"a = 2\n"


def test_the_newest_comes_first_with_the_number_of_mails_it_judged(store: Store) -> None:
    publish(store, "regles-1", FILES)
    publish(store, "d2", {**FILES, "rules/b.toml": b""})
    prepare(store, a_mail(1), uid=1)
    prepare(store, a_mail(2), uid=2, now=NOW + timedelta(minutes=1))
    assert [(one.number, one.cases) for one in versions.list_versions(store)] == [(2, 0), (1, 2)]
    assert versions.numbers(store) == {"regles-1": 1, "d2": 2}


def test_content_that_was_never_published_has_no_version(store: Store) -> None:
    assert versions.of_digest(store, "d1") is None
    publish(store, "d1", FILES)
    found = versions.of_digest(store, "d1")
    assert found is not None and found.number == 1


def test_an_unknown_version_is_refused_in_french(store: Store) -> None:
    with pytest.raises(Impossible, match="la version 7 n'existe pas"):
        versions.get(store, 7)

"""`mailbot rules update` as a lead types it, on copies of the shipped rules and templates that are older or changed."""

import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from mailbot.commands.opening import read_config
from mailbot.config import defaults_dir
from mailbot.edges.store import Store, versions
from mailbot.jobs import rule_update, shipped_note
from mailbot.steps.rule_update import content_digest
from tests.commands.conftest import Said

Run = Callable[..., Said]
STEM = "colis_non_recu/bloque"
RULE, LETTER = f"rules/situations/{STEM}.toml", f"templates/{STEM}.txt.j2"
CARRIER, MAILS, GUIDE = "rules/transporteurs/chronopost.toml", "rules/cas/NR09.toml", "templates/LISEZMOI.md"


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop's copy with the note of what was shipped."""

    home: Path

    @property
    def manifest(self) -> Path:
        return self.home / shipped_note.MANIFEST

    def noted(self) -> dict[str, str]:
        return dict(tomllib.loads(self.manifest.read_text("utf-8"))["fichiers"])

    def note(self, name: str, data: bytes | None) -> None:
        """As if this had been shipped when the copy was made."""
        base = {key: value for key, value in self.noted().items() if key != name}
        if data is not None:
            base[name] = content_digest(data)
        self.manifest.write_bytes(shipped_note.text(base))

    def older(self, name: str) -> bytes:
        """The copy was made of an older shipped file."""
        old = self.data(name) + (b"\n{# avant #}\n" if name.endswith(".j2") else b"\n# avant\n")
        self.write(name, old)
        self.note(name, old)
        return old

    def write(self, name: str, data: bytes) -> None:
        (self.home / name).write_bytes(data)

    def change(self, name: str) -> bytes:
        """By a lead, by hand."""
        own = self.data(name) + (
            b"\n{# de la boutique #}\n" if name.endswith(".j2") else b"\n# de la boutique\n"
        )
        self.write(name, own)
        return own

    def data(self, name: str) -> bytes:
        return (self.home / name).read_bytes()


def shipped(name: str) -> bytes:
    return (defaults_dir() / name).read_bytes()


@pytest.fixture
def shop(config: Path) -> Shop:
    """The shop's own rules in the configuration, as `init` lays them out."""
    assert shipped_note.lay_out(config.parent) == ("rules", "templates")
    own = 'rules_dir = "rules"\ntemplates_dir = "templates"\n'
    config.write_text(own + config.read_text("utf-8"), "utf-8")
    return Shop(config.parent)


def test_newer_new_and_withdrawn_files_are_taken_as_a_version_that_is_gone_back_from(
    mailbot: Run, config: Path, store: Store, shop: Shop
) -> None:
    old = {name: shop.older(name) for name in (CARRIER, LETTER)}
    shop.older(GUIDE)
    shop.write("rules/exemples/ancien.jsonl", b"\n")
    shop.note("rules/exemples/ancien.jsonl", b"\n")
    (shop.home / MAILS).unlink()
    shop.note(MAILS, None)
    said = mailbot("rules", "update", "--as", "Léa", "-c", config)
    assert said.code == 0, said
    assert f"{CARRIER} (plus récent)" in said.out
    assert "rules/exemples/ancien.jsonl (n'est plus livré)" in said.out
    assert f"{MAILS} (nouveau)" in said.out
    assert "Mis en place : version 2" in said.out
    for name in (CARRIER, LETTER, MAILS, GUIDE):
        assert shop.data(name) == shipped(name)
    assert not (shop.home / "rules/exemples/ancien.jsonl").exists()
    newest, kept = versions.list_versions(store)
    assert GUIDE not in newest.files, "a version holds what is judged with"
    assert newest.author == "Léa" and "livrés avec mailbot" in newest.note and "gardée avant" in kept.note
    assert "Rien à mettre à jour" in mailbot("rules", "update", "-c", config).out
    back = mailbot("rollback", 1, "-c", config)
    assert back.code == 0, back
    assert {name: shop.data(name) for name in old} == old
    assert f"{CARRIER} (plus récent)" in mailbot("rules", "update", "--dry-run", "-c", config).out


def test_what_both_sides_changed_stays_until_a_person_decides(
    mailbot: Run, config: Path, store: Store, shop: Shop
) -> None:
    shop.older(RULE)
    shop.older(LETTER)
    own = shop.change(LETTER)
    rule = shop.data(RULE)
    said = mailbot("rules", "update", "--diff", "-c", config)
    assert said.code == 0, said
    assert f"{LETTER} (changé des deux côtés)" in said.out
    assert f"{RULE} (plus récent, va avec {LETTER})" in said.out
    assert "-{# de la boutique #}" in said.out and str(defaults_dir()) in said.out
    assert (shop.data(LETTER), shop.data(RULE)) == (own, rule)
    assert versions.list_versions(store) == [], "there was nothing to put in place"
    said = mailbot("rules", "update", "--accept", LETTER, "-c", config)
    assert "version 2" in said.out, said
    assert (shop.data(LETTER), shop.data(RULE)) == (shipped(LETTER), shipped(RULE))


def test_what_is_kept_is_not_asked_again(mailbot: Run, config: Path, store: Store, shop: Shop) -> None:
    shop.older(CARRIER)
    own = shop.change(CARRIER)
    said = mailbot("rules", "update", "--keep", "./rules/transporteurs/", "-c", config)
    assert f"Gardé : 1\n  {CARRIER}" in said.out
    assert shop.data(CARRIER) == own
    assert shop.noted()[CARRIER] == content_digest(shipped(CARRIER))
    assert "Rien à mettre à jour" in mailbot("rules", "update", "-c", config).out


def test_what_the_shop_deleted_stays_deleted(mailbot: Run, config: Path, store: Store, shop: Shop) -> None:
    for name in (MAILS, GUIDE):
        (shop.home / name).unlink()
    assert "Rien à mettre à jour" in mailbot("rules", "update", "-c", config).out
    assert not (shop.home / GUIDE).exists()


def test_a_result_that_does_not_load_is_refused_as_a_whole(
    mailbot: Run, config: Path, store: Store, shop: Shop
) -> None:
    old = shop.older(CARRIER)
    shop.older("templates/_blocs.txt.j2")
    blocks = shipped("templates/_blocs.txt.j2").replace(b"macro ", b"macro a_nous_")
    shop.write("templates/_blocs.txt.j2", blocks)
    for more in ((), ("--vers", shop.home / "essai")):
        said = mailbot("rules", "update", *more, "-c", config)
        assert said.code == 1 and "la mise à jour est refusée, rien n'a été changé" in said.err, said
        assert "templates/" in said.err and "/tmp/" not in said.err
    assert shop.data(CARRIER) == old
    assert versions.list_versions(store) == []
    assert not (shop.home / "essai").exists()


def test_examples_and_sample_mails_must_be_readable_too(
    mailbot: Run, config: Path, store: Store, shop: Shop
) -> None:
    shop.older(CARRIER)
    for name, wrong in (("rules/exemples/a_nous.jsonl", b"{\n"), ("rules/cas/NR01.toml", b"cas = 3\n")):
        before = (shop.home / name).read_bytes() if (shop.home / name).exists() else None
        shop.write(name, wrong)
        said = mailbot("rules", "update", "-c", config)
        assert said.code == 1 and name in said.err, said
        if before is None:
            (shop.home / name).unlink()
        else:
            shop.write(name, before)


def test_a_dry_run_changes_nothing_and_the_result_can_be_tried_elsewhere(
    mailbot: Run, config: Path, store: Store, shop: Shop
) -> None:
    old = shop.older(LETTER)
    said = mailbot("rules", "update", "--dry-run", "-c", config)
    assert "Cela se chargerait" in said.out
    essay = shop.home / "essai d'abord"
    said = mailbot("rules", "update", "--vers", essay, "-c", config)
    assert "mailbot replay --since 30j --rules" in said.out and f"--config {config}" in said.out
    assert shop.data(LETTER) == old and (essay / LETTER).read_bytes() == shipped(LETTER)
    assert versions.list_versions(store) == []
    folders = ("--rules", essay / "rules", "--templates", essay / "templates")
    assert mailbot("rules", "check", *folders).code == 0
    again = mailbot("rules", "update", "--vers", essay, "-c", config)
    assert again.code == 2 and "n'est pas vide" in again.err


def test_a_copy_without_note_takes_nothing_by_itself(
    mailbot: Run, config: Path, store: Store, shop: Shop
) -> None:
    shop.manifest.unlink()
    own = shop.change(CARRIER)
    (shop.home / MAILS).unlink()
    said = mailbot("rules", "update", "-c", config)
    assert "ne dit pas ce qui lui a été livré" in said.out
    assert f"{CARRIER} (différent, origine inconnue)" in said.out
    assert shop.data(CARRIER) == own and not (shop.home / MAILS).exists()
    assert shop.noted()[CARRIER] == "" and shop.noted()[RULE] == content_digest(shipped(RULE))
    assert f"{CARRIER} (différent" in mailbot("rules", "update", "-c", config).out, "still to be decided"
    said = mailbot("rules", "update", "--keep", "rules", "--accept", "rules/cas", "-c", config)
    assert said.code == 0, said
    assert shop.data(CARRIER) == own and shop.data(MAILS) == shipped(MAILS)
    assert "Rien à mettre à jour" in mailbot("rules", "update", "-c", config).out


def test_scripts_read_what_becomes_of_every_file(
    mailbot: Run, config: Path, store: Store, shop: Shop
) -> None:
    shop.older(CARRIER)
    shop.older(RULE)
    shop.change(RULE)
    said = mailbot("rules", "update", "--json", "-c", config)
    *files, total = map(json.loads, said.out.splitlines())
    assert files == [
        {"file": RULE, "state": "both", "fate": "waiting"},
        {"file": CARRIER, "state": "newer", "fate": "taken"},
    ]
    assert total == {"changed": True, "waiting": 1, "version": 2}


def test_a_name_that_is_no_file_and_a_spoilt_note_are_refused(
    mailbot: Run, config: Path, store: Store, shop: Shop
) -> None:
    said = mailbot("rules", "update", "--accept", "rules/transporteur/chronopost.toml", "-c", config)
    assert said.code == 1 and f"vouliez-vous dire « {CARRIER} »" in said.err
    shop.manifest.write_text("[fichiers]\n'rules/delais.toml' = 'abc'\n", "utf-8")
    said = mailbot("rules", "update", "-c", config)
    assert said.code == 1 and "livraison.toml" in said.err


def test_rules_that_came_with_the_program_are_up_to_date_by_themselves(mailbot: Run, config: Path) -> None:
    said = mailbot("rules", "update", "-c", config)
    assert said.code == 0 and "elles sont à jour" in said.out


def test_check_and_status_say_in_one_line_that_something_newer_is_shipped(
    mailbot: Run, config: Path, store: Store, shop: Shop
) -> None:
    settings = read_config(config)
    assert rule_update.told(settings) is None
    shop.older(CARRIER)
    shop.older(RULE)
    shop.change(RULE)
    words = (
        "2 fichiers livrés avec cette version de mailbot, plus récents que ceux de la boutique (qui en a "
        "changé 1 aussi)"
    )
    assert words in (rule_update.told(settings) or "")
    said = mailbot("check", "-c", config)
    assert words in said.words and "mailbot rules update" in said.words
    assert words in mailbot("status", "-c", config).words

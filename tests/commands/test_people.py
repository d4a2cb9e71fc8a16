"""`mailbot people` and `mailbot audit`, as typed."""

import json
from collections.abc import Callable

from mailbot.edges.store import Store, audit, people
from tests.commands.conftest import Said
from tests.edges.store.samples import NOW

Mailbot = Callable[..., Said]


def test_a_person_is_added_with_a_link_listed_closed_and_opened_again(
    mailbot: Mailbot, config: object, store: Store
) -> None:
    said = mailbot("people", "add", "Claire Petit", "--role", "lead", "--account", "boutique", "-c", config)
    assert said.code == 0
    assert "http://127.0.0.1:8025/bienvenue/" in said.out
    listed = json.loads(mailbot("people", "list", "--json", "-c", config).out)
    assert (listed["name"], listed["role"], listed["accounts"], listed["state"]) == (
        "Claire Petit", "lead", ["boutique"], "invité",
    )  # fmt: skip
    assert mailbot("people", "close", "claire petit", "-c", config).code == 0
    assert "fermé" in mailbot("people", "list", "-c", config).out
    assert mailbot("people", "open", "Claire Petit", "-c", config).code == 0
    assert "bienvenue/" in mailbot("people", "link", "Claire Petit", "-c", config).out
    assert [line.kind for line in audit.lines(store)] == [
        "lien_renouvele", "compte_rouvert", "compte_ferme", "compte_cree",
    ]  # fmt: skip


def test_wrong_words_are_refused_in_french(mailbot: Mailbot, config: object, store: Store) -> None:
    assert "rôle inconnu : chef" in mailbot("people", "add", "Luc", "--role", "chef", "-c", config).words
    assert (
        "compte inconnu : ailleurs"
        in mailbot("people", "add", "Luc", "--account", "ailleurs", "-c", config).words
    )
    assert mailbot("people", "add", "Luc", "-c", config).code == 0
    assert "déjà pris" in mailbot("people", "add", "LUC", "-c", config).words
    assert "personne ne s'appelle « Anne »" in mailbot("people", "link", "Anne", "-c", config).words
    people.add(store, "Denis", "admin", NOW)
    assert "dernier administrateur" in mailbot("people", "close", "Denis", "-c", config).words


def test_the_log_is_shown_and_verified(mailbot: Mailbot, config: object, store: Store) -> None:
    audit.write(store, NOW, "Claire", "piece_telechargee", case_id=7, detail="facture.pdf")
    assert "pièce jointe téléchargée" in mailbot("audit", "list", "--ticket", 7, "-c", config).out
    said = mailbot("audit", "verify", "-c", config)
    assert (said.code, "Journal intact : 1 ligne." in said.out) == (0, True)
    digest = said.out.split()[-1]
    assert mailbot("audit", "verify", "--expect", digest, "-c", config).code == 0
    said = mailbot("audit", "verify", "--expect", "0" * 64, "-c", config)
    assert (said.code, "Journal tronqué" in said.out) == (1, True)
    with store.write() as conn:
        conn.exec_driver_sql("UPDATE audit SET detail = 'rien'")
    assert mailbot("audit", "verify", "-c", config).code == 1
    assert json.loads(mailbot("audit", "verify", "--json", "-c", config).out)["broken"] == 1

"""The page of a case, and what an agent does there."""

from collections.abc import Callable

import httpx2 as httpx

from mailbot.edges.store import Store, replies
from mailbot.edges.store.replies import StoredReply
from tests.edges.store.samples import clock as deadline
from tests.edges.store.samples import draft, mail, order, prepare, reply_to
from tests.web.conftest import Browser, Watch, arrives, said


def write(window: Browser, reply: StoredReply, act: str, name: str) -> httpx.Response:
    """Write a name into the text of a reply, and edit or approve it."""
    text = f"Bonjour, votre colis est bien parti ce matin, dit {name}."
    return window.post(f"/tickets/{reply.case.id}/{act}", version="1", texte=text, objet="Re: Mon colis")


def test_the_page_shows_mail_order_clocks_reasons_and_draft(store: Store, claire: Browser) -> None:
    reply = draft(store, found=order(), clocks=(deadline(),))
    answer = claire.get(f"/tickets/{reply.case.id}")
    words = said(answer)
    assert answer.status_code == 200
    for expected in (
        "Où est mon colis ?",
        "Marie Dupont",
        "FR-1001",
        "colis en route",
        "Répondre au client",
        "reste",
    ):
        assert expected in words.replace("\u00a0", " ")
    assert "Bonjour, votre colis est en route." in answer.text


def test_evidence_is_marked_in_the_customers_text(store: Store, claire: Browser) -> None:
    reply = draft(store)
    answer = claire.get(f"/tickets/{reply.case.id}")
    assert (
        '<mark data-intent="colis_non_recu" title="colis_non_recu">Où est mon colis</mark> ?' in answer.text
    )
    assert "«\u00a0où est mon colis\u00a0»" in answer.text


def test_an_approved_reply_can_be_taken_back_from_the_next_page(store: Store, claire: Browser) -> None:
    reply = draft(store)
    claire.get(f"/tickets/{reply.case.id}")
    answer = claire.post(
        f"/tickets/{reply.case.id}/approuver", version="1", texte=reply.reply.text, objet="Re: Mon colis"
    )
    assert "elle part dans 15 s" in said(answer)
    assert replies.get(store, reply.id).state == "approved"
    claire.post(f"/tickets/{reply.case.id}/annuler")
    assert replies.get(store, reply.id).state == "draft"


def test_what_stands_in_the_editor_is_what_leaves(store: Store, claire: Browser) -> None:
    reply = draft(store)
    claire.get(f"/tickets/{reply.case.id}")
    claire.post(
        f"/tickets/{reply.case.id}/approuver",
        version="1",
        texte="Bonjour,\r\n\r\nC'est fait, votre colis est parti ce matin. Bonne journée.",
        objet="Re: Mon colis",
    )
    stored = replies.get(store, reply.id)
    assert (stored.state, stored.reply.text, stored.edited) == (
        "approved",
        "Bonjour,\n\nC'est fait, votre colis est parti ce matin. Bonne journée.",
        True,
    )


def test_a_text_the_guards_refuse_is_kept_but_does_not_leave(store: Store, claire: Browser) -> None:
    reply = draft(store)
    claire.get(f"/tickets/{reply.case.id}")
    answer = claire.post(
        f"/tickets/{reply.case.id}/approuver",
        version="1",
        texte="Bonjour [à compléter : date]",
        objet="Re: Mon colis",
    )
    assert "envoi impossible" in said(answer)
    assert replies.get(store, reply.id).state == "draft"


def test_a_draft_that_changed_underneath_is_shown_and_not_sent(
    store: Store, claire: Browser, browser: Callable[[], Browser]
) -> None:
    reply = draft(store)
    claire.get(f"/tickets/{reply.case.id}")
    other = arrives(store, browser(), "Denis")
    other.get(f"/tickets/{reply.case.id}")
    write(other, reply, "modifier", "Denis")
    answer = write(claire, reply, "approuver", "Claire")
    assert answer.status_code == 409
    assert "Bonjour, votre colis est bien parti ce matin, dit Denis." in answer.text
    assert "Bonjour, votre colis est bien parti ce matin, dit Claire." in answer.text
    assert replies.get(store, reply.id).state == "draft"


def test_a_second_approval_is_refused_and_shows_the_first_text(
    store: Store, claire: Browser, browser: Callable[[], Browser]
) -> None:
    reply = draft(store)
    claire.get(f"/tickets/{reply.case.id}")
    other = arrives(store, browser(), "Denis")
    other.get(f"/tickets/{reply.case.id}")
    write(other, reply, "approuver", "Denis")
    answer = write(claire, reply, "approuver", "Claire")
    assert "Bonjour, votre colis est bien parti ce matin, dit Denis." in answer.text
    assert "déjà approuvée (par Denis" in said(answer)
    assert (
        replies.get(store, reply.id).reply.text == "Bonjour, votre colis est bien parti ce matin, dit Denis."
    )


def test_a_case_somebody_has_taken_is_not_approved_by_another(
    store: Store, claire: Browser, browser: Callable[[], Browser]
) -> None:
    reply = draft(store)
    claire.get(f"/tickets/{reply.case.id}")
    claire.post(f"/tickets/{reply.case.id}/prendre")
    other = arrives(store, browser(), "Denis")
    assert "Claire s'en occupe" in said(other.get(f"/tickets/{reply.case.id}"))
    answer = other.post(
        f"/tickets/{reply.case.id}/approuver", version="1", texte=reply.reply.text, objet="Re: Mon colis"
    )
    assert "Claire s'occupe du ticket" in said(answer)
    other.post(f"/tickets/{reply.case.id}/prendre", encore="1")
    other.post(
        f"/tickets/{reply.case.id}/approuver", version="1", texte=reply.reply.text, objet="Re: Mon colis"
    )
    assert replies.get(store, reply.id).approved_by == "Denis"


def test_refusing_asks_for_a_reason(store: Store, claire: Browser) -> None:
    reply = draft(store)
    claire.get(f"/tickets/{reply.case.id}")
    assert "dites pourquoi" in said(claire.post(f"/tickets/{reply.case.id}/refuser", raison=" ")).lower()
    claire.post(f"/tickets/{reply.case.id}/refuser", raison="mauvais modèle")
    assert replies.get(store, reply.id).reason == "mauvais modèle"


def test_a_note_and_a_wait_are_shown_to_colleagues(store: Store, claire: Browser, clock: Watch) -> None:
    reply = draft(store)
    claire.get(f"/tickets/{reply.case.id}")
    claire.post(f"/tickets/{reply.case.id}/noter", note="Le client a appelé.")
    answer = claire.post(f"/tickets/{reply.case.id}/attendre", attendre="oui")
    assert "Le client a appelé." in said(answer)
    assert "attend le client" in said(answer)
    assert "Tout est traité" in said(claire.get("/"))


def test_not_a_customer_closes_the_case_and_its_draft_never_leaves(store: Store, claire: Browser) -> None:
    reply = draft(store)
    claire.get(f"/tickets/{reply.case.id}")
    claire.post(f"/tickets/{reply.case.id}/pas-un-client")
    stored = replies.get(store, reply.id)
    assert (stored.state, stored.case.state) == ("refused", "closed")


def test_after_an_approval_the_next_most_urgent_ticket_opens(store: Store, claire: Browser) -> None:
    from datetime import timedelta

    later = prepare(store, mail(1), uid=1, reply=reply_to(1), clocks=(deadline(due=timedelta(days=3)),))
    first = prepare(store, mail(2, sender="luc@example.org"), uid=2, reply=reply_to(2), clocks=(deadline(),))
    answer = claire.get(f"/tickets/{first}")
    text = replies.of_case(store, first)
    assert text is not None
    answer = claire.post(
        f"/tickets/{first}/approuver", version="1", texte=text.reply.text, objet=text.reply.subject
    )
    assert answer.url.path == f"/tickets/{later}"


def test_the_clocks_of_the_mail_a_newer_one_replaced_are_shown_with_it(store: Store, claire: Browser) -> None:
    from datetime import timedelta

    first = prepare(store, mail(1), uid=1, reply=reply_to(1), clocks=(deadline(due=timedelta(hours=7)),))
    newer = prepare(
        store, mail(2, references=("<client-1@example.org>",)), uid=2, reply=reply_to(2), clocks=(deadline(),)
    )
    words = said(claire.get(f"/tickets/{newer}"))
    assert f"Répondre au client (ticket {first})" in words
    assert "reste 7 h" in words.replace("\u00a0", " ")


def test_enter_in_the_subject_keeps_the_draft_and_sends_nothing(store: Store, claire: Browser) -> None:
    reply = draft(store)
    page = claire.get(f"/tickets/{reply.case.id}").text
    editor = page.partition('id="editeur"')[2]
    assert editor.index("/modifier") < editor.index("Approuver et envoyer")


def test_an_act_goes_on_in_the_list_it_was_begun_from(store: Store, claire: Browser) -> None:
    tickets = [
        prepare(store, mail(number, sender=f"c{number}@example.org"), uid=number, reply=reply_to(number))
        for number in range(1, 5)
    ]
    claire.get(f"/tickets/{tickets[3]}")
    claire.post(f"/tickets/{tickets[3]}/clore", raison="par téléphone")
    listed = {"raison": "réglé", "liste": "/?vue=moi"}
    answer = claire.post(f"/tickets/{tickets[0]}/clore", **listed, ensuite=f"x,{tickets[3]},{tickets[2]}")
    assert answer.url.path == f"/tickets/{tickets[2]}"
    answer = claire.post(f"/tickets/{tickets[2]}/clore", **listed, ensuite=f"{tickets[3]},99")
    assert (answer.url.path, answer.url.query) == ("/", b"vue=moi")
    answer = claire.post(f"/tickets/{tickets[1]}/clore", raison="réglé", liste="//evil.example/x", ensuite="")
    assert answer.url.host == "127.0.0.1"

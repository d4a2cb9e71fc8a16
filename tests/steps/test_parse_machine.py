"""Machines are told from people by headers, sender and the whole shape; a person is never taken for one."""

import pytest

from mailbot.model import Machine
from tests.steps.mails import CUSTOMER, html, plain, read

WORDS = "Bonjour,\n\nMa lampe est cassée, que faire ?\n\nJeanne Petit"


def machine(data: bytes) -> Machine:
    found = read(data).machine
    assert found is not None
    assert found.reason
    return found


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ("Auto-Submitted: auto-replied", "auto_reply"),
        ('Auto-Submitted: auto-replied; owner-email="x"', "auto_reply"),
        ("X-Autoreply: yes\nPrecedence: bulk", "auto_reply"),
        ("X-Autorespond: oui", "auto_reply"),
        ("Precedence: auto_reply", "auto_reply"),
        ("Auto-Submitted: auto-generated", "notification"),
        ("X-Auto-Response-Suppress: All", "notification"),
        ("X-Mailbot-Ticket: 12", "notification"),
        ("Return-Path: <>", "notification"),
        ("Precedence: bulk", "bulk"),
        ("List-Id: Nouvelles <news.boutiques.example>", "bulk"),
        ("List-Unsubscribe: <mailto:stop@news.example>", "bulk"),
        ("X-Failed-Recipients: paul@fai.example", "bounce"),
    ],
)
def test_a_header_that_says_machine_is_believed_and_named(headers: str, kind: str) -> None:
    found = machine(plain(WORDS, headers=headers))
    assert found.kind == kind
    assert headers.split("\n")[0].split(":")[0].lower() in found.reason.lower()


def test_auto_submitted_no_is_a_person() -> None:
    assert read(plain(WORDS, headers="Auto-Submitted: no")).machine is None


def test_a_customer_who_writes_through_the_shops_own_group_address_is_a_person() -> None:
    headers = (
        "List-Id: <contact.boutique.example>\nPrecedence: list\nList-Unsubscribe: <mailto:x@boutique.example>"
    )
    assert read(plain(WORDS, headers=headers)).machine is None


@pytest.mark.parametrize(
    "sender",
    [
        "no-reply@enquetes.example",
        "nepasrepondre@banque.example",
        "ne-pas-repondre@reclamations.marketplace.example",
        "noreply@notif.dpd.example",
        "noreply@notif-colissimo.example",
        "suivi@chronopost.fr",
        "notification@dpd.fr",
        "noreply-seller@marketplace.cdiscount.example",
        "no-reply@seller-notification.amazon.example",
        "atoz-guarantee-no-reply@amazon.fr",
        "donotreply@amazon.com",
        "noreply@ebay.fr",
        "ebay@ebay.com",
        "sondage@academie.example",
        "noreply-sav@boutique.example",
        "no-reply.service-client@enseigne.example",
        "noreply-fnac@mail.fnac.example",
        "noreply+k7x2p9q4@envoi.example",
        "noreply-4f7a9c01@envoi.example",
        "noreply12@envoi.example",
        "enseigne-noreply@envoi.example",
        "ne-pas-repondre-a-ce-message@banque.example",
        "newsletter.offres@enseigne.example",
        "news-fr@enseigne.example",
        "notifications+abc@forge.example",
    ],
)
def test_a_sender_that_cannot_be_answered_is_a_machine(sender: str) -> None:
    found = machine(plain("Bonjour,\n\nNouvelle commande dans votre espace.", sender=f"Avis <{sender}>"))
    assert found.kind == "notification"
    assert sender in found.reason


@pytest.mark.parametrize(
    ("sender", "channel"),
    [
        ("k7x2p9q4m1w8zt@marketplace.amazon.example", "amazon_fr"),
        ("k7x2p9q4m1w8zt+3f2504e0-4f89-11d3-9a0c-0305e82c3301@marketplace.amazon.fr", "amazon_fr"),
        ("a1b2c3d4e5f6@relay.cdiscount.example", "cdiscount"),
        ("a1b2c3d4e5f6@relay.ebay.example", "ebay"),
        ("0123456789abcdef0123@members.ebay.fr", "ebay"),
        ("a1b2c3d4e5f6@relay.aliexpress.example", "aliexpress"),
        ("a1b2c3d4e5f6@relay.fnac.example", "fnac"),
        ("a1b2c3d4e5f6@relay.rakuten.example", "rakuten"),
        ("m_4f7a9c@message.manomano.fr", "manomano"),
        ("a1b2c3d4e5f6@relay.backmarket.example", "backmarket"),
        ("notification+ab12.cd34ef56g@notification.mirakl.net", "mirakl"),
        ("jean.petit@amazon.example", None),
        ("jeanne@ebay-fans.example", None),
        ("jeanne@relay.example", None),
    ],
)
def test_a_relay_address_gives_the_channel(sender: str, channel: str | None) -> None:
    mail = read(plain(WORDS, sender=f"Jeanne <{sender}>"))
    assert mail.channel == channel
    assert mail.machine is None


def test_a_buyer_relay_wins_over_headers_and_words_of_the_platform() -> None:
    data = plain(
        WORDS + "\n\nCeci est un message automatique, ne pas répondre.",
        sender="Jeanne - Amazon <k7x2p9q4m1w8zt@marketplace.amazon.fr>",
        headers="Auto-Submitted: auto-generated\nPrecedence: bulk\nReturn-Path: <>",
    )
    assert read(data).machine is None


def test_a_buyers_own_automatic_reply_through_a_relay_is_a_machines() -> None:
    data = plain(
        "Je suis absente du bureau jusqu'au 6 janvier. Votre message ne sera pas lu.",
        sender="Jeanne <k7x2p9q4m1w8zt@marketplace.amazon.fr>",
        subject="Réponse automatique : votre commande",
        headers="Auto-Submitted: auto-replied",
    )
    assert machine(data).kind == "auto_reply"


@pytest.mark.parametrize(
    "sender",
    [
        "mavis.durand@startups.example",
        "david.tracker@laposte.net",
        "suivi.martin@laposte.net",
        "jean.dupont@dpd.fr",
        "alertine@groups.example",
        "newsom@fai.example",
        "root.michel@fai.example",
        "a.vendeur@attribut.example",
        "info@fai.example",
        "noreply.dupont@fai.example",
        "no-reply-martin@fai.example",
        "noreply.dupont59@fai.example",
        "newsletter.fan@fai.example",
        "newsletter_fan75@fai.example",
        "news.martin@fai.example",
        "alerte-jeanne@fai.example",
        "feedback.leroy@fai.example",
    ],
)
def test_a_person_whose_address_resembles_a_machines_is_a_person(sender: str) -> None:
    assert read(plain(WORDS, sender=f"Jeanne <{sender}>")).machine is None


def test_a_contact_form_of_the_shop_is_a_person_whatever_its_sending_service_adds() -> None:
    headers = (
        f"Reply-To: {CUSTOMER}\nAuto-Submitted: auto-generated\nList-Unsubscribe: <mailto:x@envoi.example>"
    )
    assert read(plain(WORDS, sender="Boutique <site@boutique.example>", headers=headers)).machine is None


def test_a_contact_form_with_the_customer_as_reply_to_is_a_person() -> None:
    mail = read(plain(WORDS, sender="Boutique <no-reply@boutique.example>", headers=f"Reply-To: {CUSTOMER}"))
    assert mail.machine is None
    assert mail.reply_to is not None
    assert mail.reply_to.addr == "jeanne.petit@fai.example"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        (
            "Réponse automatique : Votre commande",
            "Je suis absente jusqu'au 6 janvier inclus. Pour toute urgence, contactez M. Blin.",
        ),
        ("Automatic reply: your parcel", "I am out of office until Monday and will answer upon my return."),
        ("Absence du bureau", "Bonjour, je suis en congés et serai de retour le 24 août."),
        (
            "Re: Votre demande (absente)",
            "En congé maternité, je serai de retour le 4 mars. Vos messages ne sont pas lus.",
        ),
        (
            "Fermeture annuelle",
            "Nos bureaux sont fermés du 3 au 21 août. Les messages seront traités à notre retour.",
        ),
        (
            "Votre message",
            "Votre message est en attente. Cliquez ici pour que votre message soit remis : filtre Mailinblack.",
        ),
        (
            "[Ticket #5512] Demande enregistrée",
            "Votre demande a bien été enregistrée sous le numéro 5512. Un conseiller vous répondra sous 48 heures.",
        ),
    ],
)
def test_an_automatic_reply_without_headers_is_known_by_its_shape(subject: str, text: str) -> None:
    assert machine(plain(text, subject=subject)).kind == "auto_reply"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        (
            "Votre colis est en route",
            "Le colis 8R123 sera livré demain. Ceci est un message automatique, merci de ne pas y répondre.",
        ),
        (
            "Comment s'est passée votre livraison ?",
            "Sur une échelle de 0 à 10, notez votre livraison. Message envoyé automatiquement.",
        ),
        ("Nouvelle vente", "Connectez-vous à votre espace vendeur. Ne répondez pas à cet e-mail."),
    ],
)
def test_a_notice_from_an_unknown_sender_is_known_by_its_shape(subject: str, text: str) -> None:
    assert (
        machine(plain(text, subject=subject, sender="Plateforme <info@plateforme.example>")).kind
        == "notification"
    )


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        (
            "Re: Réponse automatique",
            "J'ai bien reçu votre réponse automatique mais personne ne me répond. Où est mon colis ?",
        ),
        ("Réponse automatique ???", "Toujours la même réponse automatique, je voudrais parler à quelqu'un."),
        (
            "Absence",
            "Bonjour, je suis absente du 5 au 9 mai, merci de livrer après. Je serai de retour le 10.",
        ),
        ("absent", "je serai absente jusqu'au 6 janvier, pouvez-vous livrer ma commande ensuite ?"),
        ("Colis", "Le livreur dit « message automatique, ne pas répondre » et je n'ai rien reçu."),
        (
            "Vacances",
            "Je suis en congés jusqu'au 12, j'ai reçu la lampe cassée, je vous la renvoie à mon retour.",
        ),
        ("Fermeture", "La fermeture de la robe est cassée. Votre magasin est fermé le lundi ?"),
        ("Enquête", "Vous avez ouvert une enquête auprès de la Poste, où en est-elle ? J'attends mon colis."),
        (
            "Distributeur automatique",
            "Le distributeur automatique de croquettes ne marche pas. Je souhaite un échange.",
        ),
        (
            "Votre colis est livré",
            "C'est faux, je n'ai rien. Ne répondez pas par un message automatique svp.",
        ),
        ("Newsletter", "Bonjour, je voudrais me désabonner de vos offres."),
    ],
)
def test_words_of_machines_in_a_persons_mail_do_not_make_a_machine(subject: str, text: str) -> None:
    assert read(plain(text, subject=subject)).machine is None


def test_a_person_who_forwards_an_automatic_mail_is_a_person() -> None:
    notice = "Ceci est un message automatique, ne pas répondre.\nVotre colis sera livré demain."
    passed_on = f"---------- Forwarded message ---------\nDe : DPD <noreply@dpd.fr>\nSubject: x\n\n{notice}"
    text = f"Je n'ai rien reçu !\n\n{passed_on}"
    assert read(plain(text, subject="TR: Votre colis")).machine is None
    assert read(plain(passed_on, subject="TR: Votre colis")).machine is None


def test_prospecting_written_by_a_person_is_not_a_machines() -> None:
    text = "Bonjour,\n\nNotre agence accompagne 200 boutiques. Auriez-vous 15 minutes mardi ?\n\nKevin"
    assert read(plain(text, sender="Kevin <kevin@agence.example>")).machine is None


def test_a_newsletter_in_html_is_bulk() -> None:
    source = "<p>-40 % sur le linge avec le code BLANC.</p><p>Se désabonner</p>"
    assert (
        machine(html(source, sender="Maison <bonjour@maison.example>", subject="-40 % : soldes")).kind
        == "bulk"
    )

"""The new text of a mail, apart from all that others wrote or programs added."""

import tomllib
from pathlib import Path

import pytest

from tests.steps.mails import html, multipart, plain, read

NEW = "Bonjour,\n\nLa lampe est arrivée cassée.\n\nJeanne Petit"
OLD = "Bonjour Jeanne,\n\nVotre commande est partie.\n\nHélène - Boutique"
CHEVRONS = "\n".join("> " + line for line in OLD.split("\n"))
_SAMPLES = tomllib.loads((Path(__file__).parents[1] / "data/mails/citations.toml").read_text("utf-8"))
ATTRIBUTIONS: dict[str, str] = _SAMPLES["attributions"]
SEPARATORS: dict[str, str] = _SAMPLES["separateurs"]
HTML_QUOTES: dict[str, str] = _SAMPLES["html"]
WRAPPED: dict[str, list[str]] = _SAMPLES["enveloppes"]
REPLY = "In-Reply-To: <1@boutique.example>"


@pytest.mark.parametrize("attribution", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS.keys())
def test_a_quote_marked_with_chevrons_is_not_new(attribution: str) -> None:
    mail = read(plain(f"{NEW}\n\n{attribution}\n{CHEVRONS}\n", headers=REPLY))
    assert mail.text == NEW
    assert "Votre commande est partie." in mail.quoted
    assert attribution.split("\n")[0] in mail.quoted


@pytest.mark.parametrize("attribution", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS.keys())
def test_a_quote_without_any_mark_is_not_new(attribution: str) -> None:
    assert read(plain(f"{NEW}\n\n{attribution}\n\n{OLD}\n")).text == NEW


@pytest.mark.parametrize("separator", SEPARATORS.values(), ids=SEPARATORS.keys())
def test_all_that_follows_a_separator_is_quoted(separator: str) -> None:
    mail = read(plain(f"{NEW}\n\n{separator}\n\n{OLD}\n"))
    assert mail.text == NEW
    assert "Votre commande est partie." in mail.quoted


def test_an_orange_quote_is_recognised_by_its_first_line_even_outside_a_reply() -> None:
    quote = (
        '> Message du 19/11/26 08:15\n> De : "Boutique" <c@b.example>\n> A : jeanne@fai.example\n> Objet : x\n> \n'
        + CHEVRONS
    )
    assert read(plain(f"{NEW}\n\n{quote}\n")).text == NEW


def test_interleaved_answers_are_all_kept() -> None:
    text = (
        "Bonjour, mes réponses ci-dessous.\n\nLe 19/11/2026 à 08:15, Boutique a écrit :\n> Avez-vous une photo ?\n"
        "Oui, en pièce jointe.\n> Gardez-vous la lampe ?\n>\nNon, je la renvoie.\n> Merci\n\nJeanne"
    )
    mail = read(plain(text, headers=REPLY))
    assert (
        mail.text
        == "Bonjour, mes réponses ci-dessous.\n\nOui, en pièce jointe.\nNon, je la renvoie.\n\nJeanne"
    )
    assert "Avez-vous une photo" in mail.quoted


def test_an_answer_below_the_quote_is_kept() -> None:
    text = f"Le 19/11/2026 à 08:15, Boutique a écrit :\n{CHEVRONS}\n\nD'accord, merci.\n"
    assert read(plain(text, headers=REPLY)).text == "D'accord, merci."


def test_nested_quotes_are_all_quoted() -> None:
    text = (
        f"{NEW}\n\nLe 19/11/2026 à 08:15, Boutique a écrit :\n> Bonjour\n>> Où est ma lampe ?\n> > > Merci\n"
    )
    assert read(plain(text, headers=REPLY)).text == NEW


def test_chevrons_as_bullets_in_a_first_mail_are_the_customers_words() -> None:
    text = "Bonjour, il me manque :\n\n> une lampe\n> deux vis\n\nMerci de les envoyer."
    assert read(plain(text)).text == text


@pytest.mark.parametrize(
    "sentence",
    [
        "Le 19 novembre à 10:30 votre collègue m'a écrit :",
        "Le 3 mai, le livreur nous a écrit :",
        "Le colis devait arriver le 12. Personne n'a rien écrit :",
        "On the other hand I wrote:",
        "De : Paris",
    ],
)
def test_a_sentence_that_only_resembles_a_quote_header_cuts_nothing(sentence: str) -> None:
    text = f"Bonjour,\n{sentence}\nvotre colis arrive demain.\nMais rien n'est venu.\nJeanne"
    assert read(plain(text)).text == text


@pytest.mark.parametrize(
    "line",
    [
        "Envoyé de mon iPhone",
        "Envoyé depuis mon smartphone Samsung Galaxy.",
        "Envoyé depuis mon appareil Galaxy",
        "Envoyé depuis mon mobile Orange",
        "Envoyé depuis l'application mail Orange",
        "Envoyé depuis l’application Mail Orange",
        "Envoyé à partir de Yahoo Mail pour Android",
        "Envoyé depuis Yahoo Mail pour iPhone",
        "Envoyé à partir de Outlook pour iOS<https://aka.ms/o0ukef>",
        "Envoyé à partir d’Outlook pour Android",
        "Envoyé avec la messagerie sécurisée Proton Mail.",
        "Envoyé avec Proton Mail",
        "Envoyé à partir de Courrier pour Windows",
        "Provenance : Courrier pour Windows",
        "Télécharger Outlook pour Android",
        "Télécharger Outlook pour iOS<https://aka.ms/o0ukef>",
        "Obtenez Outlook pour Android <https://aka.ms/AAb9ysg>",
        "Get Outlook for iOS",
        "Sent from my iPhone",
        "Sent from Outlook for Android",
        "Envoyé de mon Galaxy S23",
        "Envoyé depuis mon téléphone",
        "Envoyé via la messagerie SFR Mail",
        "Sent with [Proton Mail](https://proton.me/mail/home) secure email.",
    ],
)
def test_a_line_that_a_program_added_is_not_new(line: str) -> None:
    mail = read(plain(f"{NEW}\n\n{line}\n"))
    assert mail.text == NEW
    assert line in mail.quoted


@pytest.mark.parametrize(
    "line",
    [
        "Envoyez-moi une étiquette de retour.",
        "Envoyé hier par la Poste, le colis est revenu.",
        "Envoyé avec soin, dites-vous ? Il est en miettes.",
        "Téléchargez vous-même la photo, elle est jointe.",
        "Ce message est le troisième que je vous envoie.",
        "Si vous recevez ma plainte, répondez.",
        "Avertissement : si je ne suis pas remboursée sous huit jours, je saisis la DGCCRF.",
        "Avertissement - dernier rappel : où est mon argent ?",
        "Envoyé par La Poste le 3 novembre, toujours rien dans ma boîte aux lettres.",
        "Expédié par La Poste en recommandé le 3/11.",
        "Ce message pour vous dire que le destinataire n'a rien reçu et que je veux être remboursée.",
        "Ce courriel est le troisième, le destinataire de la commande est ma mère.",
        "Si vous avez reçu ce colis par erreur en retour, merci de me le renvoyer.",
        "CONFIDENTIALITÉ : je ne veux pas que mes données soient revendues.",
        "This message is the third, and the parcel intended for my mother never came.",
        "Sent from Android my photo twice, no answer, lamp is broken",
        "Outlook : impossible d'ouvrir votre facture jointe.",
        "Gmail : jeanne.moreau@courriel.example",
        "Télécharger Outlook ne m'aide pas, c'est votre facture qui ne s'ouvre pas !",
        "Provenance : Courrier recommandé, reçu vide le 3 novembre.",
    ],
)
def test_a_customers_line_that_resembles_one_is_kept(line: str) -> None:
    assert read(plain(f"Bonjour,\n{line}\nJeanne")).text == f"Bonjour,\n{line}\nJeanne"


@pytest.mark.parametrize(
    "notice",
    [
        "Ce message et toutes les pièces jointes sont confidentiels et établis\npour ses seuls destinataires.",
        "This e-mail and any attachments are confidential and intended solely for the addressee.",
        "Pensez à l'environnement avant d'imprimer ce message.",
        "Garanti sans virus. www.avast.com",
        "Si vous avez reçu ce message par erreur, merci de le détruire.",
    ],
)
def test_a_legal_notice_is_not_new(notice: str) -> None:
    assert read(plain(f"{NEW}\n\n{notice}\n")).text == NEW


def test_nothing_new_leaves_the_whole_text() -> None:
    mail = read(
        plain(
            f"-----Message d'origine-----\nDe : contact@boutique.example\n\n{OLD}\n",
            subject="TR: Votre commande",
        )
    )
    assert "Votre commande est partie." in mail.text
    assert mail.quoted == ""


@pytest.mark.parametrize(
    "line",
    [
        "Le 3 novembre à 10:12 votre collègue Paul a écrit :",
        "J'ai écrit à 10:12 à votre adresse <contact@boutique.example> :",
        "Message du 29/07/26 12:10\nDe : votre service",
    ],
)
def test_a_first_mail_of_which_only_a_greeting_would_be_left_is_read_whole(line: str) -> None:
    text = f"Bonjour,\n\n{line}\nvotre colis part demain. Rien depuis, je veux être remboursée.\n\nJeanne"
    mail = read(plain(text))
    assert mail.text == text
    assert mail.quoted == ""
    answer = read(
        plain(f"Bonjour,\n\nJeanne Petit\n\nLe 19/11/2026 à 08:15, B a écrit :\n{OLD}", headers=REPLY)
    )
    assert answer.text == "Bonjour,\n\nJeanne Petit"


def test_every_line_is_either_new_or_quoted() -> None:
    text = f"{NEW}\n\nEnvoyé de mon iPhone\n\nLe 19/11/2026 à 08:15, Boutique a écrit :\n{CHEVRONS}\n"
    mail = read(plain(text, headers=REPLY))
    assert sorted((mail.text + "\n" + mail.quoted).split()) == sorted(text.split())


@pytest.mark.parametrize("quote", HTML_QUOTES.values(), ids=HTML_QUOTES.keys())
def test_an_html_quote_is_not_new(quote: str) -> None:
    mail = read(
        html(
            f"<html><body><div>Bonjour,</div><div><br></div><div>Elle est cassée.</div>{quote}</body></html>"
        )
    )
    assert mail.text == "Bonjour,\n\nElle est cassée."
    assert "Votre commande est partie." in mail.quoted


def test_answers_between_html_quotes_are_kept() -> None:
    source = (
        '<div class="gmail_quote"><div class="gmail_attr">Le 19/11/2026 à 08:15, B &lt;c@b.example&gt; a écrit :</div>'
        '<blockquote class="gmail_quote">Une photo ?</blockquote><div>La voici.</div>'
        '<blockquote class="gmail_quote">Merci</blockquote></div>'
    )
    mail = read(html(source, headers=REPLY))
    assert mail.text == "La voici."
    assert "Une photo ?" in mail.quoted


def test_an_indented_block_of_the_customers_own_is_kept() -> None:
    assert "une lampe" in read(html("<p>Il manque :</p><blockquote>une lampe</blockquote><p>Merci</p>")).text


@pytest.mark.parametrize(("sender", "before", "after"), WRAPPED.values(), ids=WRAPPED.keys())
@pytest.mark.parametrize(
    "quote", ["", f"\n\nLe 19/11/2026 à 08:15, Boutique a écrit :\n{CHEVRONS}"], ids=["seul", "cité"]
)
def test_the_platforms_wrapper_is_not_new(sender: str, before: str, after: str, quote: str) -> None:
    mail = read(plain(before + NEW + after + quote, sender=f"Jeanne <{sender}>"))
    assert mail.text == NEW
    assert mail.machine is None


@pytest.mark.parametrize(
    "lines",
    [
        "De : Lyon\nÀ : Paris\nDate : 3 novembre",
        "De : Jeanne Petit\nÀ : Boutique\nObjet : mise en demeure",
    ],
)
def test_the_head_of_a_form_or_letter_is_no_quoted_mail(lines: str) -> None:
    text = f"Bonjour,\n\n{lines}\n\nMon colis est perdu, remboursez-moi.\n\nJeanne"
    assert read(plain(text)).text == text


def test_words_of_a_wrapper_stay_in_a_mail_that_no_platform_relayed() -> None:
    text = "Message du client :\nvoilà ce que votre site affiche, c'est normal ?"
    assert read(plain(text)).text == text


def test_the_plain_part_counts_unless_it_only_announces_html() -> None:
    rich = "Content-Type: text/html; charset=utf-8\n\n<p>Elle est <b>cassée</b>.</p>"
    said = multipart("alternative", "Content-Type: text/plain; charset=utf-8\n\nElle est en miettes.", rich)
    empty = multipart("alternative", "Content-Type: text/plain\n\n  \n", rich)
    pointing = multipart(
        "alternative",
        "Content-Type: text/plain; charset=utf-8\n\nVotre logiciel n'affiche pas le format HTML.",
        rich,
    )
    assert read(said).text == "Elle est en miettes."
    assert read(empty).text == "Elle est cassée."
    assert read(pointing).text == "Elle est cassée."

"""Accents survive declared, wrong and missing charsets; flowed text is joined."""

import base64

import pytest

from tests.steps.mails import plain, read

ACCENTS = "Où est ma commande ? « Déçue », 12,50 € – cœur"


@pytest.mark.parametrize("charset", ["utf-8", "windows-1252", "utf-16", "utf-7"])
def test_accents_survive_every_declared_charset(charset: str) -> None:
    head = f"From: a@b.example\r\nContent-Type: text/plain; charset={charset}\r\n"
    head += "Content-Transfer-Encoding: base64\r\n\r\n"
    assert read(head.encode() + base64.encodebytes(ACCENTS.encode(charset))).text == ACCENTS


@pytest.mark.parametrize(
    ("declared", "real"),
    [
        ("us-ascii", "utf-8"),
        ("us-ascii", "cp1252"),
        ("iso-8859-1", "cp1252"),
        ("iso-8859-1", "utf-8"),
        ("utf-8", "cp1252"),
        ("x-inconnu", "utf-8"),
        ("x-inconnu", "cp1252"),
        ("", "cp1252"),
        ("iso-8859-15", "cp1252"),
        ("idna", "utf-8"),
    ],
)
def test_accents_survive_a_wrongly_declared_charset(declared: str, real: str) -> None:
    head = f'From: a@b.example\r\nContent-Type: text/plain; charset="{declared}"\r\n\r\n'
    assert read(head.encode() + ACCENTS.encode(real)).text == ACCENTS


def test_text_that_a_program_garbled_on_its_way_is_mended() -> None:
    assert (
        read(plain("Le colis est arrivÃ© abÃ®mÃ©, Ã§a suffit")).text == "Le colis est arrivé abîmé, ça suffit"
    )


def test_nuls_and_invisible_marks_are_removed() -> None:
    assert read(plain("Bon\x00jour\ufeff, \u200bmerci\x07")).text == "Bonjour, merci"


@pytest.mark.parametrize(
    ("parameters", "text", "expected"),
    [
        (
            "format=flowed",
            "Une phrase \nsur deux lignes.\nUne autre.",
            "Une phrase sur deux lignes.\nUne autre.",
        ),
        ("format=flowed; delsp=yes", "Une phra \nse.", "Une phrase."),
        ("format=flowed", "le casse- \ntête", "le casse-tête"),
        ("format=flowed", " >cela n'est pas une citation", ">cela n'est pas une citation"),
        ("format=fixed", "Une ligne \nUne autre", "Une ligne\nUne autre"),
    ],
)
def test_flowed_text_is_joined(parameters: str, text: str, expected: str) -> None:
    head = f"From: a@b.example\r\nContent-Type: text/plain; charset=utf-8; {parameters}\r\n\r\n"
    assert read(head.encode() + text.replace("\n", "\r\n").encode()).text == expected

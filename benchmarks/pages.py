"""A letter as plain text and as HTML, in the manner of Gmail, Outlook, Apple Mail and Amazon's relay."""

import textwrap
from html import escape

from benchmarks.letters import MONTHS, SHOP, Letter, Quote

_DAYS = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")
_WORD = "mso-fareast-language:EN-US;"
_OUTLOOK_CSS = f"""<style type="text/css"><!--
@font-face {{font-family:Calibri; panose-1:2 15 5 2 2 2 4 3 2 4;}}
p.MsoNormal, li.MsoNormal, div.MsoNormal {{margin:0cm; font-size:11.0pt; font-family:"Calibri",sans-serif; {_WORD}}}
a:link, span.MsoHyperlink {{mso-style-priority:99; color:#0563C1; text-decoration:underline;}}
span.EmailStyle17 {{mso-style-type:personal-compose; font-family:"Calibri",sans-serif; color:windowtext;}}
.MsoChpDefault {{mso-style-type:export-only; font-size:10.0pt;}}
@page WordSection1 {{size:612.0pt 792.0pt; margin:70.85pt 70.85pt 70.85pt 70.85pt;}}
--></style>"""
_PARAGRAPHS = {
    "outlook": '<p class="MsoNormal"><span style="font-size:11.0pt;font-family:&quot;Calibri&quot;,sans-serif;'
    'color:#1F497D">{}<o:p></o:p></span></p>\n',
    "gmail": '<div dir="ltr" style="font-family:arial,helvetica,sans-serif;font-size:small">{}</div>\n',
    "apple": "<div>{}</div>\n",
    "amazon": "<p>{}</p>\n",
}
_BLOCKS = {
    "gmail": '<br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">{}<br></div><blockquote '
    'class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);'
    'padding-left:1ex">\n',
    "apple": '<br><blockquote type="cite"><div>{}</div><br class="Apple-interchange-newline">\n',
    "outlook": '<div id="divRplyFwdMsg" style="border:none;border-top:solid #E1E1E1 1.0pt;'
    'padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal">{}<o:p></o:p></p></div>\n',
}
_ENDS = {"gmail": "</blockquote></div>\n", "apple": "</blockquote>\n", "outlook": ""}
_RULE = "-" * 13


def text(letter: Letter) -> str:
    """The text/plain part."""
    if letter.style == "amazon":
        return "\n".join(_relayed(letter)) + "\n"
    lines = [*letter.body, *letter.signature]
    for depth, quote in enumerate(letter.quotes):
        marks = "" if letter.style == "outlook" else "> " * depth
        lines += [marks.rstrip(), *(marks + line for line in _attribution(letter, quote)), marks.rstrip()]
        marks = "" if letter.style == "outlook" else "> " * (depth + 1)
        for paragraph in quote.lines:
            wrapped = textwrap.wrap(paragraph, 74 - len(marks)) or [""]
            lines += [(marks + line).rstrip() for line in wrapped]
    return "\n".join(lines) + "\n"


def html(letter: Letter) -> str:
    """The text/html part; @@CS@@ stands for the charset."""
    paragraph = _PARAGRAPHS[letter.style]
    lines = _relayed(letter) if letter.style == "amazon" else [*letter.body, *letter.signature]
    head = '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta http-equiv="Content-Type" '
    out = [f'{head}content="text/html; charset=@@CS@@">', _OUTLOOK_CSS if letter.style == "outlook" else ""]
    out += ['</head><body lang="FR" style="word-wrap:break-word">']
    out += _banners(letter) if letter.kind == "newsletter" else []
    out += [paragraph.format(_escaped(line) or "<br>") for line in lines]
    quotes = [] if letter.style == "amazon" else letter.quotes
    for quote in quotes:
        out.append(_BLOCKS[letter.style].format("<br>".join(map(_escaped, _attribution(letter, quote)))))
        out += [paragraph.format(_escaped(line) or "<br>") for line in quote.lines]
    out += [_ENDS[letter.style]] * len(quotes) if quotes else []
    return "".join((*out, "</body></html>\n"))


def _escaped(line: str) -> str:
    return escape(line).replace("\u00a0", "&nbsp;")


def _banners(letter: Letter) -> list[str]:
    table = (
        '<table width="600" border="0" cellpadding="0" cellspacing="0" align="center"><tr><td style="padding:12px;'
        'font-family:Arial;color:#333333"><a href="https://news.exemple.fr/c/{n}?utm_source=mail&amp;utm_campaign='
        'soldes"><img src="https://news.exemple.fr/i/{n}.jpg" width="280" alt="Offre"></a><p>{words}</p></td></tr>'
        "</table>\n"
    )
    return [table.format(n=number, words=_escaped(" ".join(letter.body))) for number in range(8)]


def _attribution(letter: Letter, quote: Quote) -> list[str]:
    day, who = quote.at, f"{quote.name} <{quote.address}>"
    long = f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    if letter.style == "gmail":
        short = f"{_DAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1][:4]}. {day.year}"
        return [f"Le {short} à {day:%H:%M}, {who}", "a écrit\u00a0:"]
    if letter.style == "apple":
        return [f"Le {long} à {day:%H:%M}, {who} a écrit :"]
    rule = "_" * 32 if day.day % 2 else "-----Message d'origine-----"
    return [
        rule,
        f"De : {who}",
        f"Envoyé : {long} {day:%H:%M}",
        f"À : {SHOP}",
        f"Objet : {letter.subject}",
        "",
    ]


def _relayed(letter: Letter) -> list[str]:
    return [
        "Vous avez reçu un message.",
        "",
        f"# de commande : {letter.order.number}",
        "",
        f"Article : {letter.order.article}",
        "",
        f"{_RULE} Début du message {_RULE}",
        "",
        *letter.body,
        *letter.signature[2:3],
        "",
        f"{_RULE} Fin du message {_RULE}",
        "",
        "Répondez à ce message dans les 24 heures.",
    ]

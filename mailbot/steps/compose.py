"""Mail + order + deadlines + template → Reply: one coherent letter, every missing fact visible and named."""

import hashlib
import marshal
import re
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import CodeType, SimpleNamespace
from typing import Any

from jinja2 import BytecodeCache, DictLoader, StrictUndefined, Template
from jinja2.bccache import Bucket
from jinja2.sandbox import ImmutableSandboxedEnvironment

from mailbot.model import Address, Mail, Reply
from mailbot.ruleset.familiar import Familiar
from mailbot.ruleset.shop import Merchant
from mailbot.steps import context, familiar, french, guards
from mailbot.steps.context import Case
from mailbot.steps.letter_words import Deadlines, Known, Missing

BASE, MACROS, SUFFIX = "_base.txt.j2", "_blocs.txt.j2", ".txt.j2"
SUBJECT, ANSWER, NEXT = (
    "sujet",
    "reponse",
    "suite",
)  # the blocks of a letter; a second request is written from them
MAX_SUBJECT = 200
_TAG_LINE = re.compile(r"^[ \t]*(?:(?:\{%(?:(?!%\}).)*%\}|\{#(?:(?!#\}).)*#\})[ \t]*)+\n", re.MULTILINE)
_EMPTY_BLOCK = re.compile(r"\{%-? *block\b.*\{%-? *endblock")  # a place for a paragraph, not a mere tag


def read_templates(directory: Path) -> dict[str, str]:
    """Every *.txt.j2 below `directory`, as name ('famille/nom.txt.j2') → source."""
    return {
        path.relative_to(directory).as_posix(): path.read_text("utf-8")
        for path in sorted(directory.rglob(f"[!.]*{SUFFIX}"))
    }


def stems(templates: Mapping[str, str]) -> frozenset[str]:
    """The stems ('famille/nom') of the letters among `templates` (not the shared parts)."""
    return frozenset(name.removesuffix(SUFFIX) for name in templates if not name.startswith("_"))


def quiet_tags(source: str) -> str:
    """A line that holds only tags or comments leaves no line in the text; other line ends stay. (trim_blocks would
    also glue the words around a tag that ends a line.) Line numbers do not change."""
    return _TAG_LINE.sub(
        lambda line: line[0] if _EMPTY_BLOCK.search(line[0]) else line[0][:-1] + "{#\n#}", source
    )


class _World(ImmutableSandboxedEnvironment):
    """The sandbox, with a short way for the values of our own context (plain namespaces without methods)."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if type(obj) in (Known, SimpleNamespace, Deadlines, Part):
            return not attr.startswith("_")
        return super().is_safe_attribute(obj, attr, value)


class _CompiledOnce(BytecodeCache):
    """Compiling is most of what a rulebook costs: the check and the composer share it, and so does the next rulebook
    for the letters that are still the same. A checksum of its source tells a letter from its other versions."""

    LIMIT = 1000

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if len(self._known) >= self.LIMIT:
            self._known.clear()
        if bucket.code is not None:
            self._known[bucket.key, bucket.checksum] = bucket.code

    def given(self) -> bytes:
        """All that is compiled by now, to `take` in a later run of this very program and Python."""
        return marshal.dumps(self._known)

    def take(self, given: bytes) -> None:
        """What an earlier run has `given`; b"" is nothing. Only from where nobody else may write: it is code."""
        if given and not self._known:
            self._known.update(marshal.loads(given))  # noqa: S302 - what this program wrote itself


COMPILED = _CompiledOnce()


def environment(templates: Mapping[str, str]) -> ImmutableSandboxedEnvironment:
    """The closed world templates run in: sandboxed, unknown names are errors, dates print in French."""
    world = _World(
        loader=DictLoader({name: quiet_tags(source) for name, source in templates.items()}),
        autoescape=False,
        undefined=StrictUndefined,
        finalize=_print,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=COMPILED,
    )
    world.filters.update(
        date_courte=_or_hole(french.short_date),
        date_heure=_or_hole(french.date_and_time),
        jour=_or_hole(french.paris_day),
    )
    return world


def _print(value: object) -> object:
    return french.long_date(value) if isinstance(value, date) else value


def _or_hole(function: object) -> object:
    def apply(value: object) -> object:
        return value if isinstance(value, Missing) else function(value)  # type: ignore[operator]

    return apply


@dataclass(frozen=True, slots=True)
class Part:
    """Another request of the same mail, answered in the same letter."""

    sujet: str
    texte: str


class _Voice:
    """Letters that speak to the customer one way; each is compiled when first written, since compiling all takes longer
    than most of a start."""

    def __init__(self, templates: Mapping[str, str]) -> None:
        self._world = environment(templates)
        self.builtin = dict(self._world.globals)
        self.macros = self._world.get_template(MACROS)
        self.stems = stems(templates)
        self._letters: dict[str, Template] = {}

    def letter(self, stem: str) -> Template:
        """The letter of a situation."""
        known = self._letters.get(stem)
        if known is None:
            known = self._letters[stem] = self._world.get_template(stem + SUFFIX)
        return known


class Composer:
    """Templates compiled once. `templates` as from `read_templates`; `rules` are the checks on outgoing texts; with a
    `lexicon`, a shop that says « tu » is given its letters that way."""

    def __init__(
        self, templates: Mapping[str, str], rules: guards.OutputRules, lexicon: Familiar | None = None
    ) -> None:
        self._rules = rules
        self._formal = _Voice(templates)
        self._lexicon = lexicon
        self._familiar = _Voice(familiar.all_said(templates, lexicon)) if lexicon else None

    @property
    def stems(self) -> frozenset[str]:
        """The stems there is a letter for."""
        return self._formal.stems

    def compose(self, stem: str, case: Case, also: Sequence[str] = ()) -> Reply:
        """The reply of situation `stem` to `case`, with a paragraph for each further situation in `also`
        that has a letter.

        Never raises on the content of a mail or order. `missing` names the facts that are holes in the text,
        `blocked` says in French why the text must not leave as it is."""
        holes: list[str] = []
        text = self._render(stem, case, self._others(stem, also), holes)
        subject = subject_of(case.mail, case)
        facts = guards.case_facts(case)
        to = case.mail.reply_to or case.mail.sender
        blocked = guards.check(text, subject, facts, self._rules, today=french.paris_day(case.now))
        if to is None:
            blocked = ("Aucune adresse à qui répondre : répondez par un autre moyen.", *blocked)
        return Reply(
            template=stem,
            to=to or Address(name="", addr=""),
            subject=subject,
            text=text,
            html=french.to_html(text),
            message_id=f"<mailbot.{_same_mail(case.mail)}@{case.merchant.domaine_message_id}>",
            in_reply_to=case.mail.message_id,
            references=_references(case.mail),
            missing=tuple(holes),
            blocked=blocked,
            facts=facts.to_json(),
        )

    def _others(self, stem: str, also: Sequence[str]) -> list[str]:
        return [other for other in dict.fromkeys(also) if other != stem and other in self._formal.stems]

    def _voice(self, stem: str, case: Case, also: Sequence[str]) -> _Voice:
        """« tu » where the shop says so, but on no marketplace, to no company, and in no letter that keeps « vous »."""
        said, lexicon = self._familiar, self._lexicon
        if said is None or lexicon is None or case.merchant.adresse != "tu":
            return self._formal
        elsewhere = case.channel is not None and case.channel.place_de_marche
        distant = (
            elsewhere or case.facts.get("acheteur_societe") or any(map(lexicon.keeps_vous, (stem, *also)))
        )
        return self._formal if distant else said

    def _render(self, stem: str, case: Case, also: Sequence[str], holes: list[str]) -> str:
        voice = self._voice(stem, case, also)
        letter = voice.letter(stem)
        words = {**voice.builtin, **context.build(case, holes)}
        macros = voice.macros.new_context(words, shared=True)
        deque(voice.macros.root_render_func(macros), maxlen=0)  # defines the macros, prints nothing
        words |= macros.get_exported()
        words["autres_demandes"] = _parts(letter, [voice.letter(one) for one in also], words) if also else []
        text = "".join(letter.root_render_func(letter.new_context(words, shared=True)))
        macros.vars.clear()  # context and macros hold one another: this spares the garbage collector much work
        words.clear()
        return french.typography(french.layout(text))


def _parts(letter: Template, also: Sequence[Template], words: dict[str, object]) -> list[Part]:
    said = set(_paragraphs(_block(letter, ANSWER, words)))
    said.update(_paragraphs(_block(letter, NEXT, words)))
    parts = [_part(other, words, said) for other in also]
    return [part for part in parts if part.texte]


def _part(letter: Template, words: dict[str, object], said: set[str]) -> Part:
    """What another letter says, without the paragraphs (a return procedure, a date) the reply has said already."""
    paragraphs = (*_paragraphs(_block(letter, ANSWER, words)), *_paragraphs(_block(letter, NEXT, words)))
    new = [one for one in paragraphs if one not in said]
    said.update(new)
    return Part(sujet=" ".join(_block(letter, SUBJECT, words).split()), texte="\n\n".join(new))


def _paragraphs(text: str) -> tuple[str, ...]:
    """As `french.layout` will see them: parted by empty lines."""
    return tuple(stripped for one in re.split(r"\n[ \t]*\n", text) if (stripped := one.strip()))


def _block(letter: Template, name: str, words: dict[str, object]) -> str:
    block = letter.blocks.get(name)
    return "".join(block(letter.new_context(words, shared=True))).strip() if block else ""


def subject_of(mail: Mail, case: Case) -> str:
    """« Re: » and the subject of the mail, marked once, on one line; never empty."""
    bare = french.bare_subject(mail.subject)
    if not bare:
        bare = f"commande {case.order.order_id}" if case.order else "message sans objet"
    return f"Re: {bare[:MAX_SUBJECT]}"


def _same_mail(mail: Mail) -> str:
    """What the copies of one mail share, whichever mailboxes and routes they came by: they get one answer. Without a
    Message-ID or a Date nothing shows that two mails are one, and the bytes alone count."""
    if mail.sender is None or not (mail.message_id or mail.sent):
        return mail.digest[:32]
    sent = mail.sent.isoformat() if mail.sent else ""
    shared = "\0".join((mail.sender.addr, mail.message_id or "", sent, mail.subject, mail.text))
    return hashlib.sha256(shared.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _references(mail: Mail) -> tuple[str, ...]:
    chain = (*mail.references, *((mail.message_id,) if mail.message_id else ()))
    return tuple(dict.fromkeys(chain))


def with_notice(reply: Reply, merchant: Merchant) -> Reply:
    """The reply as it leaves when no person reads it first: with the shop's notice that a machine wrote it
    (regulation (EU) 2024/1689, article 50). Without a notice in rules/entreprise.toml the reply lacks a fact."""
    notice = merchant.mention_ia.strip()
    if not notice:
        return replace(
            reply, missing=(*reply.missing, "mention d'assistance (mention_ia, rules/entreprise.toml)")
        )
    text = reply.text.rstrip("\n") + "\n\n" + french.typography(french.layout(notice))
    return replace(reply, text=text, html=french.to_html(text))

"""A new situation with its letter, laid out as a draft beside the others; nothing uses it until it is put in place."""

import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import fuzz

from mailbot import rulebook
from mailbot.errors import RuleError, words
from mailbot.rulebook import Rulebook
from mailbot.situation import CaseExample
from mailbot.steps.compose import SUFFIX, stems

DRAFT = ".brouillon"  # no rulebook reads a file that ends so
_STEM = re.compile(r"[a-z][a-z0-9_]*/[a-z][a-z0-9_]*")
_HEAD = """# Brouillon d'une situation, d'après « {nearest} ». Rien ne s'en sert tant qu'il finit par .brouillon.
# 1. Donnez titre et raison. 2. Changez [conditions] (ou rang) pour la distinguer de « {nearest} ».
# 3. Écrivez un exemple qu'elle doit gagner, et gardez le contre-exemple en bas.
# 4. Écrivez la lettre : templates/{stem}{suffix}{draft}
# 5. Mettez en place : mailbot templates new {stem} --activer

"""
_NEXT = """# Commencée d'après « {like} ». Donnez la raison ; changez [conditions] (ou rang) pour la distinguer de
# « {like} » ; écrivez un exemple qu'elle doit gagner, et gardez le contre-exemple en bas.

"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skeleton:
    """The two files, and the situation they were copied from."""

    rule: Path
    letter: Path
    nearest: str


def lay_out(rules: Path, templates: Path, stem: str) -> Skeleton:
    """Write rule and letter of a new situation as drafts. Raises RuleError (French): bad or taken name, rules that do
    not load, folders that cannot be written."""
    book = rulebook.load(rules, templates)
    rule, letter = _places(rules, templates, stem)
    if not _STEM.fullmatch(stem):
        raise RuleError(f"« {stem} » : un nom s'écrit famille/nom, en minuscules sans accent, avec des _")
    if any(one.id == stem for one in book.situations) or rule.exists() or letter.exists():
        raise RuleError(f"« {stem} » existe déjà : choisissez un autre nom")
    nearest = nearest_of(book, stem)
    source = (rules / "situations" / f"{nearest}.toml").read_text("utf-8")
    head = _HEAD.format(nearest=nearest, stem=stem, suffix=SUFFIX, draft=DRAFT)
    try:
        for path, text in (
            (rule, head + _own(source, nearest, book)),
            (letter, book.templates[nearest + SUFFIX]),
        ):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    except OSError as error:
        raise RuleError(f"{error.filename} : écriture impossible ({words(error)}).") from error
    return Skeleton(rule=rule, letter=letter, nearest=nearest)


def begun(book: Rulebook, stem: str, like: str, title: str, source: str) -> tuple[str, str]:
    """Rule and letter of a new situation, begun like another one whose rule is `source`: to be told apart before they
    can be published. Raises RuleError (French) for a bad or taken name, or a model that has no letter."""
    if not _STEM.fullmatch(stem):
        raise RuleError(f"« {stem} » : un nom s'écrit famille/nom, en minuscules sans accent, avec des _")
    if any(one.id == stem for one in book.situations):
        raise RuleError(f"« {stem} » existe déjà : choisissez un autre nom")
    if not title.strip():
        raise RuleError("donnez un titre : c'est ce que voit l'agent")
    if like not in stems(book.templates) or all(one.id != like for one in book.situations):
        raise RuleError(f"« {like} » n'a pas de lettre à copier : choisissez une autre situation")
    rule = _own(source, like, book).replace('titre = "À compléter"', f"titre = {_quoted(title.strip())}", 1)
    return _NEXT.format(like=like) + rule, book.templates[like + SUFFIX]


def _quoted(text: str) -> str:
    plain = " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{plain}"'


def nearest_of(book: Rulebook, stem: str) -> str:
    """The situation with a letter whose name is most like this one, of the same family if there is one."""
    known = [one.id for one in book.situations if one.action.modele]
    family, _, name = stem.partition("/")
    kin = [one for one in known if one.startswith(f"{family}/")]
    return max(kin or known, key=lambda one: fuzz.ratio(name, one.partition("/")[2]))


def _places(rules: Path, templates: Path, stem: str) -> tuple[Path, Path]:
    return rules / "situations" / f"{stem}.toml{DRAFT}", templates / f"{stem}{SUFFIX}{DRAFT}"


def _own(source: str, nearest: str, book: Rulebook) -> str:
    """The neighbour's rule without its title and table row, with its first example, which is also what must stay with
    the neighbour until the two are told apart."""
    rule = source.partition("\n[[exemples]]")[0]
    kept = [line for line in rule.splitlines() if not line.startswith(("titre = ", "ligne = ", "raison = "))]
    own = ['titre = "À compléter"', 'raison = "À compléter : pourquoi cette décision, en une phrase."', *kept]
    example = _example(next(one for one in book.situations if one.id == nearest).exemples[0])
    parts = (
        "\n".join(own).rstrip(),
        f"[[exemples]]\n{example}",
        f'[[contre_exemples]]\ngagne = "{nearest}"\n{example}',
    )
    return "\n\n".join(parts) + "\n"


def _example(example: CaseExample) -> str:
    facts = ", ".join(f"{name} = {_toml(value)}" for name, value in example.faits.items())
    lines = [f"{key} = {_toml(words)}" for key, words in (
        ("intentions", list(example.intentions)), ("drapeaux", sorted(example.drapeaux))
    ) if words]  # fmt: skip
    return "\n".join([*lines, f"faits = {{ {facts} }}"])


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def activate(rules: Path, templates: Path, stem: str) -> None:
    """Put the drafts in place once the rulebook loads with them. Raises RuleError (French); then nothing changed."""
    drafts = _places(rules, templates, stem)
    for path in drafts:
        if not path.is_file():
            raise RuleError(f"{path} : fichier introuvable. Posez-le d'abord : mailbot templates new {stem}")
    with tempfile.TemporaryDirectory(prefix="mailbot-") as name:
        trial = [Path(name) / "rules", Path(name) / "templates"]
        for source, copy in zip((rules, templates), trial, strict=True):
            shutil.copytree(source, copy)
        for path in _places(trial[0], trial[1], stem):
            path.rename(path.with_name(path.name.removesuffix(DRAFT)))
        try:
            rulebook.load(*trial)
        except RuleError as error:
            raise RuleError(f"pas encore prêt :\n{str(error).replace(f'{name}/', '')}") from error
    for path in reversed(drafts):  # the letter first: a situation without its letter would be refused
        path.rename(path.with_name(path.name.removesuffix(DRAFT)))

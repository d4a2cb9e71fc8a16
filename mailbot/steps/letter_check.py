"""Looks at the templates before any mail comes: unknown words, forgotten blocks, dates nobody computes."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from types import SimpleNamespace
from typing import cast

from jinja2 import TemplateError, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from rapidfuzz import process

from mailbot.steps.compose import (
    ANSWER,
    BASE,
    MACROS,
    SUBJECT,
    SUFFIX,
    Part,
    environment,
    quiet_tags,
    stems,
)
from mailbot.steps.letter_words import ARTICLE, SCHEMA, Deadlines, Missing

_DEADLINES, _OTHERS = "delais", "autres_demandes"
_OTHER = ("sujet", "texte")


def problems(
    templates: Mapping[str, str], deadlines: Mapping[str, Collection[str]] | None = None
) -> list[str]:
    """Every problem of the templates (name → source), in French with file and line; [] when there is none.

    `deadlines`: the ids each situation (by stem) declares; then a letter may only cite those."""
    if absent := [name for name in (BASE, MACROS) if name not in templates]:
        return [f"{name} : fichier absent, toutes les lettres en dépendent" for name in absent]
    world = environment(templates)
    trees: dict[str, nodes.Template] = {}
    found: list[str] = []
    for name, source in templates.items():
        try:
            trees[name] = world.parse(quiet_tags(source))
        except TemplateSyntaxError as error:
            found.append(f"{name}, ligne {error.lineno} : syntaxe incorrecte ({error.message})")
    if found:
        return found
    macros = {node.name: node for node in trees[MACROS].find_all(nodes.Macro)}
    for name, tree in trees.items():
        found += _unknown_words(name, tree, macros)
    through = {name: _cited(macro, macros, frozenset({name})) for name, macro in macros.items()}
    for stem in sorted(stems(templates)):
        found += _missing_blocks(stem + SUFFIX, trees[stem + SUFFIX])
        if deadlines is not None:
            found += _unknown_deadlines(stem, trees[stem + SUFFIX], through, deadlines.get(stem, ()))
    return found or list(_trials(world, templates))


def _unknown_words(name: str, tree: nodes.Template, macros: Mapping[str, nodes.Macro]) -> Iterator[str]:
    known = {*SCHEMA, *macros, _DEADLINES, _OTHERS}
    unknown = meta.find_undeclared_variables(tree) - known
    for node in tree.find_all(nodes.Name):
        if node.name in unknown:
            yield f"{name}, ligne {node.lineno} : mot inconnu « {node.name} »{_near(node.name, known)}"
    fields = _fields(tree)
    for attribute in tree.find_all(nodes.Getattr):
        owner = attribute.node.name if isinstance(attribute.node, nodes.Name) else None
        if owner in fields and attribute.attr not in fields[owner]:
            near = _near(attribute.attr, fields[owner])
            yield f"{name}, ligne {attribute.lineno} : « {owner} » n'a pas de « {attribute.attr} »{near}"


def _fields(tree: nodes.Template) -> dict[str, Collection[str]]:
    """What follows the dot, for each name; loop variables over articles and other requests included."""
    fields: dict[str, Collection[str]] = dict(SCHEMA)
    for loop in tree.find_all(nodes.For):
        if isinstance(loop.target, nodes.Name):
            over = loop.iter
            if isinstance(over, nodes.Getattr) and over.attr == "articles":
                fields[loop.target.name] = ARTICLE
            elif isinstance(over, nodes.Name) and over.name == _OTHERS:
                fields[loop.target.name] = _OTHER
    return fields


def _near(word: str, known: Collection[str]) -> str:
    found = process.extractOne(word, sorted(known), score_cutoff=60)
    return f" : vouliez-vous dire « {found[0]} » ?" if found else f" (connus : {', '.join(sorted(known))})"


def _missing_blocks(name: str, tree: nodes.Template) -> Iterator[str]:
    if tree.find(nodes.Extends) is None:
        yield f'{name}, ligne 1 : la lettre doit commencer par {{% extends "{BASE}" %}}'
    blocks = {node.name for node in tree.find_all(nodes.Block)}
    for block in (SUBJECT, ANSWER):
        if block not in blocks:
            yield f"{name}, ligne 1 : il manque le bloc « {block} »"


def _unknown_deadlines(
    stem: str, tree: nodes.Template, through: Mapping[str, Mapping[str, int]], declared: Collection[str]
) -> Iterator[str]:
    """`through`: the deadlines each macro cites."""
    found = _named(tree)
    for call in tree.find_all(nodes.Call):
        name = call.node.name if isinstance(call.node, nodes.Name) else ""
        found = {**dict.fromkeys(through.get(name, ()), call.lineno), **found}
    for cited, line in sorted(found.items()):
        if cited not in declared:
            yield (
                f"{stem}{SUFFIX}, ligne {line} : l'échéance « {cited} » n'est pas déclarée dans les delais de "
                f"rules/situations/{stem}.toml"
            )


def _named(tree: nodes.Node) -> dict[str, int]:
    return {
        node.attr: node.lineno
        for node in tree.find_all(nodes.Getattr)
        if isinstance(node.node, nodes.Name) and node.node.name == _DEADLINES
    }


def _cited(tree: nodes.Node, macros: Mapping[str, nodes.Macro], seen: frozenset[str]) -> dict[str, int]:
    """Deadlines a macro cites, itself or through others, with the line."""
    cited = _named(tree)
    for call in tree.find_all(nodes.Call):
        name = call.node.name if isinstance(call.node, nodes.Name) else ""
        if name in macros and name not in seen:
            inner = _cited(macros[name], macros, seen | {name})
            cited = {**dict.fromkeys(inner, call.lineno), **cited}
    return cited


def _trials(world: ImmutableSandboxedEnvironment, templates: Mapping[str, str]) -> Iterator[str]:
    """One rendering with every fact and one without any: neither may fail."""
    both = (_full(), _empty())
    for words in both:
        try:
            words |= vars(world.get_template(MACROS).make_module(words))
        except (TemplateError, TypeError, ValueError, AttributeError) as error:
            yield f"{MACROS} : les lettres ne peuvent pas s'écrire ({error})"
            return
    for stem in sorted(stems(templates)):
        for words in both:
            try:
                world.get_template(stem + SUFFIX).render(words)
            except (TemplateError, TypeError, ValueError, AttributeError) as error:
                yield f"{stem}{SUFFIX} : la lettre ne peut pas s'écrire ({error})"
                break


def _full() -> dict[str, object]:
    words: dict[str, object] = {
        space: SimpleNamespace(**{name: _sample(name) for name in fields}) for space, fields in SCHEMA.items()
    }
    words[_DEADLINES] = _AnyDeadline()
    words[_OTHERS] = [Part(sujet="votre facture", texte="Texte.")]
    return words


class _AnyDeadline:
    def __getattr__(self, name: str) -> date:
        if name.startswith("_"):
            raise AttributeError(name)
        return date(2026, 11, 25)


def _sample(name: str) -> object:
    if name.endswith(("_le", "_max", "_min")):
        return date(2026, 11, 25)
    if name == "articles":
        return [SimpleNamespace(**dict.fromkeys(ARTICLE, 2))]
    return "exemple"


def _empty() -> dict[str, object]:
    holes: list[str] = []
    words: dict[str, object] = {
        space: SimpleNamespace(**{name: Missing(label, holes) for name, label in fields.items()})
        for space, fields in SCHEMA.items()
    }
    words[_DEADLINES] = Deadlines({}, holes)
    words[_OTHERS] = cast(object, [])
    return words

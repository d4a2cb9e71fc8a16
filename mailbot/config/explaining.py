"""What is wrong in a TOML file, in French: syntax by line; values by key path, with the nearest known key."""

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

_AT = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")
# What tomllib says → what a person can do about it.
_SYNTAX = {
    "Cannot overwrite a value": "cette clé est donnée deux fois",
    "Cannot declare": "cette section est ouverte deux fois",
    "Unescaped '\\'": "dans un texte entre guillemets, \\ s'écrit \\\\ (ou mettez le texte entre apostrophes)",
    "Invalid hex value": "dans un texte entre guillemets, \\ s'écrit \\\\ (ou mettez le texte entre apostrophes)",
    "Found invalid character": "un caractère invisible s'y trouve, effacez-le",
    "Illegal character": "un texte n'est pas refermé : il manque un guillemet",
    "Unterminated string": "un texte n'est pas refermé : il manque un guillemet",
    "Expected '=' after a key": "« clé = valeur » est attendu, ou « [section] »",
    "Invalid statement": "cette ligne n'est ni une clé, ni une section, ni un commentaire (#)",
    "Invalid value": "la valeur n'est pas reconnue : un texte se met entre guillemets, vrai et faux sont true et false",
    "Unclosed array": "une liste n'est pas refermée : il manque « ] »",
    "Expected ']'": "il manque « ] »",
    "Invalid initial character": "une clé ne peut pas commencer par ce caractère (mettez-la entre guillemets)",
    "Expected newline or end of document": "rien ne peut suivre cette valeur sur sa ligne",
}


def explain_syntax(error: tomllib.TOMLDecodeError) -> str:
    """Where a TOML file cannot be read and what to do there, to follow "syntaxe TOML incorrecte"."""
    said = str(error)
    found = _AT.search(said)
    if found and not found[1]:
        return "à la fin du fichier : une valeur, une liste ou un texte n'est pas refermé."
    where = f"à la ligne {found[1]}, colonne {found[2]}" if found else ""
    reason = next((french for sign, french in _SYNTAX.items() if said.startswith(sign)), said)
    return f"{where} : {_AT.sub('', reason)}."


def explain_validation(error: ValidationError, root: type[BaseModel]) -> list[str]:
    """One French line per validation error: key path, what is wrong, and the nearest known key for unknown ones."""
    items: list[dict[str, Any]] = [dict(item) for item in error.errors()]
    # A list whose only items are wrong is also reported as too short: the items' own lines say it better.
    inner = {item["loc"][:depth] for item in items for depth in range(len(item["loc"]))}
    return [
        _explain_one(item, root) for item in items if item["type"] != "too_short" or item["loc"] not in inner
    ]


_FRENCH = {
    "missing": "clé obligatoire absente",
    "int_parsing": "un nombre entier est attendu",
    "int_type": "un nombre entier est attendu",
    "int_from_float": "un nombre entier est attendu",
    "path_type": "un chemin entre guillemets est attendu",
    "float_type": "un nombre est attendu",
    "float_parsing": "un nombre est attendu",
    "bool_type": "true ou false est attendu",
    "bool_parsing": "true ou false est attendu",
    "string_type": "un texte entre guillemets est attendu",
    "tuple_type": "une liste [ ... ] est attendue",
    "list_type": "une liste [ ... ] est attendue",
    "dict_type": "une table est attendue",
    "model_type": "une table est attendue",
    "too_short": "au moins un élément est attendu",
}


def _explain_one(item: Mapping[str, Any], root: type[BaseModel]) -> str:
    from rapidfuzz import process

    where = (
        ".".join(str(part + 1) if isinstance(part, int) else str(part) for part in item["loc"]) or "fichier"
    )
    kind, context = item["type"], item.get("ctx") or {}
    if kind == "extra_forbidden":
        known = _known_keys(root, item["loc"][:-1])
        near = process.extractOne(str(item["loc"][-1]), known, score_cutoff=60)
        hint = (
            f" : vouliez-vous dire « {near[0]} » ?"
            if near
            else f". Clés connues : {', '.join(sorted(known))}"
        )
        return f"{where} : clé inconnue{hint}"
    if kind == "literal_error":
        return f"{where} : valeur {item['input']!r} inconnue, attendu {context.get('expected', '')}".replace(
            " or ", " ou "
        )
    if kind == "value_error":
        return f"{where} : {context.get('error', item['msg'])}"
    if kind in _FRENCH:
        return f"{where} : {_FRENCH[kind]}"
    if limits := {name: context[name] for name in ("ge", "gt", "le", "lt") if name in context}:
        signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
        return f"{where} : valeur hors limites (attendu {', '.join(f'{signs[k]} {v}' for k, v in limits.items())})"
    return f"{where} : {item['msg']}"


def _known_keys(root: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """The keys the model allows at `path` (indices and unknown parts are passed over)."""
    model: Any = root
    for part in path:
        if isinstance(part, str) and model is not None and part in model.model_fields:
            model = _inner_model(model.model_fields[part].annotation)
    return list(model.model_fields) if model is not None else []


def _inner_model(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        if (found := _inner_model(argument)) is not None:
            return found
    return None

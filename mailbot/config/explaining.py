"""What is wrong with a value of a TOML file, in French: key path, expectation, nearest known key."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError


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

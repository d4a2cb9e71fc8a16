"""What training leaves behind: vocabularies, weights and calibration; as bytes without any pickled code."""

import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mailbot.ruleset.intents import Recognition
from mailbot.steps.features import VIEWS, Extractor, LetterRows

Floats = NDArray[np.float32]
_FORMAT = 4
_CALIBRATION = ("primary", "presence", "remedy", "habits", "main_others", "wish_others")


@dataclass(frozen=True, slots=True)
class View:
    """One vocabulary: feature → row; `idf` per row; `weights` rows × outputs, the view's share included.
    `letters` only remembers what was worked out before."""

    rows: dict[str, int]
    idf: Floats
    weights: Floats
    letters: LetterRows


@dataclass(frozen=True, slots=True)
class Calibration:
    """The second stage, learnt on texts the first had not seen: weights common to all outputs, then a constant for
    each; `habits`: how often each remedy (column) is asked for with each intent (row); `main_others` and `wish_others`:
    what the scores of all outputs (rows) say of each intent and each remedy (columns)."""

    primary: Floats
    presence: Floats
    remedy: Floats
    habits: Floats
    main_others: Floats
    wish_others: Floats


@dataclass(frozen=True, slots=True)
class Model:
    """A trained classifier with the rules it was trained with. `intents` and `remedies` name the outputs."""

    recognition: Recognition
    extractor: Extractor
    intents: tuple[str, ...]
    remedies: tuple[str, ...]
    views: tuple[View, ...]
    bias: Floats
    calibration: Calibration


def outputs(recognition: Recognition) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Intent ids and remedy ids, in the order of the model's outputs."""
    return (
        tuple(intent.id for intent in recognition.intentions),
        tuple(remedy.id for remedy in recognition.remedes),
    )


def to_bytes(model: Model) -> bytes:
    """The model without its rules, for the cache."""
    arrays: dict[str, Any] = {
        "meta": _text(json.dumps([_FORMAT, model.intents, model.remedies])),
        "bias": model.bias,
        **{name: getattr(model.calibration, name) for name in _CALIBRATION},
    }
    for name, view in zip(VIEWS, model.views, strict=True):
        arrays[f"{name}_rows"] = _text("\n".join(view.rows))
        arrays[f"{name}_idf"] = view.idf
        arrays[f"{name}_weights"] = view.weights.astype(np.float16)
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def from_bytes(data: bytes, recognition: Recognition) -> Model:
    """The model of `to_bytes`, with its rules. Raises ValueError when the bytes are not such a model."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return _assemble(arrays, recognition)
    except (OSError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"modèle illisible : {error}") from error


def _assemble(arrays: Any, recognition: Recognition) -> Model:
    form, intents, remedies = json.loads(arrays["meta"].tobytes().decode())
    names, remedy_names = outputs(recognition)
    if form != _FORMAT or tuple(intents) != names or tuple(remedies) != remedy_names:
        raise ValueError("modèle d'une autre forme")
    return Model(
        recognition=recognition,
        extractor=Extractor(recognition),
        intents=names,
        remedies=remedy_names,
        views=tuple(_view(arrays, name) for name in VIEWS),
        bias=arrays["bias"],
        calibration=Calibration(*(arrays[name] for name in _CALIBRATION)),
    )


def _view(arrays: Any, name: str) -> View:
    features = arrays[f"{name}_rows"].tobytes().decode().split("\n")
    weights = arrays[f"{name}_weights"].astype(np.float32)
    if len(features) != len(weights):
        raise ValueError("vocabulaire et poids ne vont pas ensemble")
    rows = {feature: row for row, feature in enumerate(features)}
    return View(rows, arrays[f"{name}_idf"], weights, LetterRows(rows))


def _text(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)

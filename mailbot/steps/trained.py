"""What training leaves behind: vocabularies, weights and calibration; as bytes without any pickled code."""

import io
import json
import zipfile
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mailbot.ruleset.intents import Recognition
from mailbot.steps.features import Extractor
from mailbot.steps.keys import Memory, Vocabulary

Floats = NDArray[np.float32]
_FORMAT = 7


@dataclass(frozen=True, slots=True)
class Calibration:
    """The second stage, learnt on texts the first had not seen: weights common to all outputs, then a constant for
    each; `habits`: how often each remedy (column) is asked for with each intent (row); `main_others`,
    `asked_others` and `wish_others`: what the scores of all outputs (rows) say of each intent, as the main request and
    as a request at all, and of each remedy (columns); `certainty`: of the first."""

    primary: Floats
    presence: Floats
    remedy: Floats
    habits: Floats
    main_others: Floats
    asked_others: Floats
    wish_others: Floats
    certainty: Floats


_CALIBRATION = tuple(part.name for part in fields(Calibration))


@dataclass(frozen=True, slots=True)
class Model:
    """A trained classifier with the rules it was trained with. `intents` and `remedies` name the outputs; `idf` per row
    of the vocabulary; `weights` rows × outputs, the shares of the views included; `memory` only remembers."""

    recognition: Recognition
    extractor: Extractor
    intents: tuple[str, ...]
    remedies: tuple[str, ...]
    vocabulary: Vocabulary
    idf: Floats
    weights: Floats
    bias: Floats
    calibration: Calibration
    memory: Memory = field(default_factory=Memory)


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
        "keys": model.vocabulary.keys,
        "idf": model.idf,
        "weights": model.weights.astype(np.float16),
        "bias": model.bias,
        **{name: getattr(model.calibration, name) for name in _CALIBRATION},
    }
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
    keys, weights = arrays["keys"], arrays["weights"].astype(np.float32)
    if len(keys) != len(weights):
        raise ValueError("vocabulaire et poids ne vont pas ensemble")
    return Model(
        recognition=recognition,
        extractor=Extractor(recognition),
        intents=names,
        remedies=remedy_names,
        vocabulary=Vocabulary(keys),
        idf=arrays["idf"],
        weights=weights,
        bias=arrays["bias"],
        calibration=Calibration(*(arrays[name] for name in _CALIBRATION)),
    )


def _text(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)

"""The classifier of a rules directory: cached when its files are unchanged, else trained in a process of its own."""

import subprocess
import sys
from contextlib import AbstractContextManager, nullcontext
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from mailbot.edges import intent_rules, model_cache
from mailbot.edges.scratch import scratch
from mailbot.errors import RuleError
from mailbot.ruleset.intents import Example, Recognition
from mailbot.steps import learn, second, trained
from mailbot.steps.trained import Model

_REFUSED = 3
_FRUGAL = (  # more threads take three times the processor time; large arrays are given back at once
    "/usr/bin/env", "OPENBLAS_NUM_THREADS=1", "MALLOC_MMAP_THRESHOLD_=262144", "MALLOC_ARENA_MAX=1",
)  # fmt: skip
_UNSAID = nullcontext()


def model_for(
    rules_dir: Path,
    cache_dir: Path,
    recognition: Recognition | None = None,
    learning: AbstractContextManager[None] = _UNSAID,
) -> Model:
    """The model of these rules; `recognition` where its part of them is read already; `learning` is entered while it is
    learnt, when none is cached. Reads or writes `cache_dir`; raises RuleError (French) on rules that cannot be used."""
    recognition = recognition or intent_rules.read_recognition(rules_dir)

    def load(data: bytes) -> Model:
        return trained.from_bytes(data, recognition)

    def train() -> tuple[Model, bytes]:
        with learning:
            data = _trained_apart(rules_dir, cache_dir)
        return load(data), data

    return model_cache.load_or_train(cache_dir, key_of(rules_dir), load, train)


def key_of(rules_dir: Path) -> str:
    """What the model of these rules depends on, as hex: the files and the versions of the code."""
    versions = f"{learn.VERSION} {sys.version_info[:2]} {version('numpy')}"
    return sha256(f"{intent_rules.digest(rules_dir)} {versions}".encode()).hexdigest()


def lessons(examples: tuple[Example, ...], recognition: Recognition) -> tuple[Example, ...]:
    """All that is learnt from: the labelled texts and the examples written beside the signals of each intent."""
    return (
        *examples,
        *(
            Example(
                id=f"{rule.id}-{number}", subject="", text=text, intents=(rule.id,), groupe=second.CONFUSABLE
            )
            for rule in recognition.intentions
            for number, text in enumerate(rule.exemples)
        ),
    )


def _trained_apart(rules_dir: Path, cache_dir: Path) -> bytes:
    """Train in another process: what learning takes in memory is given back when it ends."""
    command = [*_FRUGAL, sys.executable, "-m", "mailbot.recognition", str(rules_dir), str(cache_dir)]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - our own module
    if done.returncode == _REFUSED:
        raise RuleError(done.stderr.decode().strip())
    if done.returncode:
        raise RuleError(f"l'apprentissage s'est interrompu : {done.stderr.decode()[-2000:]}")
    return done.stdout


def _train(rules_dir: Path, cache_dir: Path) -> int:
    try:
        recognition = intent_rules.read_recognition(rules_dir)
        examples = lessons(intent_rules.read_examples(rules_dir), recognition)
        with scratch(cache_dir) as room:
            model = learn.train(examples, recognition, room)
    except RuleError as error:
        sys.stderr.write(str(error))
        return _REFUSED
    sys.stdout.buffer.write(trained.to_bytes(model))
    return 0


if __name__ == "__main__":
    sys.exit(_train(Path(sys.argv[1]), Path(sys.argv[2])))

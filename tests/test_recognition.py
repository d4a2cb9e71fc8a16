"""Training runs in a process of its own, in bounded memory, and leaves nothing but the model."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mailbot import recognition
from mailbot.edges import intent_rules
from mailbot.steps import trained
from tests.steps.scenes import ROOT

TEXTS = 3000
MOST = 170  # megabytes; half of what solving needs for so many texts in one piece is 18 of them
MEASURED = """
import resource, sys
from pathlib import Path
from mailbot import recognition
recognition.model_for(Path(sys.argv[1]), Path(sys.argv[2]))
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_learning_stays_in_bounded_memory_and_leaves_only_the_model(tmp_path: Path) -> None:
    rules, cache = some_rules(tmp_path / "rules", TEXTS), tmp_path / "cache"
    command = [sys.executable, "-c", MEASURED, str(rules), str(cache)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout) < MOST
    kept = [path.name for path in cache.iterdir()]
    assert kept == [f"modele-{recognition.key_of(rules)[:32]}.npz"]
    model = trained.from_bytes((cache / kept[0]).read_bytes(), intent_rules.read_recognition(rules))
    assert len(model.vocabulary.keys) > 10_000


def test_only_learning_is_waited_for_and_not_a_model_that_is_kept(tmp_path: Path) -> None:
    said: list[str] = []

    @contextmanager
    def learning() -> Iterator[None]:
        said.append("apprentissage")
        yield

    rules = some_rules(tmp_path / "rules", 100)
    for _ in range(2):
        recognition.model_for(rules, tmp_path / "cache", learning=learning())
    assert said == ["apprentissage"]


def some_rules(folder: Path, texts: int) -> Path:
    """The shipped intents with the first of the shipped texts."""
    (folder / "exemples").mkdir(parents=True)
    (folder / "intentions").symlink_to(ROOT / "rules" / "intentions")
    for path in sorted((ROOT / "rules" / "exemples").glob("*.jsonl")):
        lines = path.read_text("utf-8").splitlines()[:texts]
        texts -= len(lines)
        if lines:
            (folder / "exemples" / path.name).write_text("\n".join(lines) + "\n", "utf-8")
    return folder

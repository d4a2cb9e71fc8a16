"""The classifier of a rules directory: cached when its files are unchanged, else trained."""

import sys
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from mailbot.edges import intent_rules, model_cache
from mailbot.steps import learn, trained
from mailbot.steps.trained import Model


def model_for(rules_dir: Path, cache_dir: Path) -> Model:
    """The model of these rules. Reads or writes `cache_dir`; raises RuleError (French) on rules that cannot be used."""
    recognition = intent_rules.read_recognition(rules_dir)
    key = sha256(f"{intent_rules.digest(rules_dir)} {learn.VERSION} {_versions()}".encode()).hexdigest()

    def train() -> tuple[Model, bytes]:
        model = learn.train(intent_rules.read_examples(rules_dir), recognition)
        return model, trained.to_bytes(model)

    return model_cache.load_or_train(
        cache_dir, key, lambda data: trained.from_bytes(data, recognition), train
    )


def _versions() -> str:
    return f"{sys.version_info[:2]} {version('numpy')} {version('scipy')}"

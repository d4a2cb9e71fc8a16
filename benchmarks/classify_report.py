"""Measures the classifier by cross-validation over the files of rules/exemples, then its speed and memory.

python benchmarks/classify_report.py [RULES_DIR]
"""

import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from mailbot import recognition
from mailbot.edges.intent_rules import read_examples, read_recognition
from mailbot.model import Mail
from mailbot.ruleset.intents import Example
from mailbot.steps import intent_figures, model_report
from mailbot.steps.classify import classify

RULES = Path(__file__).parents[1] / "rules"


def main() -> None:
    rules = Path(sys.argv[1]) if len(sys.argv) > 1 else RULES
    examples = read_examples(rules)
    with tempfile.TemporaryDirectory() as cache:
        for what in ("apprentissage", "chargement"):
            start = time.perf_counter()
            model = recognition.model_for(rules, Path(cache))
            print(f"{what} : {time.perf_counter() - start:.2f} s")
    mails = [_mail(example) for example in examples]
    classify(mails, model)
    start = time.process_time()
    classify(mails, model)
    spent = time.process_time() - start
    print(
        f"classement : {len(mails) / spent:.0f} mails/s, {1000 * spent / len(mails):.2f} ms par mail (un cœur)"
    )
    print(f"mémoire au plus haut : {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} Mo\n")
    judged = model_report.judge(examples, read_recognition(rules))
    print("\n".join(model_report.table(judged)))
    print("\nConfusions (juste → compris)")
    for gold, guess, count in intent_figures.confusions(judged):
        print(f"{count:5d}  {gold} → {guess}")


def _mail(example: Example) -> Mail:
    return Mail(
        digest=example.id,
        received=datetime(2026, 1, 1, tzinfo=UTC),
        sent=None,
        message_id=None,
        in_reply_to=(),
        references=(),
        sender=None,
        reply_to=None,
        to=(),
        subject=example.subject,
        text=example.text,
        quoted="",
    )


if __name__ == "__main__":
    main()

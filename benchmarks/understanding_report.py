"""Us and the rivals on the same mails that nobody was trained on, in one run.

python -m benchmarks.understanding_report [--rivals PYTHON] [--json]

The mails are those of tests/corpus; everybody learns from rules/exemples without that shop's own file. The rivals
(TF-IDF with logistic regression, mail-parser-reply, Melusine) must be installed for PYTHON, best apart from mailbot:

    python3.11 -m venv /tmp/rivaux
    /tmp/rivaux/bin/pip install -r benchmarks/requirements-rivals-understanding.txt
    python -m benchmarks.understanding_report --rivals /tmp/rivaux/bin/python

A rival that is not installed is left out; without --rivals only our own figures are shown."""

import argparse
import email
import email.policy
import json
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.parse_report import load_rules, raw_mail
from mailbot import recognition
from mailbot.edges.intent_rules import read_examples, read_recognition
from mailbot.model import Mail
from mailbot.steps import learn
from mailbot.steps.classify import classify
from mailbot.steps.parse import parse

TOP = Path(__file__).parents[1]
CORPUS = TOP / "tests" / "corpus"
HELD_OUT = "boutique_perrin"
FIRST_ORDINARY = "mail/dev-0150"

Ranked = Sequence[Sequence[tuple[str, float]]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rivals", metavar="PYTHON", help="an interpreter that has the rivals")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    asked = parser.parse_args()
    labels = [json.loads(line) for line in (CORPUS / "labels.jsonl").read_text("utf-8").splitlines()]
    files = [(CORPUS / label["file"]).read_bytes() for label in labels]
    found = {"mailbot": _ours(labels, files)}
    if asked.rivals:
        found |= _rivals(asked.rivals, labels, files)
    if asked.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        _show(found)


def _ours(labels: list[dict[str, Any]], files: list[bytes]) -> dict[str, Any]:
    rules = read_recognition(TOP / "rules")
    lessons = tuple(one for one in read_examples(TOP / "rules") if one.groupe != HELD_OUT)
    learnt, model = _timed(lambda: learn.train(recognition.lessons(lessons, rules), rules))
    channels, reading = load_rules()
    raws = [raw_mail(data) for data in files]
    parsing, mails = _timed(lambda: [parse(raw, channels, reading) for raw in raws])
    people = [index for index, label in enumerate(labels) if not label["automatic"]]
    gold = [_gold_mail(mails[index], labels[index]["visible_text"]) for index in people]
    classify(gold, model)  # the second time is what a running service takes
    spent, verdicts = _timed(lambda: classify(gold, model))
    read = classify([mails[index] for index in people], model)
    wanted = [labels[index] for index in people]
    machines = [label["automatic"] for label in labels]
    taken = [mail.machine is not None for mail in mails]
    return {
        **_intent_figures(wanted, [[(one.id, one.score) for one in verdict.intents] for verdict in verdicts]),
        "f1": _f1(wanted, [verdict.requests for verdict in verdicts]),
        "primary_from_raw_mail": _share([r.intents[0].id == w["intents"][0] for r, w in zip(read, wanted, strict=True)
                                         if r.intents]),
        "training_seconds": round(learnt, 1),
        "classify_rate": round(len(gold) / spent),
        **_text_figures(labels, [mail.text for mail in mails]),
        "text_rate": round(len(raws) / parsing),
        "thanks": _found(_thanks(labels), _said_thanks(read, people, len(labels))),
        "machines": _found(machines, taken),
    }  # fmt: skip


def _rivals(python: str, labels: list[dict[str, Any]], files: list[bytes]) -> dict[str, Any]:
    people = [label for label in labels if not label["automatic"]]
    bodies = [_body(data) for data in files]
    examples = [one for one in read_examples(TOP / "rules") if one.groupe != HELD_OUT]
    question = {
        "train": [{"subject": one.subject, "text": one.text, "intents": one.intents} for one in examples],
        "mails": [
            {"subject": _subject(data), "text": label["visible_text"]}
            for label, data in zip(labels, files, strict=True)
            if not label["automatic"]
        ],
        "bodies": [
            {"subject": _subject(data), "body": body} for data, body in zip(files, bodies, strict=True)
        ],
    }
    script = Path(__file__).with_name("understanding_rivals.py")
    done = subprocess.run(
        [python, str(script)], input=json.dumps(question), text=True, stdout=subprocess.PIPE, check=True
    )
    answer = json.loads(done.stdout.splitlines()[-1])
    found: dict[str, Any] = {}
    if said := answer.get("baseline"):
        found["TF-IDF + logistic"] = {
            **_intent_figures(people, said["ranked"]),
            "training_seconds": round(said["training_seconds"], 1),
            "classify_rate": round(said["rate"]),
        }
    if said := answer.get("mail_parser_reply"):
        found["mail-parser-reply"] = {
            **_text_figures(labels, said["texts"]),
            "text_rate": round(said["rate"]),
        }
    if said := answer.get("melusine"):
        found["Melusine"] = {
            **_text_figures(labels, said["texts"]),
            "text_rate": round(said["rate"]),
            "thanks": _found(_thanks(labels), said["thanks"]),
            "machines": _found([label["automatic"] for label in labels], said["absence"]),
        }
    return found


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def _gold_mail(mail: Mail, text: str) -> Mail:
    from dataclasses import replace

    return replace(mail, text=text)


def _intent_figures(wanted: list[dict[str, Any]], ranked: Ranked) -> dict[str, float]:
    pairs = list(zip(wanted, ranked, strict=True))
    hard = [pair for pair in pairs if pair[0]["file"] < FIRST_ORDINARY]
    ordinary = [pair for pair in pairs if pair[0]["file"] >= FIRST_ORDINARY]
    found = {}
    for name, some in (("ordinary", ordinary), ("hard", hard)):
        found[f"primary_{name}"] = _share([_among(label, best, 1) for label, best in some])
        found[f"first_two_{name}"] = _share([_among(label, best, 2) for label, best in some])
    return found


def _among(label: dict[str, Any], ranked: Sequence[tuple[str, float]], first: int) -> bool:
    return label["intents"][0] in [name for name, _ in ranked[:first]]


def _f1(wanted: list[dict[str, Any]], requests: Sequence[Sequence[str]]) -> float:
    hit = sum(len(set(said) & set(label["intents"])) for label, said in zip(wanted, requests, strict=True))
    named = sum(len(said) + len(label["intents"]) for label, said in zip(wanted, requests, strict=True))
    return round(2 * hit / named, 3)


def _text_figures(labels: list[dict[str, Any]], texts: Sequence[str]) -> dict[str, float]:
    """Shares of mails whose new text is exact, blanks apart, and of the customers' words that are lost."""
    pairs = [(label["visible_text"].split(), text.split()) for label, text in zip(labels, texts, strict=True)]
    lost = sum(len([word for word in gold if word not in set(read)]) for gold, read in pairs)
    return {
        "text_exact": _share([gold == read for gold, read in pairs]),
        "words_lost": round(lost / sum(len(gold) for gold, _ in pairs), 4),
    }


def _thanks(labels: list[dict[str, Any]]) -> list[bool]:
    return ["remerciement" in label["intents"] for label in labels]


def _said_thanks(read: Sequence[Any], people: Sequence[int], count: int) -> list[bool]:
    said = {index: "remerciement" in verdict.requests for index, verdict in zip(people, read, strict=True)}
    return [said.get(index, False) for index in range(count)]


def _found(gold: Sequence[bool], said: Sequence[bool]) -> str:
    """'found of all there are, false alarms'."""
    right = sum(one and other for one, other in zip(gold, said, strict=True))
    return f"{right}/{sum(gold)}, {sum(said) - right} à tort"


def _share(right: Sequence[bool]) -> float:
    return round(sum(right) / max(len(right), 1), 3)


def _body(data: bytes) -> str:
    part = email.message_from_bytes(data, policy=email.policy.default).get_body(("plain", "html"))
    try:
        return str(part.get_content()) if part is not None else ""
    except (LookupError, KeyError):
        return ""


def _subject(data: bytes) -> str:
    return str(email.message_from_bytes(data, policy=email.policy.default).get("Subject", ""))


def _show(found: dict[str, dict[str, Any]]) -> None:
    rows = list(dict.fromkeys(key for figures in found.values() for key in figures))
    print(f"{'':24s}" + "".join(f"{name:>20s}" for name in found))
    for row in rows:
        print(f"{row:24s}" + "".join(f"{figures.get(row, '-')!s:>20s}" for figures in found.values()))


if __name__ == "__main__":
    main()

"""The rivals' side of understanding_report.py, run by an interpreter that has them: JSON on stdin, JSON on stdout.

Imports nothing of mailbot. A rival that is not installed is left out of the answer."""

import json
import sys
import time
from importlib import import_module
from importlib.util import find_spec
from typing import Any


def baseline(train: list[dict[str, Any]], mails: list[dict[str, Any]]) -> dict[str, Any]:
    """TF-IDF of words and letters with logistic regression: intents best first, for each mail."""
    text, linear = import_module("sklearn.feature_extraction.text"), import_module("sklearn.linear_model")
    joined = import_module("sklearn.pipeline")

    features = joined.make_union(
        text.TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, strip_accents="unicode"),
        text.TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, strip_accents="unicode"
        ),
    )
    model = joined.make_pipeline(features, linear.LogisticRegression(C=10, max_iter=300))
    start = time.process_time()
    model.fit([_whole(one) for one in train], [one["intents"][0] for one in train])
    learnt = time.process_time() - start
    texts = [_whole(one) for one in mails]
    start = time.process_time()
    shares = model.predict_proba(texts)
    spent = time.process_time() - start
    names = list(model.classes_)
    ranked = [[(names[i], float(row[i])) for i in (-row).argsort()] for row in shares]
    return {"ranked": ranked, "training_seconds": learnt, "rate": len(mails) / spent}


def mail_parser_reply(mails: list[dict[str, Any]]) -> dict[str, Any]:
    """The newest reply of each body, as mail-parser-reply cuts it."""
    from mailparser_reply import EmailReplyParser

    parser = EmailReplyParser(languages=["fr", "en"])
    start = time.process_time()
    texts = [parser.parse_reply(text=one["body"]) or "" for one in mails]
    return {"texts": texts, "rate": len(mails) / (time.process_time() - start)}


def melusine(mails: list[dict[str, Any]]) -> dict[str, Any]:
    """The last message of each body as Melusine segments it, and what its detectors of thanks and absences say."""
    import pandas as pd
    from melusine.pipeline import MelusinePipeline

    frame = pd.DataFrame(
        {"from": "a@client.example", "to": "b@boutique.example", "date": "2026-11-02",
         "header": [one["subject"] for one in mails], "body": [one["body"] for one in mails]}
    )  # fmt: skip
    start = time.process_time()
    thanks = MelusinePipeline.from_config("thanks_pipeline").transform(frame.copy())
    spent = time.process_time() - start
    away = MelusinePipeline.from_config("vacation_reply_pipeline").transform(frame.copy())
    return {
        "texts": [messages[0].text if messages else "" for messages in thanks["messages"]],
        "thanks": [bool(value) for value in thanks["thanks_result"]],
        "absence": [bool(value) for value in away["vacation_reply_result"]],
        "rate": len(mails) / spent,
    }


def _whole(one: dict[str, Any]) -> str:
    return f"{one['subject']}\n{one['text']}"


def main() -> None:
    asked = json.load(sys.stdin)
    mails, answer = asked["mails"], {}
    if find_spec("sklearn"):
        answer["baseline"] = baseline(asked["train"], mails)
    if find_spec("mailparser_reply"):
        answer["mail_parser_reply"] = mail_parser_reply(asked["bodies"])
    if find_spec("melusine"):
        answer["melusine"] = melusine(asked["bodies"])
    sys.stdout.write("\n" + json.dumps(answer))


if __name__ == "__main__":
    main()

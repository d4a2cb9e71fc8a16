"""How well a corpus directory (mail/*.eml, labels.jsonl) is read:  python benchmarks/parse_report.py DIR [-v]"""

import argparse
import hashlib
import json
import time
import tomllib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from mailbot.model import Mail, RawMail
from mailbot.ruleset.reading import Reading
from mailbot.ruleset.shop import Channel
from mailbot.steps.parse import parse

RULES = Path(__file__).parent.parent / "rules"


def load_rules(rules: Path = RULES) -> tuple[tuple[Channel, ...], Reading]:
    """The shipped channels and reading rules."""
    files = sorted((rules / "canaux").glob("*.toml"))
    channels = tuple(Channel(**tomllib.loads(path.read_text("utf-8"))) for path in files)
    return channels, Reading(**tomllib.loads((rules / "lecture.toml").read_text("utf-8")))


def raw_mail(data: bytes, uid: int = 1) -> RawMail:
    """A RawMail around bytes that came from no server."""
    digest = hashlib.sha256(data).hexdigest()
    now = datetime.now(UTC)
    return RawMail(
        account="essai",
        folder="INBOX",
        uidvalidity=1,
        uid=uid,
        received=now,
        data=data,
        digest=digest,
        size=len(data),
    )


def lost_words(gold: str, read: str) -> tuple[int, int]:
    """(words of `gold` that are missing from `read`, words of `gold`)."""
    wanted = Counter(gold.split())
    return (wanted - Counter(read.split())).total(), wanted.total()


def report(labels: list[dict[str, object]], mails: list[Mail], *, verbose: bool) -> None:
    """Print the shares of exact new text and lost words, and how machines and people were told apart."""
    exact = same_words = lost = words = caught = automatic = 0
    humans: list[str] = []
    for label, mail in zip(labels, mails, strict=True):
        gold = str(label["visible_text"])
        exact += mail.text == gold
        same_words += mail.text.split() == gold.split()
        missing, total = lost_words(gold, mail.text)
        lost, words = lost + missing, words + total
        if verbose and mail.text.split() != gold.split():
            print(f"--- {label['file']}\n{mail.text}\n=== attendu\n{gold}")
        if label["automatic"]:
            automatic += 1
            caught += mail.machine is not None
            if verbose and mail.machine is None:
                print(f"--- {label['file']} : machine non reconnue ({mail.sender}, {mail.subject})")
        elif mail.machine is not None:
            humans.append(f"{label['file']} {label['intents']} {mail.machine.kind}: {mail.machine.reason}")
    count = len(labels)
    print(f"texte visible exact        {exact}/{count} = {exact / count:.4f}")
    print(f"mêmes mots (blancs à part) {same_words}/{count} = {same_words / count:.4f}")
    print(f"mots du client perdus      {lost}/{words} = {lost / words:.5f}")
    print(f"machines reconnues         {caught}/{automatic} = {caught / max(automatic, 1):.4f}")
    print(f"non automatiques prises pour des machines : {len(humans)}")
    for line in humans:
        print("   ", line)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("corpus", type=Path)
    arguments.add_argument("-v", "--verbose", action="store_true")
    options = arguments.parse_args()
    channels, reading = load_rules()
    lines = (options.corpus / "labels.jsonl").read_text("utf-8").splitlines()
    labels = [json.loads(line) for line in lines if line.strip()]
    raws = [raw_mail((options.corpus / label["file"]).read_bytes(), uid) for uid, label in enumerate(labels)]
    parse(raws[0], channels, reading)
    start = time.process_time()
    mails = [parse(raw, channels, reading) for raw in raws]
    seconds = time.process_time() - start
    report(labels, mails, verbose=options.verbose)
    size = sum(raw.size for raw in raws) / len(raws) / 1000
    print(f"vitesse                    {len(raws) / seconds:.0f} courriels/s ({size:.1f} ko en moyenne)")


if __name__ == "__main__":
    main()

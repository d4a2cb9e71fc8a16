"""The sample mails of rules/cas through the whole line, as `explain --orders` does: is each decided as it must be?"""

import csv
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from pathlib import Path
from typing import Any

from mailbot.jobs.explanation import open_explainer
from mailbot.line import Line
from mailbot.rule_files import read_folder
from mailbot.ruleset.samples import ACTIONS, SampleFile, SampleMail, cell
from mailbot.zone import PARIS

SHOP = "support@boutique.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A sample mail with the row it stands for and its number in that row's file."""

    row: str
    number: int
    mail: SampleMail

    @property
    def name(self) -> str:
        """How people name it."""
        return f"cas/{self.row}.toml, cas {self.number} ({self.mail.nom})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a sample: the object `explain --json` prints, and what is not as it must be (French)."""

    sample: Sample
    answer: dict[str, Any]
    problems: tuple[str, ...]


def read(rules_dir: Path) -> list[Sample]:
    """All samples below rules/cas; none without that folder. Raises RuleError (French)."""
    folder = rules_dir / "cas"
    files = read_folder(folder, SampleFile) if folder.is_dir() else ()
    return [
        Sample(row=file.id, number=number, mail=mail)
        for file in files
        for number, mail in enumerate(file.cas, 1)
    ]


def run(samples: Sequence[Sample], line_for: Callable[[bool], Line]) -> Iterator[Outcome]:
    """Judge every sample; `line_for(shadow)` gives the line, whose answers are compared with what is expected."""
    for shadow in (False, True):
        some = [sample for sample in samples if sample.mail.seul is shadow]
        if some:
            yield from _judged(some, line_for(shadow))


def _judged(samples: Sequence[Sample], line: Line) -> Iterator[Outcome]:
    with tempfile.TemporaryDirectory(prefix="mailbot-cas-") as name:
        folder = Path(name)
        _write_orders(folder / "commandes.csv", samples)
        files = [folder / f"{number:04d}.eml" for number in range(len(samples))]
        for file, sample in zip(files, samples, strict=True):
            file.write_bytes(letter(sample))
        with open_explainer(line, folder / "commandes.csv") as explainer:
            for sample, answer in zip(samples, explainer.explain(files, None), strict=True):
                yield Outcome(sample=sample, answer=answer, problems=tuple(_problems(sample.mail, answer)))


def _write_orders(path: Path, samples: Sequence[Sample]) -> None:
    orders = [order_row(order) for sample in samples for order in sample.mail.commandes]
    columns = list(
        dict.fromkeys(["order_id", "channel", "placed_at", *(key for one in orders for key in one)])
    )
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(orders)


def order_row(order: Mapping[str, Any]) -> dict[str, str]:
    """A sample order as a row of the orders file."""
    return {
        key: json.dumps(value, ensure_ascii=False) if key == "lines" else cell(value)
        for key, value in order.items()
    }


def letter(sample: Sample) -> bytes:
    """The sample as a mail."""
    mail = sample.mail
    buyer = mail.commandes[0] if mail.commandes else {}
    known = formataddr((str(buyer.get("customer_name", "")), str(buyer.get("customer_email", ""))))
    received = mail.recu if mail.recu.tzinfo else mail.recu.replace(tzinfo=PARIS)
    message = EmailMessage()
    message["From"] = mail.de or known
    message["To"] = SHOP
    message["Subject"] = mail.objet
    message["Date"] = format_datetime(received)
    message["Message-ID"] = f"<cas-{sample.row}-{sample.number}@client.example>"
    for field, value in mail.entetes.items():
        message[field] = value
    message.set_content(mail.texte)
    return message.as_bytes()


def _problems(mail: SampleMail, answer: dict[str, Any]) -> Iterator[str]:
    if "error" in answer:
        yield answer["error"]
        return
    expected = mail.attendu
    found = {"ligne": answer["decision_row"], "situation": answer["situation"]}
    for key, wanted in (("ligne", expected.ligne), ("situation", expected.situation)):
        if wanted is not None and found[key] != wanted:
            won = answer["situation"] or "aucune situation"
            yield f"{key} : {found[key] or 'aucune'} ({won}), {wanted} est attendue"
    if answer["decision"]["action"] != ACTIONS[expected.decision]:
        yield f"décision : {_french(answer['decision']['action'])}, {expected.decision} est attendu"
    text = answer["reply"]["text"] if answer["reply"] else ""
    yield from (f"la réponse ne dit pas « {words} »" for words in expected.contient if words not in text)


def _french(action: str) -> str:
    return next((name for name, english in ACTIONS.items() if english == action), action)

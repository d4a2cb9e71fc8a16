"""The whole judgement of one mail about one order, by the shipped rules, with the understanding handed in."""

from dataclasses import replace
from functools import cache
from typing import cast

from mailbot.line import Line, Read
from mailbot.model import Clues, Deadline, Finding, History, Judgement, Order, Verdict
from mailbot.shapes import RefShapes, learn
from mailbot.steps.match import Reader
from mailbot.steps.trained import Model
from tests.steps.scenes import BUYER, NOTHING, NOW, mail, shipped_rules


@cache
def line() -> Line:
    """The shipped rules. Judging asks nothing of the model."""
    return Line.build(shipped_rules(), cast(Model, None))


@cache
def reader() -> Reader:
    return line().reader(RefShapes(learn([("site", "A1")]), learn([])))


def judge(found: Order, said: Verdict, history: History = NOTHING) -> Judgement:
    """The buyer of `found` writes at NOW."""
    found = replace(found, customer_email=BUYER.addr, customer_name=BUYER.name)
    read = Read(mail=mail(text="Commande A1"), verdict=said, clues=Clues(refs=("A1",), emails=(BUYER.addr,)))
    findings = [
        Finding(order=found, method="order_ref", clue="A1"),
        Finding(order=found, method="email", clue=BUYER.addr),
    ]
    return line().judge(read, findings, history, reader(), NOW)


def duties(judgement: Judgement) -> dict[str, Deadline]:
    """The shop's tasks at the carrier, by id without its prefix."""
    return {
        clock.id.removeprefix("transporteur_"): clock
        for clock in judgement.deadlines
        if clock.id.startswith("transporteur_")
    }

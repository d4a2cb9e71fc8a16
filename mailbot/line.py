"""The line: the pure steps in their order, from raw bytes to a judgement. Touches nothing, sends nothing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from mailbot.model import (
    Clues,
    Deadline,
    Decision,
    Finding,
    History,
    Judgement,
    Mail,
    Order,
    OrderMatch,
    RawMail,
    Reply,
    Verdict,
)
from mailbot.rulebook import Rulebook
from mailbot.ruleset.enclosures import Folder
from mailbot.ruleset.shop import Channel
from mailbot.shapes import RefShapes
from mailbot.situation import Situation
from mailbot.steps import deadlines, duties, match, windows
from mailbot.steps.calendar import region_of
from mailbot.steps.classify import classify
from mailbot.steps.compose import Composer, with_notice
from mailbot.steps.context import Case
from mailbot.steps.contradictions import contradictions
from mailbot.steps.decide import Chosen, choose, decide, in_our_language
from mailbot.steps.enclosures import missing, wanted
from mailbot.steps.events import events
from mailbot.steps.facts import gather
from mailbot.steps.french import paris_day
from mailbot.steps.guards import OutputRules
from mailbot.steps.machine import notice_channel
from mailbot.steps.match import Reader
from mailbot.steps.parse import parse
from mailbot.steps.tracking import understood
from mailbot.steps.trained import Model
from mailbot.vocabulary import Facts

OWN_SITE = "site"


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A mail as parsed and understood, with what it offers to find its order by."""

    mail: Mail
    verdict: Verdict
    clues: Clues


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Rules, model and templates, ready to judge. `shadow` judges as if every situation that may leave alone did;
    `automatic` is the merchant's own switch; `enclosures_in`: where files to enclose lie, None when there are none.
    Without a model it only writes letters."""

    rulebook: Rulebook
    model: Model | None
    composer: Composer
    shadow: bool = False
    automatic: bool = False
    enclosures_in: Folder | None = None

    @classmethod
    def build(
        cls,
        rulebook: Rulebook,
        model: Model | None,
        *,
        shadow: bool = False,
        automatic: bool = False,
        enclosures_in: Folder | None = None,
    ) -> "Line":
        """Compile the rulebook's templates."""
        composer = Composer(rulebook.templates, OutputRules.compiled(rulebook.guards), rulebook.familiar)
        return cls(
            rulebook=rulebook, model=model, composer=composer, shadow=shadow, automatic=automatic,
            enclosures_in=enclosures_in,
        )  # fmt: skip

    def reader(self, shapes: RefShapes) -> Reader:
        """What reads numbers; `shapes`: how this shop's numbers look. Worth keeping for many mails."""
        book = self.rulebook
        return match.reader(book.channels, book.carriers, book.landmarks, shapes)

    def read(self, raws: Sequence[RawMail], reader: Reader) -> list[Read]:
        """Parse, classify and look for clues, many mails at once."""
        if self.model is None:
            raise ValueError("this line has no model: it cannot read mails")
        book = self.rulebook
        mails = [parse(raw, book.channels, book.reading) for raw in raws]
        verdicts = classify(mails, self.model)
        return [
            Read(mail=mail, verdict=verdict, clues=match.find_clues(mail, reader))
            for mail, verdict in zip(mails, verdicts, strict=True)
        ]

    def judge(
        self,
        read: Read,
        findings: Sequence[Finding],
        history: History,
        reader: Reader,
        now: datetime,
        *,
        forced: Situation | None = None,
        named: Order | None = None,
        files: Mapping[str, int] | None = None,
    ) -> Judgement:
        """Everything that can be said of one mail. `findings` are the orders its clues point at; `forced` judges as if
        this situation, and no other, had claimed it; `named` is the order an agent says it is about; `files`: name →
        size of those that may be enclosed, None where nothing is."""
        mail, verdict = read.mail, read.verdict
        book = self.rulebook
        found = match.choose(mail, read.clues, findings, reader, verdict.requests)
        if named is not None:
            found = match.named(mail, found, findings, named)
        if found.order is not None:
            found = replace(found, order=understood(found.order, book.tracking, now))
        facts = self.facts(read, found, history, now)
        if forced is not None:
            chosen = Chosen(situation=forced, reasons=(forced.raison,))
        else:
            chosen = in_our_language(
                choose(self._sure(verdict), facts, book.situations), verdict, book.guards
            )
        clocks, reply = self.letter(read, found, facts, chosen, now, files)
        deciding = self._deciding(read, found, chosen, reply, history, now)
        decision = self._as_configured(deciding(shadow=self.shadow))
        alone = self._leaves_alone(decision, chosen, deciding)
        if decision.action == "send" and reply is not None:
            reply = with_notice(reply, book.merchant)
        handled = decision.action != "ignore"
        return Judgement(
            mail=mail, verdict=verdict, match=found, decision=decision, history=history, alone=alone,
            deadlines=clocks if handled else (), reply=reply if handled else None,
        )  # fmt: skip

    def facts(self, read: Read, found: OrderMatch, history: History, now: datetime) -> Facts:
        """Every fact a rule may name."""
        book = self.rulebook
        return gather(
            read.mail, self._sure(read.verdict), found, history, merchant=book.merchant, channels=book.channels,
            rules=book.counting, now=now, carriers=book.carriers,
        )  # fmt: skip

    def letter(
        self,
        read: Read,
        found: OrderMatch,
        facts: Facts,
        chosen: Chosen,
        now: datetime,
        files: Mapping[str, int] | None = None,
    ) -> tuple[tuple[Deadline, ...], Reply | None]:
        """The clocks and the reply of a situation (and the others of the mail); None when it has no template."""
        mail, book = read.mail, self.rulebook
        clocks = self._deadlines(read, found, chosen, self._channel(mail, found.order), facts)
        told = found.order if found.identity == "verified" else None
        channel = self._channel(mail, told)
        situations = (one for one in (chosen.situation, *chosen.also) if one is not None)
        kinds = [one.piece_jointe for one in situations if one.piece_jointe]
        enclosed = () if files is None else wanted(kinds, told, channel, book.enclosures, files)
        case = Case(
            mail=mail, verdict=self._sure(read.verdict), match=found, deadlines=clocks, merchant=book.merchant,
            now=now, channel=channel, facts=facts, carriers=book.carriers, enclosures=enclosed,
        )  # fmt: skip
        reply = self._reply(case, chosen)
        if reply is not None and enclosed:
            lacking = (*reply.missing, *missing(enclosed))
            reply = replace(reply, attachments=enclosed, missing=lacking)
        return clocks, reply

    def _deciding(
        self,
        read: Read,
        found: OrderMatch,
        chosen: Chosen,
        reply: Reply | None,
        history: History,
        now: datetime,
    ) -> Callable[..., Decision]:
        """The decision, still open for `shadow`."""
        return partial(
            decide, read.mail, self._sure(read.verdict), found, chosen, reply, history, self.rulebook.guards,
            contradictions=(
                *(contradictions(found.order, now) if found.order else ()), *self._written_long_ago(read.mail),
            ),
        )  # fmt: skip

    def _written_long_ago(self, mail: Mail) -> Iterator[str]:
        """A mail that comes long after its Date (a mailbox that was moved, a mail put back) may have had its answer."""
        most = timedelta(days=self.rulebook.guards.anciennete_max_jours)
        if mail.sent is not None and mail.received - mail.sent > most:
            written, came = paris_day(mail.sent), paris_day(mail.received)
            yield (
                f"Le message est daté du {written:%d/%m/%Y} et n'est arrivé que le {came:%d/%m/%Y} : il a peut-être "
                "déjà eu sa réponse."
            )

    def _leaves_alone(self, decision: Decision, chosen: Chosen, deciding: Callable[..., Decision]) -> bool:
        """Would it leave without a person, had the merchant switched that on for every situation that admits it?"""
        situation = chosen.situation
        if (
            situation is None
            or not situation.action.envoi_seul
            or not self.rulebook.merchant.mention_ia.strip()
        ):
            return False
        if decision.action == "draft" and not self.shadow:
            return deciding(shadow=True, brief=True).action == "send"
        return decision.action == "send"

    def _sure(self, verdict: Verdict) -> Verdict:
        """What rules and letters may rely on: a remedy that is only a guess is no wish of the customer."""
        sure = verdict.remedy_score >= self.rulebook.guards.certitude_remede
        return verdict if sure else replace(verdict, remedy=None)

    def _channel(self, mail: Mail, order: Order | None) -> Channel | None:
        """The channel of the order, else of the relay that wrote, else the shop's own site."""
        notice = notice_channel(mail.sender, self.rulebook.channels) if mail.machine else None
        names = (order.channel if order else None, mail.channel, notice.id if notice else None, OWN_SITE)
        return next((channel for name in names if name and (channel := self.rulebook.channel(name))), None)

    def _deadlines(
        self, read: Read, found: OrderMatch, chosen: Chosen, channel: Channel | None, facts: Facts
    ) -> tuple[Deadline, ...]:
        """The clocks of all situations of the mail and of the shop's business with the carrier; a mail without
        situation still has its answer clock. A clock that several situations start ends with the first of them."""
        book, order = self.rulebook, found.order
        situations = [one for one in (chosen.situation, *chosen.also) if one is not None]
        marketplace = channel is not None and channel.place_de_marche
        wanted = [item for one in situations for item in one.delais if marketplace or item.canal == "tous"]
        if chosen.situation is None or chosen.situation.etape != "avis":
            wanted.append(book.guards.delai_reponse)
        said = read.verdict
        opened = windows.find(channel, said.requests, facts, wanted)
        tasks = duties.find(order, book.carriers, book.tracking.claims, said.requests, said.flags, facts)
        clocks, _unknown = deadlines.run(
            duties.merge((*wanted, *opened), tasks),
            events(read.mail, self._sure(read.verdict), order),
            book.counting,
            answer_rule=channel.delai_reponse if channel else None,
            claim_rule=channel.delai_reclamation if channel else None,
            merchant_region=book.merchant.region,
            customer_region=region_of(order.postal_code, book.counting, order.country) if order else "FR",
            saturday_works=book.merchant.samedi_ouvre,
        )
        clocks = windows.settle(clocks, opened, wanted, channel, read.mail.received)
        clocks = duties.settle(clocks, tasks, read.mail.received)
        first = {clock.id: clock for clock in reversed(clocks)}  # earliest first, so the earliest stays
        return tuple(clock for clock in clocks if first[clock.id] is clock)

    def _reply(self, case: Case, chosen: Chosen) -> Reply | None:
        situation = chosen.situation
        if case.mail.machine is not None or situation is None or not situation.action.modele:
            return None
        return self.composer.compose(
            situation.id, case, [other.id for other in chosen.told if other.action.modele]
        )

    def _as_configured(self, decision: Decision) -> Decision:
        """Nothing leaves alone unless the configuration says so too, whatever the rules allow."""
        if decision.action != "send" or self.shadow or self.automatic:
            return decision
        reason = "L'envoi seul est coupé dans la configuration (sending.automatic)."
        return replace(decision, action="draft", reasons=(*decision.reasons, reason))


def answer_clocks(book: Rulebook, channel: str | None, asked: datetime) -> tuple[Deadline, ...]:
    """The clock of a mail that a person takes up although no situation does: the channel's answer delay."""
    rule = book.channel(channel) or book.channel(OWN_SITE)
    clocks, _unknown = deadlines.run(
        (book.guards.delai_reponse,),
        {"demande": asked},
        book.counting,
        answer_rule=rule.delai_reponse if rule else None,
        merchant_region=book.merchant.region,
        saturday_works=book.merchant.samedi_ouvre,
    )
    return clocks

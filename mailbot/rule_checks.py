"""Checks one rulebook as a whole: every word it uses exists, every template has its rule, every example holds."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from mailbot.errors import RuleError
from mailbot.model import Intent, Verdict
from mailbot.ruleset.carriers import Carrier
from mailbot.ruleset.counting import CountingRules
from mailbot.ruleset.enclosures import Enclosures
from mailbot.ruleset.guards import Guards
from mailbot.ruleset.intents import Recognition
from mailbot.ruleset.shop import Channel, Merchant
from mailbot.ruleset.table import DecisionRow
from mailbot.situation import CaseExample, CounterExample, Situation, nearest
from mailbot.steps.aftersales import NEEDED_RULES
from mailbot.steps.choose import choose
from mailbot.steps.deadlines import CHANNEL_RULE, CLAIM_RULE
from mailbot.steps.rule_names import resolve
from mailbot.vocabulary import FactValue

NOBODY = "humain"  # what a counter-example names when no situation may claim it
_USUAL: Mapping[str, FactValue] = MappingProxyType(
    {"commande_trouvee": True, "identite_verifiee": True, "langue": "fr"}
)


def unknown_words(
    situations: Sequence[Situation], known: Recognition, carriers: Sequence[Carrier]
) -> Iterator[str]:
    """Intents, flags, carriers and stems that a situation names and nobody defines."""
    intents = tuple(intent.id for intent in known.intentions)
    flags = tuple(flag.id for flag in known.drapeaux)
    lines = tuple(carrier.id for carrier in carriers)
    stems = (*(one.id for one in situations), NOBODY)
    for one in situations:
        yield from _named(one.id, "intentions", one.intentions, intents)
        yield from _named(one.id, "comprend", one.comprend, intents)
        yield from _named(one.id, "contredit", one.contredit, intents)
        yield from _named(one.id, "passe_devant", one.passe_devant, intents)
        yield from _named(one.id, "drapeaux", one.drapeaux, flags)
        yield from _named(one.id, "sauf_drapeaux", one.sauf_drapeaux, flags)
        yield from _named(one.id, "action.drapeaux_admis", one.action.drapeaux_admis, flags)
        for table in (one.conditions, *one.ou):
            if "transporteur" in table:
                yield from _named(one.id, "conditions.transporteur", table["transporteur"].parmi or (), lines)
        for case in (*one.exemples, *one.contre_exemples):
            yield from _named(one.id, "exemples.intentions", case.intentions, intents)
            yield from _named(one.id, "exemples.drapeaux", case.drapeaux, flags)
        yield from _named(one.id, "contre_exemples.gagne", (c.gagne for c in one.contre_exemples), stems)


def unknown_enclosures(situations: Sequence[Situation], known: Enclosures) -> Iterator[str]:
    """Files to enclose that pieces_jointes.toml does not name."""
    kinds = tuple(one.id for one in known.pieces)
    for one in situations:
        if one.piece_jointe is not None:
            yield from _named(one.id, "piece_jointe", (one.piece_jointe,), kinds)


def _named(stem: str, key: str, words: Iterable[str], known: tuple[str, ...]) -> Iterator[str]:
    for word in words:
        if word not in known:
            yield f"situations/{stem}.toml : {key} : mot inconnu « {word} »{nearest(word, known)}"


def unknown_delays(
    situations: Sequence[Situation], channels: Sequence[Channel], rules: CountingRules, merchant: Merchant
) -> Iterator[str]:
    """Deadline rules that nobody defines, ids used twice in a situation, and an unknown region of the shop."""
    used = [(f"canaux/{channel.id}.toml : delai_reponse", channel.delai_reponse) for channel in channels]
    for channel in channels:
        used.append((f"canaux/{channel.id}.toml : delai_reclamation", channel.delai_reclamation))
        used += [
            (f"canaux/{channel.id}.toml : fenetres.{one.id}.regle", one.regle) for one in channel.fenetres
        ]
    for one in situations:
        names = [delay.id for delay in one.delais]
        if len(names) != len(set(names)):
            yield f"situations/{one.id}.toml : delais : deux délais portent le même id ({', '.join(names)})"
        used += [
            (f"situations/{one.id}.toml : delais.{delay.id}.regle", delay.regle)
            for delay in one.delais
            if delay.regle not in (CHANNEL_RULE, CLAIM_RULE)
        ]
    used += [("delais.toml", rule) for rule in NEEDED_RULES]
    for where, rule in used:
        try:
            resolve(rule, rules)
        except RuleError as error:
            yield f"{where} : {error}"
    if merchant.region not in rules.region_by_id:
        yield f"entreprise.toml : region : inconnue « {merchant.region} »{nearest(merchant.region, rules.region_by_id)}"
    if merchant.zones and sum(not zone.pays for zone in merchant.zones) != 1:
        yield "entreprise.toml : zones : une zone, et une seule, doit être sans pays (le reste du monde)"


def bad_guards(
    guards: Guards, channels: Sequence[Channel], situations: Sequence[Situation], known: Recognition
) -> Iterator[str]:
    """Guards that name unknown flags, intents or situations, and patterns that do not compile."""
    flags = tuple(flag.id for flag in known.drapeaux)
    alone = tuple(one.id for one in situations if one.action.envoi_seul)
    for guard in guards.drapeaux_humains:
        if guard.drapeau not in flags:
            yield f"garde_fous.toml : drapeaux_humains : inconnu « {guard.drapeau} »{nearest(guard.drapeau, flags)}"
    for stem in guards.envoi_seul:
        if stem not in alone:
            yield f"garde_fous.toml : envoi_seul : « {stem} » n'admet pas l'envoi seul{nearest(stem, alone)}"
    for never in guards.jamais:
        yield from _bad_patterns(f"garde_fous.toml : jamais.{never.id}", never.motifs)
    yield from _bad_hints(guards, situations, known)
    for channel in channels:
        lists = (channel.expediteurs_relais, channel.expediteurs_notification, channel.references)
        for patterns in (*lists, channel.enveloppe_debut, channel.enveloppe_fin):
            yield from _bad_patterns(f"canaux/{channel.id}.toml", patterns)


def _bad_hints(guards: Guards, situations: Sequence[Situation], known: Recognition) -> Iterator[str]:
    stems, intents = (tuple(one.id for one in those) for those in (situations, known.intentions))
    for hint in guards.indices:
        where = f"garde_fous.toml : indices.{hint.id}"
        yield from _bad_patterns(where, hint.motifs)
        for key, used, words in (
            ("sauf_demandes", hint.sauf_demandes, intents),
            ("sauf_situations", hint.sauf_situations, stems),
        ):
            for word in sorted(used.difference(words)):
                yield f"{where} : {key} : inconnu « {word} »{nearest(word, words)}"


def _bad_patterns(where: str, patterns: Iterable[str]) -> Iterator[str]:
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            yield f"{where} : expression incorrecte « {pattern} » ({error})"


def orphans(situations: Sequence[Situation], letters: Iterable[str]) -> Iterator[str]:
    """A situation without its template, a template without its situation. `letters`: stems of the templates."""
    wanted = {one.id for one in situations if one.action.modele}
    there = set(letters)
    for stem in sorted(wanted - there):
        yield f"situations/{stem}.toml : son modèle templates/{stem}.txt.j2 manque"
    for stem in sorted(there - wanted):
        known = tuple(sorted(wanted - there)) or tuple(sorted(wanted))
        yield f"templates/{stem}.txt.j2 : aucune situation {stem} n'attend ce modèle{nearest(stem, known)}"


def covering(situations: Sequence[Situation], guards: Guards) -> Iterator[tuple[str, str]]:
    """(row of the decision table, stem or file that covers it)."""
    yield from ((one.ligne, one.id) for one in situations if one.ligne)
    yield from ((guard.ligne, "garde_fous.toml") for guard in guards.drapeaux_humains if guard.ligne)
    if guards.ligne_mention_ia:
        yield guards.ligne_mention_ia, "garde_fous.toml"
    if guards.ligne_machine:
        yield guards.ligne_machine, "garde_fous.toml"


def unknown_rows(
    situations: Sequence[Situation], guards: Guards, rows: Sequence[DecisionRow]
) -> Iterator[str]:
    """Rows that a situation or a guard names and lignes.toml does not."""
    known = tuple(row.id for row in rows)
    for row, name in covering(situations, guards):
        if row not in known:
            where = f"situations/{name}.toml" if name != "garde_fous.toml" else name
            yield f"{where} : ligne : « {row} » n'est pas dans lignes.toml{nearest(row, known)}"


def failing_examples(situations: Sequence[Situation]) -> Iterator[str]:
    """Runs every example and counter-example. `situations` sorted by weight."""
    for one in situations:
        for number, case in enumerate(one.exemples, 1):
            yield from _fails(one, f"exemple {number}", case, one.id, situations)
        for number, counter in enumerate(one.contre_exemples, 1):
            yield from _fails(one, f"contre-exemple {number}", counter, counter.gagne, situations)


def _fails(
    one: Situation,
    name: str,
    case: CaseExample | CounterExample,
    wanted: str,
    all_of_them: Sequence[Situation],
) -> Iterator[str]:
    requests = case.intentions or one.intentions[:1]
    verdict = Verdict(
        intents=tuple(Intent(id=intent, score=1.0) for intent in requests), requests=requests, remedy=None,
        language="fr", flags=case.drapeaux,
    )  # fmt: skip
    chosen = choose(verdict, MappingProxyType({**_USUAL, **case.faits}), all_of_them)
    won = chosen.situation.id if chosen.situation else NOBODY
    if won != wanted:
        why = "" if chosen.situation else f" ({chosen.reasons[0]})"
        yield f"situations/{one.id}.toml : {name} : « {won} » l'emporte{why}, « {wanted} » est attendu"

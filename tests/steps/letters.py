"""A case with every fact, for the tests of letters; tests take facts away from it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from mailbot.model import Address, Deadline, Line, Mail, Mentions, Order, OrderMatch, Verdict
from mailbot.ruleset.carriers import Carrier
from mailbot.ruleset.guards import Guards, NeverSay
from mailbot.ruleset.shop import Channel, Merchant, Zone
from mailbot.steps.compose import Composer, read_templates
from mailbot.steps.context import Case
from mailbot.steps.guards import OutputRules
from mailbot.zone import PARIS

TEMPLATES = Path(__file__).parents[2] / "templates"
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=PARIS)
RECEIVED = datetime(2026, 11, 23, 9, 12, tzinfo=PARIS)
DEADLINE_IDS = (
    "prochaine_nouvelle", "remboursement_max", "renvoi_max", "reparation_max", "livraison_manquant_max",
    "reponse_donnees_max",
)  # fmt: skip  # fmt: skip


COLISSIMO = Carrier(
    id="colissimo", nom="Colissimo", lien="https://www.laposte.fr/outils/suivre-vos-envois?code={numero}"
)
ORDER = Order(
    order_id="CMD-2026-10458",
    channel="site",
    placed_at=datetime(2026, 11, 9, 18, 30, tzinfo=PARIS),
    customer_name="Sophie Martin",
    customer_email="sophie.martin@example.org",
    city="Lyon",
    postal_code="69003",
    country="FR",
    shipped_at=datetime(2026, 11, 11, 15, 0, tzinfo=PARIS),
    ship_by=datetime(2026, 11, 13, 18, 0, tzinfo=PARIS),
    carrier="colissimo",
    tracking_number="8V80939237982",
    estimated_delivery_min=date(2026, 11, 16),
    estimated_delivery_max=date(2026, 11, 18),
    delivered_at=datetime(2026, 11, 17, 14, 5, tzinfo=PARIS),
    tracking_status="en_transit",
    tracking_last_event_at=datetime(2026, 11, 14, 8, 20, tzinfo=PARIS),
    delivery_proof="none",
    refunded_at=datetime(2026, 11, 20, 11, 0, tzinfo=PARIS),
    refund_amount=Decimal("39.90"),
    lines=(Line(sku="TAS-BL-02", label="Tasse bleue", qty=2, unit_price=Decimal("17.50")),),
    total=Decimal("39.90"),
    currency="EUR",
    extra={
        "relay_name": "Tabac des Lilas",
        "relay_address": "12 rue des Lilas, 69003 Lyon",
        "pickup_deadline": "2026-11-30",
        "return_reason": "adresse incomplète",
        "carrier_2": "colissimo",
        "tracking_number_2": "8L20524752032",
        "shipped_at_2": "2026-11-12T10:00:00+01:00",
        "tracking_last_event_at_2": "2026-11-19T08:00:00+01:00",
        "tracking_status_2": "en_transit",
        "return_received_at": "2026-11-19",
        "replacement_delivered_at": "2026-11-10",
        "invoice_number": "FA-2026-00981",
        "merchant_position": "nous acceptons ce retour à titre exceptionnel.",
    },
)  # fmt: skip
MERCHANT = Merchant(
    nom="La Tasserie",
    signature="L'équipe de La Tasserie",
    site="https://www.latasserie.example",
    adresse_retour="La Tasserie, service retours\n4 rue du Four\n75006 Paris",
    retour_frais="client",
    mediateur="Médiation Conso Services, 12 place de la Paix, 75002 Paris, www.mediation.example",
    domaine_message_id="latasserie.example",
    mention_ia="Ce message a été préparé par un programme, sans relecture humaine.",
    zones=(Zone(id="france", pays=("FR",), jours=6),),
)
SITE = Channel(id="site", nom="notre site", place_de_marche=False, delai_reponse="JO_2", fondement="x")
AMAZON = Channel(
    id="amazon_fr", nom="Amazon", place_de_marche=True, delai_reponse="ELAPSED_24H", fondement="x",
    interdits=("liens", "adresses", "telephones", "promotion", "avis"),
)  # fmt: skip
GUARDS = Guards(
    jamais=(
        NeverSay(id="reserves", motifs=(r"faute de réserves",), raison="Les réserves ne conditionnent pas le droit."),
        NeverSay(id="promotion", motifs=(r"code promo",), raison="Pas de promotion.", partout=False),
    )
)  # fmt: skip


def deadlines(start: datetime = RECEIVED, ids: Sequence[str] = DEADLINE_IDS) -> tuple[Deadline, ...]:
    due = start.replace(hour=23, minute=59, second=59)
    return tuple(
        Deadline(
            id=name,
            label=name,
            start=start,
            due_at=due + timedelta(days=2 + i),
            rule="JO_2",
            basis="",
            steps=(),
        )
        for i, name in enumerate(ids)
    )


MAIL = Mail(
    digest="ab" * 32,
    received=RECEIVED,
    sent=RECEIVED,
    message_id="<client-1@example.org>",
    in_reply_to=(),
    references=("<avant@example.org>",),
    sender=Address(name="Sophie M.", addr="sophie.martin@example.org"),
    reply_to=Address(name="Sophie M.", addr="sophie.martin@example.org"),
    to=(),
    subject="Où est ma commande ?",
    text="Bonjour, où est ma commande ?",
    quoted="",
)
MATCH = OrderMatch(
    order=ORDER, method="order_ref", score=1.0, candidates=(), identity="verified",
    mentions=Mentions(order_refs=("CMD-2026-10458",)),
)  # fmt: skip
VERDICT = Verdict(intents=(), requests=(), remedy=None, language="fr")
CASE = Case(
    mail=MAIL, verdict=VERDICT, match=MATCH, deadlines=deadlines(), merchant=MERCHANT, channel=SITE, now=NOW,
    facts={"zone": "france", "expediee": True}, carriers=(COLISSIMO,),
)  # fmt: skip


def with_order(order: Order | None, case: Case = CASE) -> Case:
    return replace(case, match=replace(case.match, order=order))


def composer() -> Composer:
    return Composer(read_templates(TEMPLATES), OutputRules.compiled(GUARDS))

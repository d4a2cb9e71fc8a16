"""Facts about dispatch, tracking and delay of one order. Pure; what the data does not say is None."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from mailbot.errors import DeadlineError
from mailbot.model import Order
from mailbot.ruleset.counting import CountingRules
from mailbot.ruleset.shop import Merchant, Zone
from mailbot.steps import counting
from mailbot.steps.order_text import fold, instant, text, yes_no
from mailbot.vocabulary import TRACKING, FactValue
from mailbot.zone import PARIS

_MOVING = frozenset({"pris_en_charge", "en_transit", "en_livraison"})
_LEFT = frozenset(TRACKING) - {"inconnu"}
_SENT = frozenset({"shipped", "delivered", "returned"})
_ENDED = frozenset({"livre", "retour", "perdu"})
_ALIASES = {"introuvable": "inconnu"}
DELIVERY_LIMIT = "L216_1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One order at one moment. `asked` is when the customer wrote, `now` the present (both aware); `region`
    the holiday area of the delivery address; `carrier` the id of its carrier, None when not recognised;
    `withdrawal_days` what shop and channel promise at least."""

    order: Order
    now: datetime
    asked: datetime
    merchant: Merchant
    rules: CountingRules
    region: str = "FR"
    carrier: str | None = None
    withdrawal_days: int = 14

    def past(self, when: datetime | None) -> datetime | None:
        """`when`, unless it lies ahead (a file may be newer than the moment that is judged) or is absurd."""
        if when is None or when.year < self.rules.limites.annee_min:
            return None
        return when if when <= self.now else None

    def due(self, rule: str, start: datetime | None, *, second: datetime | None = None) -> datetime | None:
        """The end of the period `rule` from `start`; None when the start is unknown or absurd."""
        if start is None:
            return None
        try:
            return counting.due(rule, self.rules, start, second=second, region=self.region)
        except DeadlineError:
            return None

    def days_since(self, when: datetime | None) -> int | None:
        """Calendar days (Europe/Paris), the day of the event excluded."""
        when = self.past(when)
        if when is None:
            return None
        return (self.now.astimezone(PARIS).date() - when.astimezone(PARIS).date()).days

    def hours_since(self, when: datetime | None) -> float | None:
        """Elapsed hours."""
        when = self.past(when)
        return None if when is None else (self.now - when).total_seconds() / 3600


def shipping_facts(scene: Scene) -> dict[str, FactValue]:
    """Every fact about the way of the parcel, by its name in the vocabulary."""
    order, now = scene.order, scene.now
    dispatched = is_dispatched(scene)
    delivered = is_delivered(scene)
    zone = zone_of(order, scene.merchant)
    window = _window_passed(scene, zone)
    promised = _promise_passed(scene, delivered)
    event_at = scene.past(order.tracking_last_event_at)
    tracking = tracking_state(scene)
    return {
        "expediee": dispatched,
        "expedition_limite_depassee": _late_dispatch(scene, dispatched),
        "heures_depuis_expedition": scene.hours_since(order.shipped_at),
        "jours_depuis_expedition": scene.days_since(order.shipped_at),
        "suivi": tracking,
        "suivi_alerte": yes_no(order, "tracking_alert"),
        "heures_sans_evenement": scene.hours_since(event_at),
        "jours_en_douane": scene.days_since(event_at or order.shipped_at) if tracking == "douane" else None,
        "transporteur": scene.carrier,
        "sans_suivi": _without_tracking(scene),
        "zone": zone.id if zone else None,
        "fenetre_region_depassee": window,
        "livraison_max_depassee": promised,
        "delai_livraison_depasse": _delivery_late(scene, dispatched, delivered, promised, window),
        "relais_connu": True if text(order, "relay_name") else None,
        "retrait_expire": _known(instant(order, "pickup_deadline"), lambda limit: limit < now),
        "adresse_etiquette_differente": _other_label(order),
        **_second_parcel(scene, zone),
    }


def is_dispatched(scene: Scene) -> bool | None:
    """Has the parcel left? Status, dates and tracking say so; silence says nothing."""
    order = scene.order
    if order.shipped_at is not None and order.shipped_at > scene.now:
        return False
    if order.shipped_at is not None or is_delivered(scene):
        return True
    if order.status in _SENT or _raw_tracking(order) in _LEFT:
        return True
    return False if order.status in ("processing", "cancelled") else None


def is_delivered(scene: Scene) -> bool | None:
    """Is the parcel delivered, by the data? Tracking wins over the status, a delivery date over both."""
    order = scene.order
    if order.delivered_at is not None:
        return order.delivered_at <= scene.now
    tracking = _raw_tracking(order)
    if tracking is not None:
        return tracking == "livre"
    if order.status == "delivered":
        return True
    return False if order.status in ("processing", "shipped") else None


def tracking_state(scene: Scene) -> str | None:
    """The tracking state; `bloque` also after `suivi_bloque_heures` without event while the parcel should
    move. Customs may be silent for days without being stuck."""
    state = _raw_tracking(scene.order)
    if state is None or (state == "livre" and not is_delivered(scene)):
        return "livre" if is_delivered(scene) else None
    silence = scene.hours_since(scene.order.tracking_last_event_at)
    if state in _MOVING and silence is not None and silence >= scene.merchant.suivi_bloque_heures:
        return "bloque"
    return state


def _raw_tracking(order: Order) -> str | None:
    state = (order.tracking_status or "").strip().lower()
    state = _ALIASES.get(state, state)
    return state if state in TRACKING else None


def zone_of(order: Order, merchant: Merchant) -> Zone | None:
    """The delivery zone: by postcode prefix, then country, then the zone that takes the rest. None without
    country."""
    country = fold(order.country or "")
    if not country:
        return None
    home = next((zone for zone in merchant.zones if country in map(fold, zone.pays)), None)
    code = (order.postal_code or "").strip()
    if home is not None and home is merchant.zones[0]:
        for zone in merchant.zones:
            if any(code.startswith(prefix) for prefix in zone.codes_postaux):
                return zone
    return home or next((zone for zone in merchant.zones if not zone.pays), None)


def _window_passed(scene: Scene, zone: Zone | None) -> bool | None:
    days = scene.days_since(scene.order.shipped_at)
    return None if zone is None or days is None else days > zone.jours


def _promise_passed(scene: Scene, delivered: bool | None) -> bool | None:
    if delivered:
        return False
    promised = scene.order.estimated_delivery_max
    return None if promised is None else scene.now.astimezone(PARIS).date() > promised


def _delivery_late(
    scene: Scene, dispatched: bool | None, delivered: bool | None, promised: bool | None, window: bool | None
) -> bool | None:
    """The promised date decides; without one the usual window once the parcel left, else the legal limit."""
    if delivered or promised is not None:
        return False if delivered else promised
    if dispatched:
        return window
    if dispatched is None:
        return None
    return _known(scene.due(DELIVERY_LIMIT, scene.order.placed_at), lambda limit: limit < scene.now)


def _late_dispatch(scene: Scene, dispatched: bool | None) -> bool | None:
    if dispatched is not False:
        return False if dispatched else None
    return _known(scene.order.ship_by, lambda limit: limit < scene.now)


def _without_tracking(scene: Scene) -> bool | None:
    order = scene.order
    if order.tracking_number:
        return False
    names = {fold(name) for name in scene.merchant.envois_sans_suivi}
    if order.carrier is not None and fold(order.carrier) in names:
        return True
    return None


def _other_label(order: Order) -> bool | None:
    """Does the printed label name another place than the order? Compared where both are known."""
    pairs = (
        (text(order, "label_address"), text(order, "ship_to_address")),
        (text(order, "label_postal_code"), order.postal_code),
        (text(order, "label_city"), order.city),
    )
    known = [fold(label) != fold(wanted) for label, wanted in pairs if label and wanted]
    return any(known) if known else None


def _second_parcel(scene: Scene, zone: Zone | None) -> dict[str, FactValue]:
    order = scene.order
    columns = ("tracking_number_2", "shipped_at_2", "tracking_status_2", "delivered_at_2")
    if not any(text(order, column) for column in columns):
        return {}
    arrived = scene.past(instant(order, "delivered_at_2")) is not None
    state = (text(order, "tracking_status_2") or "").lower()
    shipped_at = scene.past(instant(order, "shipped_at_2"))
    on_its_way = (shipped_at is not None or state in _LEFT) and not arrived and state not in _ENDED
    return {
        "plusieurs_colis": True,
        "deuxieme_colis_en_transit": on_its_way,
        "deuxieme_colis_en_retard": _second_late(scene, zone, shipped_at) if on_its_way else None,
    }


def _second_late(scene: Scene, zone: Zone | None, shipped_at: datetime | None) -> bool | None:
    """The promised date of the order decides; without one the usual window of the zone."""
    promised, days = scene.order.estimated_delivery_max, scene.days_since(shipped_at)
    if promised is not None:
        return scene.now.astimezone(PARIS).date() > promised
    return None if zone is None or days is None else days > zone.jours


def _known(value: datetime | None, judge: Callable[[datetime], bool]) -> bool | None:
    return None if value is None else judge(value)

"""How the pages say times, states and persons in French."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from mailbot.steps.french import DAYS, MONTHS, NBSP, SHORT_DAYS, Money
from mailbot.zone import PARIS

STATES = {
    "draft": "brouillon",
    "approved": "va partir",
    "sending": "en cours d'envoi",
    "sent": "envoyée",
    "refused": "refusée",
    "uncertain": "envoi incertain",
    "failed": "envoi en échec",
}
ACTIONS = {"send": "envoi seul", "draft": "brouillon", "human": "humain", "ignore": "classé"}
ORDER_STATES = {
    "processing": "en préparation",
    "shipped": "expédiée",
    "delivered": "livrée",
    "returned": "retournée",
    "cancelled": "annulée",
    "refunded": "remboursée",
}
PARCEL_STATES = {
    "inconnu": "suivi inconnu",
    "introuvable": "suivi introuvable",
    "pris_en_charge": "pris en charge",
    "en_transit": "en transit",
    "bloque": "bloqué",
    "en_point_relais": "en point relais",
    "en_livraison": "en livraison",
    "livre": "livré",
    "retour": "retour à l'expéditeur",
    "douane": "en douane",
    "perdu": "perdu",
}
ROLES = {"agent": "agent", "lead": "responsable", "admin": "administrateur"}


def remaining(due: datetime, now: datetime) -> str:
    """What is left before a deadline: « reste 3 h 12 », « dépassé de 2 j 4 h »."""
    seconds = int((due - now).total_seconds())
    left = timedelta(seconds=abs(seconds))
    told = f"{left.days} j" if left.days > 6 else span(left)
    return (f"dépassé de {told}" if seconds < 0 else f"reste {told}").replace(" ", NBSP)


def span(length: timedelta) -> str:
    """« 25 min », « 3 h 05 », « 2 j 4 h »."""
    minutes = int(length.total_seconds()) // 60
    hours, days = minutes // 60, minutes // 1440
    return (
        f"{days} j {hours % 24} h" if days else f"{hours} h {minutes % 60:02d}" if hours else f"{minutes} min"
    )


def when(instant: datetime | None) -> str:
    """« jeudi 26 novembre 18 h », Paris; the minutes only where they tell something."""
    if instant is None:
        return "—"
    local = instant.astimezone(PARIS)
    day = "1er" if local.day == 1 else str(local.day)
    return f"{DAYS[local.weekday()]} {day}{NBSP}{MONTHS[local.month - 1]} {clock(local)}"


def short(instant: datetime | None) -> str:
    """« jeu. 26/11 18 h », Paris."""
    if instant is None:
        return "—"
    local = instant.astimezone(PARIS)
    return f"{SHORT_DAYS[local.weekday()]} {local:%d/%m} {clock(local)}"


def on_day(day: date) -> str:
    """« jeu. 26/11 »."""
    return f"{SHORT_DAYS[day.weekday()]} {day:%d/%m}"


def clock(local: datetime) -> str:
    """« 18 h », « 18 h 05 »."""
    return f"{local.hour}{NBSP}h" + (f"{NBSP}{local.minute:02d}" if local.minute else "")


def ago(instant: datetime, now: datetime) -> str:
    """« il y a 3 h », « à l'instant »."""
    minutes = int((now - instant).total_seconds()) // 60
    if minutes < 1:
        return "à l'instant"
    if minutes < 60:
        return f"il y a {minutes} min"
    return f"il y a {minutes // 60} h" if minutes < 2880 else f"il y a {minutes // 1440} j"


def urgency(due: datetime | None, now: datetime) -> str:
    """How pressing a clock is: late, soon (4 h), today (24 h), later or none. The pages colour by it."""
    if due is None:
        return "none"
    hours = (due - now).total_seconds() / 3600
    return "late" if hours < 0 else "soon" if hours < 4 else "today" if hours < 24 else "later"


def money(amount: Decimal, currency: str | None) -> str:
    """« 103,90 € »."""
    return str(Money(amount, currency or "EUR"))


def spoken(identifier: str | None) -> str:
    """A rule's id for people: « colis_non_recu/en_route » becomes « colis non reçu : en route »."""
    if not identifier:
        return "—"
    family, _, name = identifier.partition("/")
    words = [part.replace("_", " ") for part in (family, name) if part]
    return " : ".join(words)

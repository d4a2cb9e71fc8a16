"""The menu: every page family has its entry here, seen by those whose role may open it."""

from dataclasses import dataclass

from mailbot.edges.store.people import Role
from mailbot.web.visit import Visit


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the menu. `also`: first parts of other addresses that belong to it."""

    path: str
    label: str
    role: Role
    also: tuple[str, ...] = ()


MENU = (
    Entry("/", "File", "agent"),
    Entry("/chiffres", "Chiffres", "lead"),
    Entry(
        "/situations",
        "Règles",
        "lead",
        ("versions", "corrections", "essai", "communs", "livraison", "nouvelle-situation"),
    ),
    Entry("/commandes", "Commandes", "lead"),
    Entry("/etat", "Service", "lead", ("envois", "machines")),
    Entry("/personnes", "Personnes", "admin"),
    Entry("/journal", "Journal", "admin"),
)


def entries(visit: Visit) -> tuple[Entry, ...]:
    """What this visitor may open."""
    if visit.session is None:
        return ()
    return tuple(entry for entry in MENU if visit.person.may(entry.role))

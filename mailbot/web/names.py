"""What rules call things, for people: « Colis non reçu » rather than colis_non_recu."""

from dataclasses import dataclass, field

from mailbot.rulebook import Rulebook
from mailbot.web.words import spoken


@dataclass(frozen=True, slots=True)
class Names:
    """Titles by id; an id the rules do not know any more is shown as it is."""

    situations: dict[str, str] = field(default_factory=dict)
    intents: dict[str, str] = field(default_factory=dict)
    flags: dict[str, str] = field(default_factory=dict)
    remedies: dict[str, str] = field(default_factory=dict)
    channels: dict[str, str] = field(default_factory=dict)
    carriers: dict[str, str] = field(default_factory=dict)

    def situation(self, stem: str | None) -> str:
        """The title of a situation, or of a family."""
        if not stem:
            return "aucune situation"
        return self.situations.get(stem) or self.intents.get(stem) or spoken(stem)

    def intent(self, name: str) -> str:
        """The title of an intent."""
        return self.intents.get(name) or spoken(name)

    def flag(self, name: str) -> str:
        """The title of a flag, without its explanation."""
        return (self.flags.get(name) or spoken(name)).partition(" :")[0]

    def remedy(self, name: str) -> str:
        """The title of a remedy."""
        return self.remedies.get(name) or spoken(name)

    def channel(self, name: str | None) -> str:
        """The name of a sales channel."""
        return self.channels.get(name or "") or name or "—"

    def carrier(self, name: str | None) -> str:
        """The name of a carrier."""
        return self.carriers.get((name or "").lower()) or name or "transporteur inconnu"


def names(book: Rulebook) -> Names:
    """The titles of these rules."""
    known = book.recognition
    return Names(
        situations={one.id: one.titre for one in book.situations},
        intents={one.id: one.titre for one in known.intentions},
        flags={one.id: one.titre for one in known.drapeaux},
        remedies={one.id: one.titre for one in known.remedes},
        channels={one.id: one.nom for one in book.channels},
        carriers={one.id: one.nom for one in book.carriers},
    )

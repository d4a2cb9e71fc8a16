"""A shop whose agents see its drafts in their own mail programs."""

from tests.end_to_end.letters import orders_csv
from tests.end_to_end.shop import Shop

MINE = (
    "Bonjour Camille,\n\nJe viens d'appeler le transporteur pour votre commande LIL-48201 : votre colis est bien au "
    "centre de tri.\n\nBien à vous,\nLéa\n"
)


def open_shop(
    shop: Shop, *mails: bytes, smtp_port: int | None = None, grace: float = 0, **account: object
) -> None:
    """Known customers, drafts in the mailbox, these mails prepared."""
    (shop.directory / "o.csv").write_text(orders_csv(range(10)), "utf-8")
    settings = {"smtp": {"port": smtp_port}} if smtp_port else {}
    drafts = {"in_mailbox": True, "grace_minutes": grace}
    shop.configure(shop.account(**settings, **account), drafts=drafts)
    shop.ok("orders", "import", "o.csv")
    shop.deliver(*mails)
    shop.ok("once")


def story(shop: Shop, ticket: int = 1) -> list[str]:
    return [row[0] for row in shop.rows(f"SELECT detail FROM events WHERE case_id = {ticket} ORDER BY id")]


def unmet(shop: Shop) -> int:
    count: int = shop.one("SELECT count(*) FROM deadlines WHERE met_at IS NULL AND name LIKE 'reponse%'")
    return count

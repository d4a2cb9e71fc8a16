"""A mail that was filed without an answer by mistake is judged again."""

from sqlalchemy import select

from mailbot.edges.store import Store
from mailbot.edges.store.conflicts import Impossible
from mailbot.edges.store.mails import move_to
from mailbot.edges.store.merging import require_alone
from mailbot.edges.store.schema import cases, deadlines, mails, raw_mails, replies


def reopen(store: Store, mail_id: int) -> None:
    """Have an ignored mail judged again. Raises Impossible (French) when it is a copy, purged, merged, or has a
    reply."""
    with store.write() as conn:
        if conn.execute(select(raw_mails.c.mail_id).where(raw_mails.c.mail_id == mail_id)).first() is None:
            raise Impossible(
                f"mail {mail_id} : son contenu n'est pas conservé ici (copie, ou effacé avec le temps)."
            )
        case_id = conn.execute(select(cases.c.id).where(cases.c.mail_id == mail_id)).scalar()
        if conn.execute(select(replies.c.id).where(replies.c.case_id == case_id)).first() is not None:
            raise Impossible(
                f"mail {mail_id} : le ticket {case_id} a déjà une réponse ; traitez-la dans ce ticket."
            )
        if case_id is not None:
            require_alone(conn, case_id)
        statement = move_to("ignored", "received").where(mails.c.id == mail_id).values(note=None, attempts=0)
        if conn.execute(statement).rowcount != 1:
            raise Impossible(f"mail {mail_id} : seul un mail classé sans réponse peut être repris.")
        conn.execute(deadlines.delete().where(deadlines.c.case_id == case_id))
        conn.execute(cases.delete().where(cases.c.id == case_id))

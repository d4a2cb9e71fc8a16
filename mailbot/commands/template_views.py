"""How `mailbot templates` shows letters and scores, for people and as JSON."""

from typing import TYPE_CHECKING, Any

from mailbot.commands import screen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailbot.jobs.scores import Score
    from mailbot.jobs.template_bench import Template
    from mailbot.model import Deadline, Reply

_ACTIONS = {"brouillon": "brouillon", "humain": "agent", "ignorer": "classé", None: "—"}


def template_row(one: "Template", scores: "Sequence[Score]") -> tuple[str, ...]:
    """One line of the list of templates."""
    wrong = [*one.problems, *(f"à compléter : {name}" for name in one.missing), *one.blocked, *one.faults]
    sums = [
        sum(score.as_is + score.alone for score in scores),
        sum(score.edited for score in scores),
        sum(score.thrown_away for score in scores),
    ]
    return (
        f"{one.stem}\n{one.title or '(pas de situation)'}",
        _ACTIONS[one.action],
        "\n".join(wrong),
        str(one.changed_in or "non publié"),
        " / ".join(map(str, sums)) if any(sums) else "—",
    )


def show_letter(
    title: str, reply: "Reply | None", deadlines: "Sequence[Deadline]", faults: "Sequence[str]" = ()
) -> None:
    """A letter for a person: its clocks, its text, what is wrong with it."""
    from rich.panel import Panel
    from rich.text import Text

    out = screen.console()
    if reply is None:
        out.print("Pas de lettre : le message vient d'une machine.")
        return
    if title:
        out.print(Text(title, "bold"))
    for clock in deadlines:
        out.print(Text(f"  ⏱ {clock.label} : {screen.moment(clock.due_at)} — {clock.basis}", "dim"))
    head = Text(f"à {reply.to.addr} — {reply.subject}")
    out.print(Panel(Text(reply.text), title=head, title_align="left", border_style="green"))
    for wrong in (*(f"il manque : {fact}" for fact in reply.missing), *reply.blocked, *faults):
        out.print(Text(f"  ✗ {wrong}", "bold red"))


def score_row(one: "Score") -> tuple[str, ...]:
    """One line of the scores."""
    sent = one.as_is + one.alone + one.edited
    edited = (
        f"{one.edited} ({screen.share(one.distance)} du texte)"
        if one.distance is not None
        else str(one.edited)
    )
    minutes = None if one.approval is None else int(one.approval.total_seconds() // 60)
    return (
        one.template,
        str(one.version or "non publiée"),
        str(one.drafts),
        f"{one.as_is + one.alone}" + (f" ({screen.share((one.as_is + one.alone) / sent)})" if sent else ""),
        edited,
        str(one.thrown_away),
        "—" if minutes is None else f"{minutes // 60} h {minutes % 60:02d}",
        f"{one.recontacted} sur {one.followed}" if one.followed else "—",
    )


def score_json(one: "Score") -> dict[str, Any]:
    """A score for --json."""
    return {
        **{name: getattr(one, name) for name in one.__dataclass_fields__ if name != "approval"},
        "approval_seconds": None if one.approval is None else one.approval.total_seconds(),
    }


def template_json(one: "Template") -> dict[str, Any]:
    """A template for --json."""
    return {**{name: getattr(one, name) for name in one.__dataclass_fields__}, "ready": one.ready}


def letter_json(reply: "Reply | None", deadlines: "Sequence[Deadline]") -> dict[str, Any]:
    """A letter with its clocks for --json."""
    return {
        "template": reply.template if reply else None,
        "subject": reply.subject if reply else None,
        "text": reply.text if reply else None,
        "missing": list(reply.missing) if reply else [],
        "blocked": list(reply.blocked) if reply else [],
        "deadlines": [{"id": one.id, "due_at": one.due_at, "rule": one.rule} for one in deadlines],
    }

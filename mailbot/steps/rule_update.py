"""A shop's copy of rules and templates against those shipped now, by what was shipped when the copy was made: what can
be taken, what a person decides."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

State = Literal["new", "newer", "gone", "both", "unknown", "own", "left"]
TAKEN: frozenset[State] = frozenset({"new", "newer", "gone"})  # where the shop has changed nothing
DECIDED: frozenset[State] = frozenset({"both", "unknown"})  # by a person, never by us
UNKNOWN = ""  # instead of a digest: nobody knows what was shipped

_RULES, _LETTERS = ("rules/situations/", ".toml"), ("templates/", ".txt.j2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an update would do. `states`: the files that differ, by name; `taken`, `kept`, `waiting`: what becomes of
    those where something new was shipped; `files`: the copy afterwards; `base`: the digest of what was shipped with
    each file, as it is to be noted beside that copy."""

    states: Mapping[str, State]
    taken: tuple[str, ...]
    kept: tuple[str, ...]
    waiting: tuple[str, ...]
    files: Mapping[str, bytes]
    base: Mapping[str, str]

    def of(self, *states: State) -> tuple[str, ...]:
        """The names of the files in these states."""
        return tuple(name for name, state in self.states.items() if state in states)


def content_digest(data: bytes) -> str:
    """SHA-256, hex."""
    return hashlib.sha256(data).hexdigest()


def plan(
    base: Mapping[str, str] | None,
    shop: Mapping[str, bytes],
    shipped: Mapping[str, bytes],
    *,
    accept: Sequence[str] = (),
    keep: Sequence[str] = (),
) -> Plan:
    """What becomes of each file. `base`: the digests noted beside the copy, None when there are none; `accept`, `keep`:
    names of files or folders where a person takes the shipped file, or stays with the shop's."""
    names = sorted({*shop, *shipped, *(base or {})})
    found = {name: _state(name, base, shop, shipped) for name in names}
    states = {name: state for name, state in found.items() if state is not None}
    wanted = {name: _wish(name, state, accept, keep) for name, state in states.items()}
    fates = {name: _fate(name, states, wanted) for name in states}
    taken = {name for name, fate in fates.items() if fate == "taken"}
    waiting = tuple(name for name, fate in fates.items() if fate == "waiting")
    files = {name: data for name, data in shop.items() if name not in taken}
    files.update((name, shipped[name]) for name in taken if name in shipped)
    return Plan(
        states=states,
        taken=tuple(sorted(taken)),
        kept=tuple(name for name, fate in fates.items() if fate == "kept"),
        waiting=waiting,
        files=files,
        base=_noted(base, shipped, waiting),
    )


def _state(
    name: str, base: Mapping[str, str] | None, shop: Mapping[str, bytes], shipped: Mapping[str, bytes]
) -> State | None:
    """None: nothing to say. 'own': only the shop has changed or deleted it; 'left': no longer shipped, and changed by
    the shop, whose it is from now on."""
    was = UNKNOWN if base is None else base.get(name)
    ours = content_digest(shop[name]) if name in shop else None
    theirs = content_digest(shipped[name]) if name in shipped else None
    if ours == theirs or (theirs is None and was in (None, UNKNOWN)):
        return None
    if theirs is None:
        return "gone" if ours == was else "left"
    if was == UNKNOWN:
        return "unknown"
    if ours is None:
        return "new" if was is None else "own"
    if ours == was:
        return "newer"
    return "own" if theirs == was else "both"


def _wish(name: str, state: State, accept: Sequence[str], keep: Sequence[str]) -> str:
    """The longer name counts. What only the shop has changed is given up by its own name alone."""
    taking = max((len(one) for one in accept if covers(one, name)), default=0)
    keeping = max((len(one) for one in keep if covers(one, name)), default=0)
    if state == "left" or not (taking or keeping):
        return ""
    if keeping >= taking:
        return "keep"
    return "accept" if state != "own" or taking == len(name) else ""


def covers(wanted: str, name: str) -> bool:
    """Whether a file is the one named, or lies in the folder named."""
    return name == wanted or name.startswith(wanted.rstrip("/") + "/")


def _fate(name: str, states: Mapping[str, State], wanted: Mapping[str, str]) -> str:
    """'taken', 'kept', 'waiting' or ''. A rule and its letter were written together: where the shop has changed one of
    them, the other goes the way a person chooses."""
    wish, state, other = wanted[name], states[name], partner(name)
    if wish:
        return {"accept": "taken", "keep": "kept"}[wish]
    if state in DECIDED:
        return "waiting"
    if state not in TAKEN:
        return ""
    if states.get(other) in DECIDED:
        return {"accept": "taken", "keep": "kept"}.get(wanted[other], "waiting")
    return "taken"


def partner(name: str) -> str:
    """The letter of a situation's rule, the rule of its letter; '' for other files."""
    for (start, end), (other_start, other_end) in ((_RULES, _LETTERS), (_LETTERS, _RULES)):
        if name.startswith(start) and name.endswith(end):
            return other_start + name.removeprefix(start).removesuffix(end) + other_end
    return ""


def renoted(
    base: Mapping[str, str], shop: Mapping[str, bytes], shipped: Mapping[str, bytes]
) -> dict[str, str]:
    """The digests beside a copy that people changed: what equals the shipped file now was made of it, and what neither
    side has any more is forgotten."""
    noted = {name: digest for name, digest in base.items() if name in shop or name in shipped}
    same = (name for name, data in shipped.items() if shop.get(name) == data)
    return noted | {name: content_digest(shipped[name]) for name in same}


def _noted(
    base: Mapping[str, str] | None, shipped: Mapping[str, bytes], waiting: Sequence[str]
) -> dict[str, str]:
    """What is decided is noted as shipped now; what waits stays as it was, so that it is told again."""
    noted = {name: content_digest(data) for name, data in shipped.items() if name not in waiting}
    for name in waiting:
        was = UNKNOWN if base is None else base.get(name)
        if was is not None:
            noted[name] = was
    return dict(sorted(noted.items()))

"""What in a mail may be an order number or a parcel number, and how sure that is before any look-up.

Shapes come from the orders themselves (RefShapes), from the channels' and carriers' rules, and from the
words around."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from mailbot.model import Mentions
from mailbot.steps import check_digits
from mailbot.steps.reader import Cut, Form, Reader, Spelling
from mailbot.steps.scan import MOST_CHARACTERS, Run, Text, bare, pieces, runs, words_of

NEAR = 8  # a landmark counts for the next so many words
CLOSE = 4
DENSE = 1e-3  # beyond this chance of a hit by accident, a number needs a word that announces it
MOST_PIECES = 9
MOST_QUOTED = 20_000
LONGEST = 40
LONG = 8  # characters of a number that is worth a look-up even when nothing announces it
MOST_REMEMBERED = 5_000  # runs, and forms of runs
SHORTEST = 3  # characters of a run that are never a number, its last blank included
_ANY_DIGIT = str.maketrans("123456789", "0" * 9)


@dataclass(slots=True)
class Found:
    """Numbers found so far. `refs`, `tracking`: worth an exact look-up; `loose`: worth a wider one;
    `mentions`: sure enough to be shown as numbers of the mail even when no order has them."""

    refs: dict[str, None] = field(default_factory=dict)
    tracking: dict[str, None] = field(default_factory=dict)
    loose: dict[str, None] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    mentioned_refs: dict[str, None] = field(default_factory=dict)
    mentioned_tracking: dict[str, None] = field(default_factory=dict)

    def mentions(self) -> Mentions:
        """The sure ones, as written."""
        return Mentions(
            order_refs=tuple(self.written[key] for key in self.mentioned_refs),
            tracking=tuple(self.written[key] for key in self.mentioned_tracking),
        )


def find(texts: Sequence[str], reader: Reader) -> Found:
    """The numbers of these texts (subject first, quoted text last), in order of appearance."""
    text = words_of(texts, reader.vocabulary)
    found = Found()
    for joined, first in runs(text):
        mark = text.mark(first)
        announced = mark[0] in ("order", "parcel") and mark[1] <= NEAR
        form = _form(joined, reader)
        if form.cuts or form.long or (announced and len(joined) > SHORTEST):
            _read_run(form.run(joined), form, mark, reader, found)
    if reader.letter_shapes:
        _read_words(text, reader, found)
    return found


def _form(joined: str, reader: Reader) -> Form:
    """What words of this form may be, whatever their digits: mails are full of dates, hours and amounts, and those of
    one form ('le 12 novembre') are cut in the same way."""
    shape = joined.translate(_ANY_DIGIT)
    known = reader.forms.get(shape)
    if known is None:
        run = Run(shape, pieces(shape))
        long = any(len(run.key(a, b)) >= LONG for a, b in _groups(run, set()))
        known = Form(run.pieces, tuple(_cuts(run, reader)), long)
        if len(reader.forms) >= MOST_REMEMBERED:
            reader.forms.clear()
        if len(shape) <= MOST_CHARACTERS:
            reader.forms[shape] = known
    return known


def _read_run(run: Run, form: Form, mark: tuple[str, int], reader: Reader, found: Found) -> None:
    kind, distance = mark
    spellings = sorted(_spellings(run, form, reader), key=lambda s: (-len(s.key), s.a))
    if not spellings and not form.long and (kind not in ("order", "parcel") or distance > NEAR):
        return
    never = _never(run, reader)
    taken: set[int] = set()
    for spelling in spellings:
        span = range(spelling.a, spelling.b + 1)
        if taken.isdisjoint(span):
            nearest = CLOSE if len(spelling.key) >= 8 else 1
            announced = kind in ("order", "parcel") and distance <= nearest and len(span) == 1
            other = sum(len(run.pieces[i].key) for i in never.intersection(span))
            doubtful = 2 * other >= len(spelling.key) and not announced
            if _take(spelling, run, mark, found, doubtful=doubtful):
                taken.update(span)
    _read_rest(run, mark, taken | never, found)


def _never(run: Run, reader: Reader) -> frozenset[int]:
    """Pieces that belong to a telephone number, a date, a price...: remembered, since mails repeat them."""
    known = reader.others.get(run.text)
    if known is None:
        spans = [match.span() for match in reader.never.finditer(run.text)] if reader.never else []
        known = frozenset(
            i
            for i, piece in enumerate(run.pieces)
            for start, end in spans
            if piece.start < end and start < piece.end
        )
        if len(reader.others) >= MOST_REMEMBERED:
            reader.others.clear()
        if len(run.text) <= MOST_CHARACTERS:
            reader.others[run.text] = known
    return known


def _cuts(run: Run, reader: Reader) -> Iterator[Cut]:
    """Pieces a to b whose letters and digits have a number's length, with the shapes of the shop's own that fit."""
    for a in range(len(run.pieces)):
        key = ""
        for b in range(a, min(len(run.pieces), a + MOST_PIECES)):
            key += run.pieces[b].key
            if len(key) > LONGEST:
                break
            orders, parcels = reader.by_length.get(len(key), ((), ()))
            long = len(key) >= LONG
            if (long or (len(key) >= 3 and (orders or parcels))) and not key.isalpha() and run.whole(a, b):
                order = next((shape for shape in orders if shape.fits(key)), None)
                parcel = next((shape for shape in parcels if shape.fits(key)), None)
                if long or order or parcel:
                    yield Cut(a, b, order, parcel, long)


def _spellings(run: Run, form: Form, reader: Reader) -> Iterator[Spelling]:
    """What looks like a number: of the shop's own order or parcel shape, a channel's, a carrier's."""
    for a, b, order, parcel, long in form.cuts:
        key = run.key(a, b)
        channel = long and _of_channel(run.written(a, b).upper(), reader)
        carrier = _carrier(key, reader) if long else ""
        if order or parcel or channel or carrier:
            yield Spelling(a, b, key, order, parcel, channel, carrier)


def _of_channel(written: str, reader: Reader) -> bool:
    return reader.channel_pattern is not None and reader.channel_pattern.fullmatch(written) is not None


def _carrier(key: str, reader: Reader) -> str:
    if reader.parcel_pattern is None or not reader.parcel_pattern.fullmatch(key):
        return ""
    best = ""
    for pattern, check, generic in reader.parcel_patterns:
        if pattern.fullmatch(key):
            if not generic and (check is None or check_digits.passes(check, key)):
                return "sure"
            best = "weak"
    return best


def _take(spelling: Spelling, run: Run, mark: tuple[str, int], found: Found, *, doubtful: bool) -> bool:
    """Note a spelling as worth a look-up; True when it is sure enough to exclude other readings of its
    pieces."""
    kind, distance = mark if mark[1] <= NEAR else ("", mark[1])
    key = spelling.key
    dense = spelling.order is not None and spelling.order.density > DENSE
    hashed = "#" in run.text[max(0, run.pieces[spelling.a].start - 1) : run.pieces[spelling.a].start]
    if dense and not spelling.channel and not hashed and (kind != "order" or doubtful):
        spelling = replace(spelling, order=None)
        if not (spelling.parcel or spelling.carrier):
            return False
    found.written.setdefault(key, run.written(spelling.a, spelling.b))
    as_order = spelling.order is not None or spelling.channel
    as_parcel = spelling.parcel is not None or spelling.carrier != ""
    if as_order:
        found.refs.setdefault(key)
    if as_parcel:
        found.tracking.setdefault(key)
    if not as_order and kind == "order" and distance <= CLOSE and spelling.carrier != "sure":
        return False
    if doubtful or (
        kind == "other" and distance <= CLOSE and not spelling.channel and spelling.carrier != "sure"
    ):
        return True
    if as_order and not (as_parcel and kind == "parcel") and (kind == "order" or len(key) >= 8 or hashed):
        found.mentioned_refs.setdefault(key)
        found.loose.setdefault(key)
    elif as_parcel and (kind == "parcel" or spelling.carrier == "sure" or not key.isdecimal()):
        found.mentioned_tracking.setdefault(key)
        found.loose.setdefault(key)
    return True


def _read_rest(run: Run, mark: tuple[str, int], taken: set[int], found: Found) -> None:
    """Numbers of no known shape: cut short, misspelt, or not of this shop."""
    kind, distance = mark
    announced = kind in ("order", "parcel") and distance <= CLOSE
    groups = _groups(run, taken)
    for a, b in groups:
        key = run.key(a, b)
        if not 3 <= len(key) <= LONGEST or (kind == "other" and distance <= CLOSE):
            continue
        if announced or len(key) >= LONG:
            found.written.setdefault(key, run.written(a, b))
            found.loose.setdefault(key)
        if announced and len(key) >= 5:
            (found.mentioned_refs if kind == "order" else found.mentioned_tracking).setdefault(key)


def _groups(run: Run, taken: set[int]) -> list[tuple[int, int]]:
    """Stretches of free pieces: each whole word, and neighbouring words together."""
    by_word: dict[int, list[int]] = {}
    for i, piece in enumerate(run.pieces):
        if i not in taken:
            by_word.setdefault(piece.word, []).append(i)
    words = [
        (inside[0], inside[-1])
        for inside in by_word.values()
        if any(run.pieces[i].key.isdecimal() or not run.pieces[i].key.isalpha() for i in inside)
    ]
    joined = [(one[0], two[1]) for one, two in pairwise(words) if one[1] + 1 == two[0]]
    whole = [(words[0][0], words[-1][1])] if len(words) > 2 and len(joined) == len(words) - 1 else []
    return [*words, *joined, *whole]


def _read_words(text: Text, reader: Reader, found: Found) -> None:
    """Order numbers made of letters only: words of the right length, and spaced ones near a landmark."""
    lengths = reader.letter_shapes
    wanted = {length + gap for length in lengths for gap in (-1, 0, 1)}
    for i, plain in text.letters:
        if len(plain) in wanted:
            kind, distance = text.mark(i)
            announced = kind == "order" and distance <= CLOSE
            capitals = plain.isupper() and text.lines[i] not in text.shouted
            if len(plain) in lengths:
                _take_word(plain, found, sure=capitals, wide=capitals or announced)
            elif capitals or announced:
                found.loose.setdefault(plain.upper())
                found.written.setdefault(plain.upper(), plain)
    for i in _starts(text):
        _spaced(i, text, reader, found)


def _starts(text: Text) -> list[int]:
    """Words from which a number written in several words may start: after a landmark, or in a short line."""
    near = {
        i
        for place, kind in zip(text.marks, text.kinds, strict=True)
        if kind == "order"
        for i in range(place + 1, min(place + NEAR + 3, len(text.words)))
    }
    return sorted(near.union(i for i, _ in text.letters if text.lines[i] in text.short))


def _take_word(plain: str, found: Found, *, sure: bool, wide: bool) -> None:
    key = plain.upper()
    found.refs.setdefault(key)
    found.written.setdefault(key, plain)
    if sure:
        found.mentioned_refs.setdefault(key)
    if wide:
        found.loose.setdefault(key)


def _spaced(i: int, text: Text, reader: Reader, found: Found) -> None:
    """'mrf gnr wot', 'm r f g n r w o t': up to four words, or letters, that together have a number's length."""
    longest = max(reader.letter_shapes)
    key = bare(text.words[i])
    if not (key.isascii() and key.isalpha()) or len(key) >= longest:
        return
    for j in range(i + 1, i + longest):
        plain = bare(text.words[j]) if text.same_line(i, j) else ""
        key += plain
        if not plain or (j - i > 3 and len(key) > j - i + 1):
            return
        if len(key) > longest or not (plain.isascii() and plain.isalpha()):
            return
        if len(key) in reader.letter_shapes:
            found.refs.setdefault(key.upper())
            found.written.setdefault(key.upper(), " ".join(bare(word) for word in text.words[i : j + 1]))

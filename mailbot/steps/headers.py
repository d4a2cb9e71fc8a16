"""Header fields of RFC 5322 with RFC 2047/2231 decoding, forgiving: never raises, no line break survives."""

import binascii
import email.utils
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

from mailbot.model import Address, Authentication
from mailbot.steps.charsets import decode
from mailbot.zone import PARIS

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)\n?")
_REAL_FIELD = re.compile(
    rb"^(?:received|subject|from|to|cc|date|message-id|mime-version|content-[a-z-]+|return-path|delivered-to|"
    rb"reply-to|references|in-reply-to|x-[!-9;-~]+)[ \t]*:",
    re.I | re.M,
)
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]{0,4000})(?:\?=|$)")
_WORD_GAP = re.compile(r"(\?=)[ \t]+(?==\?[^?\s]{1,60}\?[bBqQ]\?)")
_CONTROLS = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029\u200b\ufeff]+")
_PARAM = re.compile(r';\s*([\w.\-]{1,80}\*?(?:\d{1,3}\*?)?)\s*=\s*("(?:[^"\\]|\\.)*"|[^;\s]*)')
_PIECE = re.compile(r'"(?:[^"\\]|\\.)*(?:"|$)|<[^>]*(?:>|$)|\((?:[^()\\]|\\.)*\)|[,;:]|[^,;:"<(]+|\(')
_USUAL_MAILBOX = re.compile(
    r"(?:\"([^\"\\<>@]{0,200})\"|([^\"\\<>@(),;:]{0,400}))\s?<([\w.+=/-]{1,128}@[\w.-]{1,128})>", re.ASCII
)
_ADDR = re.compile(r"[^\s<>\",;:()\[\]\\]{1,256}@[^\s<>\",;:()\[\]\\]{1,255}")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,990}>")
_FRENCH_DATE = re.compile(r"\s*(\d{1,2})/(\d{1,2})/(\d{4})[ ,]+(\d{1,2})[:h](\d{2})(?::(\d{2}))?")
_MAIL_DATE = re.compile(
    r"\s*(?:[A-Za-z]{3},?\s+)?(\d{1,2})\s([A-Z][a-z]{2})\s(\d{4})\s(\d\d):(\d\d)(?::(\d\d))?\s([+-])(\d\d)([0-5]\d)\b"
)
_MONTHS = {"Jan": 1, "Feb": 2, "Mar": 3, "Apr": 4, "May": 5, "Jun": 6}
_MONTHS |= {"Jul": 7, "Aug": 8, "Sep": 9, "Oct": 10, "Nov": 11, "Dec": 12}
_QUOTED = re.compile(r'"[^"]*(?:"|$)|\([^()]*(?:\)|$)')
_RESULT = re.compile(r"\s*(spf|dkim|dmarc)(?:/\d)?\s*=\s*([a-z]{2,12})", re.I)
_SIGNER = re.compile(r"\bheader\.(?:d\s*=\s*|i\s*=\s*[^\s;@]*@)([\w.-]{1,255})", re.I)
_RECEIVED_SPF = re.compile(r"\s*([a-z]{2,12})\b", re.I)
_MOST_RESULTS = 10
FAILED = frozenset({"fail", "softfail", "permerror"})
_GROUP = ":"
_LONGEST = 32_768  # a longer header value is cut: nothing of use comes after

Fields = dict[str, list[bytes]]


def read_fields(block: bytes) -> tuple[Fields, bytes]:
    """The fields of a header block by lower-cased name, and what follows them without being a header."""
    fields: Fields = {}
    position, last = 0, ""
    last_real = -1
    while position < len(block):
        match = _FIELD.match(block, position)
        if match:
            last = match[1].decode("ascii").lower()
            fields.setdefault(last, []).append(match[2])
            position = match.end()
            continue
        if last_real < 0:
            last_real = max((found.start() for found in _REAL_FIELD.finditer(block)), default=0)
        unfinished = last and fields[last][-1].rstrip().endswith(b";")
        if position >= last_real and not (position == 0 and last_real) and not unfinished:
            return fields, block[position:]
        end = block.find(b"\n", position)
        end = len(block) if end < 0 else end
        if last and len(fields[last][-1]) < _LONGEST:
            fields[last][-1] += b" " + block[position:end]  # a fold that lost its leading space
        position = end + 1
    return fields, b""


def raw_text(value: bytes) -> str:
    """A raw field value on one line; 8-bit bytes are decoded, encoded words are not."""
    return decode(value[:_LONGEST]).replace("\n", " ").strip()


def first(fields: Fields, name: str) -> str:
    """The first field of that lower-cased name, undecoded, on one line; '' when absent."""
    values = fields.get(name)
    return raw_text(values[0]) if values else ""


def one_line(text: str) -> str:
    """No control character, no line break, single spaces: safe in any header or page."""
    if text.isprintable() and "  " not in text:
        return text.strip()
    return _CONTROLS.sub(" ", text).strip()


def decode_words(value: str) -> str:
    """RFC 2047 encoded words decoded, even inside quotes, cut short, or split inside a character."""
    if "=?" not in value:
        return one_line(value)
    value = _WORD_GAP.sub(r"\1", value)
    out: list[str] = []
    position, held, held_charset = 0, b"", ""
    for match in _WORD.finditer(value):
        charset = match[1].partition("*")[0].lower()
        if held and (match.start() > position or charset != held_charset):
            out.append(decode(held, held_charset))
            held = b""
        out.append(value[position : match.start()])
        held, held_charset, position = held + _word_bytes(match[2], match[3]), charset, match.end()
    out.append(decode(held, held_charset))
    out.append(value[position:])
    return one_line("".join(out))


def _word_bytes(encoding: str, payload: str) -> bytes:
    data = payload.encode("utf-8", "replace")
    if encoding in "bB":
        return from_base64(data)
    return binascii.a2b_qp(data, header=True)


def from_base64(data: bytes) -> bytes:
    """Base64 with whatever junk or missing padding it has; what can be decoded is."""
    try:
        return binascii.a2b_base64(data)
    except (binascii.Error, ValueError):
        clean = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
        return binascii.a2b_base64(clean[: len(clean) - (len(clean) % 4 == 1)] + b"===")


def parameters(value: str) -> tuple[str, dict[str, str]]:
    """'text/plain; charset=x' → ('text/plain', {'charset': 'x'}), RFC 2231 pieces joined and decoded."""
    main = value.partition(";")[0].strip().lower()
    params: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, str, bool]]] = {}
    for match in _PARAM.finditer(value[:_LONGEST]):
        name, content = match[1].lower(), match[2]
        if content.startswith('"') and len(content) > 1:
            content = _unescaped(content[1:-1])
        base, star, number = name.partition("*")
        if star:
            order = int(number.rstrip("*") or 0)
            pieces.setdefault(base, []).append((order, content, name.endswith("*")))
        else:
            params.setdefault(base, content)
    for base, found in pieces.items():
        params[base] = _extended(sorted(found))
    return main, params


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text) if "\\" in text else text


def _extended(pieces: list[tuple[int, str, bool]]) -> str:
    charset, data = "", b""
    for index, (_, content, encoded) in enumerate(pieces):
        if encoded and index == 0 and content.count("'") >= 2:
            charset, _, content = content.split("'", 2)
        piece = content.encode("utf-8", "replace")
        data += binascii.a2b_qp(piece.replace(b"=", b"=3D").replace(b"%", b"=")) if encoded else piece
    return decode(data, charset)


def addresses(value: str) -> Iterator[Address]:
    """The mailboxes of an address field, in order; groups are opened, comments dropped, broken ones skipped."""
    plain = _USUAL_MAILBOX.fullmatch(value)
    if plain:
        yield Address(name=decode_words(plain[1] or plain[2]), addr=plain[3].lower())
        return
    words: list[str] = []
    angle = ""
    for match in _PIECE.finditer(value):
        token = match[0]
        if token in (",", ";"):
            yield from _mailbox(words, angle)
            words, angle = [], ""
        elif token == _GROUP and not angle and "=?" not in "".join(words):
            words = []  # what stood before names a group
        elif token.startswith("<"):
            angle = token.strip("<> ")
        elif not token.startswith("("):
            words.append(_unescaped(token.strip('"')) if token.startswith('"') else token)
    yield from _mailbox(words, angle)


def _mailbox(words: list[str], angle: str) -> Iterator[Address]:
    name = decode_words("".join(words))
    found = _ADDR.search(angle) or _ADDR.search(decode_words(angle)) if angle else None
    if not found and not angle:
        found = _ADDR.search(name)
        name = name.replace(found[0], "").strip() if found else name
    if found:
        yield Address(name=name.strip("' "), addr=found[0].lower())
    elif angle and not re.search(r"\s|@", angle):
        yield Address(name=name, addr=one_line(angle).lower())  # a local mailbox such as <MAILER-DAEMON>


def message_ids(value: str) -> tuple[str, ...]:
    """Every <...> of Message-ID, In-Reply-To or References, in order, once each."""
    return tuple(dict.fromkeys(_MESSAGE_ID.findall(value)))


def date(value: str) -> datetime | None:
    """The Date field, aware; a French 'jj/mm/aaaa hh:mm' is Paris time; None when it is no date."""
    try:
        return _usual_date(value) or _unusual_date(value) or _french_date(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _usual_date(value: str) -> datetime | None:
    match = _MAIL_DATE.match(value)
    if not match or match[2] not in _MONTHS:
        return None
    offset = timedelta(hours=int(match[8]), minutes=int(match[9]))
    zone = timezone(offset if match[7] == "+" else -offset)
    return datetime(
        int(match[3]),
        _MONTHS[match[2]],
        int(match[1]),
        int(match[4]),
        int(match[5]),
        int(match[6] or 0),
        tzinfo=zone,
    )


def _unusual_date(value: str) -> datetime | None:
    try:
        found = email.utils.parsedate_to_datetime(value[:200])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _french_date(value: str) -> datetime | None:
    match = _FRENCH_DATE.match(value)
    if not match:
        return None
    day, month, year, hour, minute = (int(match[i]) for i in range(1, 6))
    return datetime(year, month, day, hour, minute, tzinfo=PARIS)


def authentication(fields: Fields, domain: str = "") -> Authentication:
    """What our own server says (RFC 8601): the topmost Authentication-Results, and failures in further ones that bear
    the same server's name. A stranger may have written those, but a failure only harms himself. A pass for another
    domain than that of From (`domain`) makes nothing good. Received-SPF fills in when SPF is stated nowhere else."""
    stated = [
        _QUOTED.sub("", raw_text(value)) for value in fields.get("authentication-results", ())[:_MOST_RESULTS]
    ]
    results = _results(stated[0], domain) if stated else {}
    for other in stated[1:]:
        if _server(other) == _server(stated[0]):
            found = _results(other, domain).items()
            results |= {
                name: result for name, result in found if result in FAILED and results.get(name) != "pass"
            }
    if "spf" not in results and (received := _RECEIVED_SPF.match(first(fields, "received-spf"))):
        results["spf"] = received[1].lower()
    return Authentication(spf=results.get("spf"), dkim=results.get("dkim"), dmarc=results.get("dmarc"))


def _server(stated: str) -> str:
    return stated.partition(";")[0].split(maxsplit=1)[0].lower() if stated.partition(";")[0].strip() else ""


def _results(stated: str, domain: str) -> dict[str, str]:
    """Method → result of one header field, comments already dropped."""
    results: dict[str, str] = {}
    for clause in stated.split(";")[1:]:
        found = _RESULT.match(clause)
        if found and (found[1].lower() not in results or found[1].lower() == "dkim"):
            method, result = found[1].lower(), found[2].lower()
            signer = _SIGNER.search(clause) if method == "dkim" else None
            if result == "pass" and signer and domain and not _aligned(signer[1].lower(), domain):
                result = "none"
            results[method] = "pass" if results.get(method) == "pass" else result
    return results


def _aligned(signer: str, domain: str) -> bool:
    """Whether one of the two domains is the other or within it (RFC 7489 §3.1, relaxed)."""
    return f".{domain}".endswith(f".{signer}") or f".{signer}".endswith(f".{domain}")

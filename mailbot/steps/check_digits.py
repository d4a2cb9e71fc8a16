"""Check digits of parcel numbers. A failed check is a doubt, never a proof: carriers' own samples fail theirs."""

from collections.abc import Callable, Mapping, Sequence

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _weighted(digits: str, weights: Sequence[int]) -> int:
    return sum(int(digit) * weights[i % len(weights)] for i, digit in enumerate(digits))


def _s10(key: str) -> bool:
    """UPU S10: two letters, eight digits, check digit, two letters."""
    rest = 11 - _weighted(key[2:10], (8, 6, 4, 2, 3, 5, 9, 7)) % 11
    return int(key[10]) == {10: 0, 11: 5}.get(rest, rest)


def _ups_1z(key: str) -> bool:
    """UPS 1Z: letters count (code - 3) mod 10, every second character twice, no folding."""
    values = [int(c) if c.isdecimal() else (ord(c) - 3) % 10 for c in key[2:17]]
    total = sum(value * (2 if i % 2 else 1) for i, value in enumerate(values))
    return int(key[17]) == -total % 10


def _colissimo(key: str) -> bool:
    """Colissimo: the product code takes no part; weights 1, 3 over ten digits."""
    return int(key[12]) == -_weighted(key[2:12], (1, 3)) % 10


def _gls(key: str) -> bool:
    """GLS: weights 3, 1 over eleven digits, plus one."""
    return int(key[11]) == -(_weighted(key[:11], (3, 1)) + 1) % 10


def _dpd(key: str) -> bool:
    """DPD: ISO 7064 MOD 37,36 over all but the last character."""
    check = 36
    for char in key[:-1]:
        check += _ALPHABET.index(char)
        check = (check - 36 if check > 36 else check) * 2
        check = check - 37 if check > 36 else check
    return key[-1] == _ALPHABET[(37 - check) % 36]


def _fedex(key: str) -> bool:
    """FedEx: weights 3, 1, 7 over eleven digits, mod 11 mod 10."""
    return int(key[11]) == _weighted(key[:11], (3, 1, 7)) % 11 % 10


def _mod7(key: str) -> bool:
    """DHL Express: the number without its last digit, mod 7."""
    return int(key[-1]) == int(key[:-1]) % 7


CHECKS: Mapping[str, Callable[[str], bool]] = {
    "s10": _s10,
    "ups_1z": _ups_1z,
    "colissimo": _colissimo,
    "gls": _gls,
    "dpd": _dpd,
    "fedex": _fedex,
    "mod7": _mod7,
}


def passes(check: str, key: str) -> bool:
    """Whether a folded number, already of its format's shape, passes the named check."""
    return CHECKS[check](key)

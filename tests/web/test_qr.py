"""The drawn code holds the very squares of the standard."""

import re

import segno

from mailbot.web.qr import QUIET, drawn

LINK = "otpauth://totp/Maison%20Lilas%3AClaire?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Maison%20Lilas"


def test_the_path_fills_the_dark_squares_and_no_other() -> None:
    code = drawn(LINK)
    dark = {
        (int(x) + step, int(y))
        for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", code.path)
        for step in range(int(length))
    }
    matrix = segno.make_qr(LINK, error="m", boost_error=False).matrix
    wanted = {
        (x + QUIET, y + QUIET) for y, row in enumerate(matrix) for x, square in enumerate(row) if square
    }
    assert dark == wanted
    assert code.size == len(matrix) + 2 * QUIET


def test_there_is_white_all_around_as_readers_need() -> None:
    code = drawn(LINK)
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)", code.path):
        assert int(x) >= QUIET
        assert QUIET <= int(y) < code.size - QUIET
        assert int(x) + int(length) <= code.size - QUIET

"""Check digits against numbers that carriers and public test suites publish."""

import pytest

from mailbot.steps.check_digits import passes


@pytest.mark.parametrize(
    ("check", "number"),
    [
        ("s10", "EW112720413FR"),
        ("s10", "XY746876977FR"),
        ("s10", "RB123456785GB"),
        ("colissimo", "8V80939237982"),
        ("colissimo", "8L41392128255"),
        ("ups_1z", "1Z5R89390357567127"),
        ("ups_1z", "1Z8V92A70367203024"),
        ("fedex", "986578788855"),
        ("mod7", "73891051146"),
        ("dpd", "09980000020033F"),
        ("dpd", "008182709980000020033350276C"),
        ("gls", "925252148203"),
    ],
)
def test_a_published_number_passes_and_its_neighbour_does_not(check: str, number: str) -> None:
    assert passes(check, number)
    at = next(i for i in range(len(number) - 2, 0, -1) if number[i].isdecimal())
    neighbour = number[:at] + str((int(number[at]) + 1) % 10) + number[at + 1 :]
    assert not passes(check, neighbour)

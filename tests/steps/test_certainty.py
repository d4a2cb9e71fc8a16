"""How sure the main request is: calibrated, lower where a second request or a near rival stands."""

import numpy as np

from mailbot.steps import certainty


def drawn(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Mails whose main request is right as often as the probabilities say, less often beside a second request."""
    chance = np.random.default_rng(1)
    top = chance.uniform(0.4, 0.99, count)
    second = chance.uniform(0.0, 0.9, count)
    primary = np.stack([top, (1 - top) * 0.7, (1 - top) * 0.3], axis=1)
    presence = np.stack([top, second, second / 3], axis=1)
    right = chance.uniform(size=count) < top * (1 - 0.4 * second)
    return primary, presence, chance.integers(5, 100, count).astype(float), right


def test_of_mails_with_a_score_that_share_is_right() -> None:
    primary, presence, length, right = drawn(8000)
    weights = certainty.fit(primary[:6000], presence[:6000], length[:6000], right[:6000])
    sure = certainty.certainty(primary[6000:], presence[6000:], length[6000:], weights)
    for low, high in ((0.3, 0.5), (0.5, 0.7), (0.7, 0.9)):
        part = (sure >= low) & (sure < high)
        assert abs(right[6000:][part].mean() - sure[part].mean()) < 0.06


def test_a_second_request_makes_the_first_less_sure() -> None:
    primary, presence, length, right = drawn(8000)
    weights = certainty.fit(primary, presence, length, right)
    one = np.array([[0.8, 0.14, 0.06]])
    alone, beside = np.array([[0.8, 0.05, 0.02]]), np.array([[0.8, 0.8, 0.3]])
    words = np.array([40.0])
    assert (
        certainty.certainty(one, alone, words, weights)
        > certainty.certainty(one, beside, words, weights) + 0.1
    )


def test_texts_that_are_all_right_leave_a_probability() -> None:
    primary, presence, length, _ = drawn(50)
    weights = certainty.fit(primary, presence, length, np.ones(50, dtype=bool))
    sure = certainty.certainty(primary, presence, length, weights)
    assert ((sure > 0.9) & (sure <= 1.0)).all()

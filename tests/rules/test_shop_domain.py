"""The domain of our Message-IDs: what no header could carry is mended or refused when the rules are read."""

import pytest
from pydantic import ValidationError

from mailbot.ruleset.shop import Merchant


def merchant(domain: str) -> Merchant:
    return Merchant(nom="Crêperie", signature="Léa", domaine_message_id=domain)


def test_a_domain_with_an_accent_is_written_as_the_net_knows_it() -> None:
    assert merchant("crêperie.example").domaine_message_id == "xn--crperie-kya.example"
    assert merchant("boutique.example").domaine_message_id == "boutique.example"


@pytest.mark.parametrize("domain", ["", "ma boutique.fr", "boutique..fr", "sav@boutique.fr", "<boutique.fr>"])
def test_what_is_no_domain_is_refused_in_french(domain: str) -> None:
    with pytest.raises(ValidationError, match="n'est pas un nom de domaine"):
        merchant(domain)

"""What the receiving server says of the sender (RFC 8601), and what a stranger cannot make it say."""

import pytest

from mailbot.model import Authentication
from tests.steps.mails import plain, read

OURS = "Authentication-Results: mx.boutique.example"


def stated(*headers: str) -> Authentication:
    """What is read from a mail of jeanne.petit@fai.example with these headers."""
    return read(plain("Bonjour", headers="\n".join(headers))).authentication


def test_a_failure_counts_in_whichever_header_of_our_server_it_stands() -> None:
    found = stated(f"{OURS}; dkim=none", f"{OURS}; spf=fail", f"{OURS}; dmarc=fail")
    assert found == Authentication(spf="fail", dkim="none", dmarc="fail")


def test_a_pass_below_the_topmost_header_counts_for_nothing() -> None:
    assert stated(f"{OURS}; dkim=none", f"{OURS}; dkim=pass; spf=pass; dmarc=pass") == Authentication(
        dkim="none"
    )


def test_failures_that_other_servers_saw_are_theirs() -> None:
    found = stated(f"{OURS}; dmarc=pass", "Authentication-Results: relais.example; spf=fail; dmarc=fail")
    assert found == Authentication(dmarc="pass")


@pytest.mark.parametrize(
    ("signer", "result"),
    [
        ("header.d=fai.example", "pass"),
        ("header.d=mail.fai.example", "pass"),
        ("header.i=@fai.example", "pass"),
        ("header.d=pirate.example", "none"),
        ("header.i=@pirate.example", "none"),
        ("header.d=pirate-fai.example", "none"),
        ("", "pass"),
    ],
)
def test_a_signature_of_another_domain_proves_nothing_of_the_sender(signer: str, result: str) -> None:
    assert stated(f"{OURS}; spf=softfail; dkim=pass {signer}").dkim == result


def test_received_spf_speaks_when_nothing_else_states_spf() -> None:
    assert stated("Received-SPF: Fail (mx: not permitted)").spf == "fail"
    assert stated(f"{OURS}; spf=pass", "Received-SPF: fail").spf == "pass"


@pytest.mark.parametrize("value", ["", ";", " ; ;", "\x00", ";;;dmarc", "=" * 50_000])
def test_a_broken_header_states_nothing(value: str) -> None:
    assert stated(f"Authentication-Results: {value}", f"Authentication-Results: {value}") == Authentication()

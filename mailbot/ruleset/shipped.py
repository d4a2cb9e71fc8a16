"""rules/livraison.toml of a shop's copy: what was shipped with each of its files."""

from typing import Annotated

from pydantic import Field

from mailbot.ruleset.base import Rule

Digest = Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]


class Shipped(Rule):
    """File ('rules/…', 'templates/…') → SHA-256 of its content as shipped; '' where nobody knows."""

    fichiers: dict[str, Digest]

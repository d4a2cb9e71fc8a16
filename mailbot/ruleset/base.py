"""What every rule file is: frozen, closed vocabulary."""

from pydantic import BaseModel, ConfigDict


class Rule(BaseModel):
    """Base of everything read from rules/: frozen, closed vocabulary."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

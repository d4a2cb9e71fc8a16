"""What every rule file is: frozen, closed vocabulary."""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator


class Rule(BaseModel):
    """Base of everything read from rules/: frozen, closed vocabulary."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def former(*keys: str) -> Any:
    """A validator that passes over keys which nothing reads any more: shops have copies of earlier rules, and published
    versions keep them too."""

    def without(data: Any) -> Any:
        return {key: data[key] for key in data if key not in keys} if isinstance(data, dict) else data

    return model_validator(mode="before")(without)

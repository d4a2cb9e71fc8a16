"""What the sections of config.toml are made of: frozen tables that know their keys, names of variables, machines."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Section(BaseModel):
    """A table of config.toml; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _variable(text: str) -> str:
    if not text.isidentifier():  # the text may be the password itself: it is not repeated
        raise ValueError("le NOM d'une variable d'environnement est attendu, jamais le mot de passe lui-même")
    return text


VariableName = Annotated[str, AfterValidator(_variable)]

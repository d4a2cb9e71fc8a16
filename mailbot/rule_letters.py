"""Checks the letters of one rulebook: a shop that says « tu » says it everywhere."""

import re
from collections.abc import Iterator, Mapping

from mailbot.ruleset.familiar import Familiar
from mailbot.ruleset.shop import Merchant
from mailbot.steps.compose import SUFFIX
from mailbot.steps.familiar import unspoken

_PERSON = re.compile(r"\b(?:vous|votre|vos|tu|te|toi|ton|ta|tes|(?!chez|assez)\w+ez)\b", re.IGNORECASE)


def half_familiar(
    templates: Mapping[str, str], merchant: Merchant, lexicon: Familiar | None
) -> Iterator[str]:
    """Words of the letters that the lexicon cannot say with « tu », in French with file and line; nothing for a shop
    that says « vous » (`lexicon` None). The notice of a machine goes with letters of both kinds: it says neither."""
    if lexicon is None:
        return
    for name, source in templates.items():
        if name.startswith("_") or not lexicon.keeps_vous(name.removesuffix(SUFFIX)):
            for one in unspoken(source, lexicon):
                yield (
                    f"templates/{name}, ligne {one.line} : « {one.words} » ne se dit pas encore avec « tu » : "
                    "complétez rules/tutoiement.toml, ou écrivez la phrase autrement"
                )
    if found := _PERSON.search(merchant.mention_ia):
        yield (
            f"entreprise.toml : mention_ia : « {found[0]} » : elle suit des lettres qui disent « tu » et d'autres qui "
            "disent « vous » ; écrivez-la sans l'un ni l'autre"
        )

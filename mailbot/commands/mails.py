"""`mailbot mails`: what was set aside, and the originals."""

from pathlib import Path
from typing import Annotated

import typer

from mailbot.commands import french, private, screen
from mailbot.commands.opening import DEFAULT_CONFIG, ConfigOption, JsonOption, open_database, read_config
from mailbot.steps.french import counted

app = french.group("Mails reçus : ceux mis de côté, et l'export des originaux.")


def list_(config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """Liste les mails mis de côté, avec la raison."""
    from mailbot.edges.store import aside

    with open_database(read_config(config)) as store:
        parked = aside.list_parked(store)
    if as_json:
        for mail in parked:
            screen.print_json({name: getattr(mail, name) for name in mail.__dataclass_fields__})
        return
    screen.table(
        ("N°", "Compte", "Reçu", "De", "Raison"),
        [
            (str(mail.id), mail.account, screen.moment(mail.received_at), mail.sender, mail.error)
            for mail in parked
        ],
        empty="Aucun mail mis de côté.",
    )


def retry(
    numbers: Annotated[
        list[int] | None, typer.Argument(metavar="NUMERO...", help="Sans numéro : tous.")
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Remet des mails mis de côté dans la file : ils sont traités de nouveau."""
    from mailbot.edges.store import aside
    from mailbot.errors import MailbotError

    with open_database(read_config(config)) as store:
        if numbers:
            others = [one for one in dict.fromkeys(numbers) if not aside.retry(store, [one])]
            done = len(set(numbers)) - len(others)
        else:
            others, done = [], aside.retry(store)
    print(f"{counted(done, 'mail')} remis dans la file.")
    if others:
        told = ", ".join(map(str, others))
        raise MailbotError(f"pas mis de côté, donc laissés tels quels : {told}. Voir « mailbot mails list ».")


def rejudge(
    number: Annotated[int, typer.Argument(metavar="NUMERO", help="Numéro du mail.")],
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Fait rejuger un mail classé sans réponse, après un changement de règles."""
    from mailbot.edges.store.reopen import reopen

    with open_database(read_config(config)) as store:
        reopen(store, number)
    print(f"Mail {number} remis dans la file : le service le rejuge aussitôt.")


def export(
    target: Annotated[Path, typer.Argument(metavar="DOSSIER", help="Où écrire les fichiers .eml.")],
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Écrit les mails d'origine, octet pour octet, un fichier .eml par mail."""
    from mailbot.edges.store import mails
    from mailbot.errors import MailbotError, words

    done = 0
    with open_database(read_config(config)) as store, screen.progress("Export", None) as progressed:
        try:
            target.mkdir(parents=True, exist_ok=True, mode=0o700)
            for number, raw in mails.export(store):
                private.write(target / f"{number:08d}.eml", raw.data)
                done += 1
                progressed(done)
        except OSError as error:
            raise MailbotError(f"{target} : écriture impossible ({words(error)}).") from error
    print(f"{counted(done, 'mail écrit')} dans {target}.")


for _name, _function in (("list", list_), ("retry", retry), ("rejudge", rejudge), ("export", export)):
    french.command(app, _name)(_function)

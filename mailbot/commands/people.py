"""`mailbot people` and `mailbot audit`: who may come in on the page, and what they saw and did."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from mailbot.commands import french, screen
from mailbot.commands.opening import DEFAULT_CONFIG, ConfigOption, JsonOption, open_database, read_config
from mailbot.steps.french import counted

if TYPE_CHECKING:
    from mailbot.config import Config
    from mailbot.edges.store.connection import Store
    from mailbot.edges.store.people import Person

app = french.group("Personnes : qui peut ouvrir la page des agents.")
audit_app = french.group("Journal : ce que les agents ont vu et fait, chaîné par empreintes.")

NameArgument = Annotated[str, typer.Argument(metavar="NOM", help="Nom de la personne.")]
ROLES = ("agent", "lead", "admin")
ROLE_WORDS = {"agent": "agent", "lead": "responsable", "admin": "administrateur"}
BY = "ligne de commande"  # who is noted in the log


def list_(config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """Liste les personnes, leur rôle et leurs comptes de messagerie."""
    from mailbot.edges.store import people

    with open_database(read_config(config)) as store:
        known = people.everybody(store)
    if as_json:
        for person in known:
            screen.print_json(_as_json(person))
        return
    screen.table(
        ("Nom", "Rôle", "Comptes", "État"),
        [
            (one.name, ROLE_WORDS[one.role], ", ".join(one.accounts or ("tous",)), _state(one))
            for one in known
        ],
        empty="Personne encore. « mailbot people add NOM --role admin » en crée une.",
    )


def _as_json(person: "Person") -> dict[str, Any]:
    return {
        "name": person.name,
        "role": person.role,
        "accounts": person.accounts,
        "state": _state(person),
        "second_factor": person.totp_secret is not None,
    }


def _state(person: "Person") -> str:
    if person.disabled_at is not None:
        return "fermé"
    return "invité" if person.password is None else "actif"


def add(
    name: NameArgument,
    role: Annotated[str, typer.Option("--role", help=f"Parmi : {', '.join(ROLES)}.")] = "agent",
    account: Annotated[
        list[str] | None, typer.Option("--account", help="Compte de messagerie visible ; sans lui, tous.")
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Crée une personne et donne le lien à usage unique par lequel elle choisit son mot de passe."""
    from mailbot import clock
    from mailbot.edges.store import people

    if role not in ROLES:
        raise typer.BadParameter(f"rôle inconnu : {role} ; connus : {', '.join(ROLES)}")
    settings = read_config(config)
    known = {one.name for one in settings.accounts}
    if unknown := sorted(set(account or ()) - known):
        raise typer.BadParameter(
            f"compte inconnu : {', '.join(unknown)} ; connus : {', '.join(sorted(known))}"
        )
    with open_database(settings) as store:
        person = people.add(store, name, role, clock.now(), accounts=account)  # type: ignore[arg-type]
        _log(store, "compte_cree", person.name)
        _print_link(settings, store, person)


def link(name: NameArgument, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Donne un nouveau lien : mot de passe oublié, téléphone perdu. Les liens précédents ne valent plus."""
    from mailbot.edges.store import people

    settings = read_config(config)
    with open_database(settings) as store:
        person = people.named(store, name)
        _log(store, "lien_renouvele", person.name)
        _print_link(settings, store, person)


def _print_link(settings: "Config", store: "Store", person: "Person") -> None:
    from mailbot import clock
    from mailbot.config import Web
    from mailbot.edges.store import people
    from mailbot.web import credentials
    from mailbot.web.people import LINK_LIFE, address_of

    token = credentials.token()
    people.invite(store, person.id, credentials.digest(token), clock.now() + LINK_LIFE)
    print(f"{person.name}, {ROLE_WORDS[person.role]} : lien à usage unique, valable trois jours :")
    print(f"{address_of(settings.web or Web())}/bienvenue/{token}")


def close(name: NameArgument, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Ferme un compte : ses sessions s'arrêtent, il ne peut plus entrer."""
    from mailbot import clock
    from mailbot.edges.store import people

    with open_database(read_config(config)) as store:
        person = people.named(store, name)
        people.disable(store, person.id, clock.now())
        _log(store, "compte_ferme", person.name)
    print(f"Compte de {person.name} fermé.")


def reopen(name: NameArgument, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Rouvre un compte fermé."""
    from mailbot.edges.store import people

    with open_database(read_config(config)) as store:
        person = people.named(store, name)
        people.enable(store, person.id)
        _log(store, "compte_rouvert", person.name)
    print(f"Compte de {person.name} rouvert.")


def verify(
    expect: Annotated[
        str | None,
        typer.Option("--expect", help="Empreinte notée ailleurs : le journal doit encore la contenir."),
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Recalcule toute la chaîne du journal. Code 1 si une ligne a été changée, retirée ou ajoutée."""
    from mailbot.edges.store import audit

    with open_database(read_config(config)) as store:
        found = audit.verify(store)
        kept = expect is None or audit.holds(store, expect)
    if as_json:
        screen.print_json(
            {"lines": found.lines, "digest": found.digest, "broken": found.broken, "expected": kept}
        )
    elif found.broken is not None:
        print(f"Journal altéré : la ligne {found.broken} ne suit pas la précédente, ou a été changée.")
    elif not kept:
        print(f"Journal tronqué : l'empreinte {expect} n'y est plus.")
    else:
        print(
            f"Journal intact : {counted(found.lines, 'ligne')}. Dernière empreinte, à noter ailleurs :\n{found.digest}"
        )
    if found.broken is not None or not kept:
        raise typer.Exit(1)


def lines(
    case: Annotated[int | None, typer.Option("--ticket", help="Seulement ce ticket.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Nombre de lignes.")] = 50,
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Montre les dernières lignes du journal."""
    from mailbot.edges.store import audit
    from mailbot.web import deeds

    with open_database(read_config(config)) as store:
        found = audit.lines(store, case_id=case, limit=limit)
    if as_json:
        for line in found:
            screen.print_json(
                {
                    "id": line.id,
                    "at": line.at,
                    "who": line.actor,
                    "kind": line.kind,
                    "ticket": line.case_id,
                    "detail": line.detail,
                }
            )
        return
    screen.table(
        ("N°", "Quand", "Qui", "Quoi", "Ticket", "Détail"),
        [
            (str(one.id), screen.moment(one.at), one.actor, deeds.told(one.kind), str(one.case_id or ""), one.detail)
            for one in found
        ],
        empty="Le journal est vide.",
    )  # fmt: skip


def _log(store: "Store", kind: str, detail: str) -> None:
    from mailbot import clock
    from mailbot.edges.store import audit

    audit.write(store, clock.now(), BY, kind, detail=detail)


for _name, _function in (("list", list_), ("add", add), ("link", link), ("close", close), ("open", reopen)):
    french.command(app, _name)(_function)
french.command(audit_app, "verify")(verify)
french.command(audit_app, "list")(lines)

"""`run`, `once`, `status`, `demo`: the service itself."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mailbot.commands import french, screen
from mailbot.commands.opening import (
    DEFAULT_CONFIG,
    ConfigOption,
    JsonOption,
    open_database,
    open_service,
    open_workplace,
    read_config,
)

if TYPE_CHECKING:
    from mailbot.config import Config


def register(app: typer.Typer) -> None:
    """Add the commands of this module to the command line."""
    french.command(app, "run")(run)
    french.command(app, "once")(once)
    french.command(app, "status")(status)
    french.command(app, "demo")(demo)


VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="Journal détaillé.")]


def run(config: ConfigOption = DEFAULT_CONFIG, verbose: VerboseOption = False) -> None:
    """Lance le service : surveille les boîtes, prépare les brouillons, envoie ce qui est approuvé."""
    import os

    from mailbot.commands import pages
    from mailbot.engines.local import LocalEngine
    from mailbot.jobs import log, rule_update

    log.to_stderr(verbose=verbose)
    settings = read_config(config)
    _look_for_passwords(settings)
    if (newer := rule_update.told(settings)) is not None:
        log.log.info("%s.", newer)
    with open_service(config) as (workplace, rules):
        finished = LocalEngine(workplace, rules, pages.beside(workplace)).run()
    if not finished:
        os._exit(0)  # Python would wait for the thread that still speaks to a silent server


def _look_for_passwords(settings: "Config") -> None:
    """Say before anything starts which account cannot work and why; the others do. Raises ConfigError (French) when
    there is nothing to do for any."""
    from mailbot.config import exposed_files, without_password
    from mailbot.edges.refresh_tokens import not_connected
    from mailbot.errors import ConfigError
    from mailbot.jobs.log import log

    for exposed in exposed_files(settings):
        log.warning("mot de passe : %s", exposed)
    missing = [*without_password(settings), *not_connected(settings)]
    unread = {account.name for account, kind, _ in missing if kind == "imap"}
    if len(unread) == len(settings.accounts):
        reasons = "\n".join(f"  - {error}" for _, kind, error in missing if kind == "imap")
        raise ConfigError(
            f"aucune boîte ne peut être relevée, le service ne démarre pas :\n{reasons}\n"
            "Donnez le mot de passe (ou l'accès OAuth), puis « mailbot check » dit si le serveur l'accepte."
        )
    for _, kind, error in missing:
        effect = "cette boîte n'est pas relevée" if kind == "imap" else "ses réponses approuvées attendent"
        log.error("%s D'ici là, %s ; le reste du service fonctionne.", error, effect)


def once(
    config: ConfigOption = DEFAULT_CONFIG, verbose: VerboseOption = False, as_json: JsonOption = False
) -> None:
    """Fait une passe complète (relève, préparation, envoi, alertes) puis s'arrête. Code 1 si un compte a échoué."""
    from mailbot.engines import once as engine
    from mailbot.jobs import log

    log.to_stderr(verbose=verbose)
    with open_workplace(config) as workplace:
        passed = engine.run(workplace)
    if as_json:
        screen.print_json(passed.as_dict())
    else:
        screen.console().print(passed.sentence(), markup=False, soft_wrap=True)
    if passed.troubles:
        raise typer.Exit(1)


def status(
    config: ConfigOption = DEFAULT_CONFIG,
    only_check: Annotated[
        bool, typer.Option("--check", help="N'affiche que les problèmes ; code 1 s'il y en a.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Dit si tout va bien : dernière relève, retard, réponses en attente, comptes du serveur et du registre."""
    from mailbot import clock
    from mailbot.commands import agents_status, health, oauth_status
    from mailbot.edges.store.status import status as read_status
    from mailbot.jobs import rule_update

    settings = read_config(config)
    now = clock.now()
    with open_database(settings) as store:
        state = read_status(store, now)
        agents = agents_status.read(settings, store)
    connections = oauth_status.read(settings)
    problems = health.problems(settings, state, now) + agents_status.problems(agents)
    problems += [
        one for one in oauth_status.problems(connections) if not any(one in said for said in problems)
    ]
    newer = rule_update.told(settings)
    if as_json:
        told = health.as_json(settings, state, now, problems)
        screen.print_json(
            {
                **told,
                "agents_mail": agents_status.as_json(agents),
                "oauth": oauth_status.as_json(connections),
                "newer_rules": newer,
            }
        )
    else:
        health.show(state, problems, brief=only_check)
        if not only_check:
            agents_status.show(agents)
            if newer is not None:
                print(f"Règles : {newer}.")
            oauth_status.show(connections)
    if problems and (only_check or as_json):
        raise typer.Exit(1)


def demo(
    check: Annotated[
        bool, typer.Option("--check", help="Sans personne : vérifie tout de bout en bout, code 0 ou 1.")
    ] = False,
    keep: Annotated[
        Path | None, typer.Option("--keep", help="Dossier où garder les données de la démonstration.")
    ] = None,
) -> None:
    """Montre tout sur un serveur de mail embarqué, avec des commandes et des mails d'exemple. Rien ne sort d'ici."""
    from mailbot.commands import demonstration

    if not demonstration.play(check=check, keep=keep):
        raise typer.Exit(1)

"""`mailbot rules`: are the rules fit for use, and is every case of the decision table covered?"""

from pathlib import Path
from typing import Annotated

import typer

from mailbot.commands import french, screen
from mailbot.commands.opening import DEFAULT_CONFIG, JsonOption, load_rulebook, read_config

app = french.group("Règles et modèles : les vérifier, et voir ce qu'ils couvrent.")

RulesOption = Annotated[Path | None, typer.Option("--rules", metavar="DOSSIER", help="Dossier de règles.")]
TemplatesOption = Annotated[
    Path | None, typer.Option("--templates", metavar="DOSSIER", help="Dossier de modèles.")
]
MaybeConfig = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        envvar="MAILBOT_CONFIG",
        show_envvar=True,
        help="Règles et modèles de cette configuration ; par défaut ceux de ./config.toml, sinon ceux livrés.",
    ),
]


def check(
    rules: RulesOption = None,
    templates: TemplatesOption = None,
    config: MaybeConfig = None,
    as_json: JsonOption = False,
) -> None:
    """Charge règles, modèles et exemples comme le service, et dit tout ce qui ne va pas. Code 1 si refusés."""
    from mailbot.edges.intent_rules import read_examples
    from mailbot.errors import RuleError

    rules_dir, templates_dir = rule_folders(rules, templates, config)
    problems: list[str] = []
    facts = ""
    try:
        book = load_rulebook(rules_dir, templates_dir)
        examples = read_examples(rules_dir)
        facts = (
            f"{len(book.situations)} situations, {len(book.templates)} modèles, {len(book.recognition.intentions)} "
            f"intentions, {len(examples)} exemples, empreinte {book.digest[:12]}"
        )
    except RuleError as error:
        problems = str(error).splitlines()
    if as_json:
        folders = {"rules": str(rules_dir), "templates": str(templates_dir)}
        screen.print_json({**folders, "ok": not problems, "problems": problems})
    else:
        _show(rules_dir, templates_dir, problems, facts)
    if problems:
        raise typer.Exit(1)


def _show(rules_dir: Path, templates_dir: Path, problems: list[str], facts: str) -> None:
    from rich.text import Text

    out = screen.console()
    out.print(Text(f"Règles : {rules_dir}\nModèles : {templates_dir}", "dim"), soft_wrap=True)
    for problem in problems:
        out.print(Text("✗ ", "bold red") + Text(problem), soft_wrap=True)
    if problems:
        out.print(Text(f"Refusés : {len(problems)} problème(s).", "bold red"))
    else:
        out.print(Text("✓ ", "green") + Text(facts))


def coverage(
    rules: RulesOption = None,
    templates: TemplatesOption = None,
    config: MaybeConfig = None,
    as_json: JsonOption = False,
) -> None:
    """Montre chaque ligne de la table de décision et ce qui la couvre. Code 1 s'il en manque une."""
    from mailbot.rulebook import rules_coverage

    book = load_rulebook(*rule_folders(rules, templates, config))
    covered = rules_coverage(book)
    missing = [row for row, stems in covered.items() if not stems]
    if as_json:
        for row in book.rows:
            screen.print_json({"row": row.id, "title": row.titre, "covered_by": list(covered[row.id])})
    else:
        screen.table(
            ("Ligne", "Cas", "Couvert par"),
            [(row.id, row.titre, "\n".join(covered[row.id]) or "rien") for row in book.rows],
            empty="",
            styles=["bold red" if row.id in missing else "" for row in book.rows],
        )
        print(f"{len(covered) - len(missing)}/{len(covered)} lignes couvertes.")
        if missing:
            print(f"Il manque : {', '.join(missing)}.")
    if missing:
        raise typer.Exit(1)


def rule_folders(rules: Path | None, templates: Path | None, config: Path | None) -> tuple[Path, Path]:
    """The folders asked for, else those of the configuration, else the shipped ones."""
    from mailbot.config import defaults_dir

    path = config or (DEFAULT_CONFIG if DEFAULT_CONFIG.exists() else None)
    settings = read_config(path) if path and not (rules and templates) else None
    return (
        rules or (settings and settings.rules_dir) or defaults_dir() / "rules",
        templates or (settings and settings.templates_dir) or defaults_dir() / "templates",
    )


french.command(app, "check")(check)
french.command(app, "coverage")(coverage)

"""`mailbot rules`: are the rules fit for use, and is every case of the decision table covered?"""

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from mailbot.commands import french, screen
from mailbot.commands.opening import DEFAULT_CONFIG, JsonOption, load_rulebook, read_config
from mailbot.commands.rule_runs import sample_outcomes, taken_by
from mailbot.commands.rule_update import update
from mailbot.commands.situation_words import told
from mailbot.steps.french import counted

app = french.group("Règles et modèles : les vérifier, voir ce qu'ils couvrent, les mettre à jour.")

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
    from mailbot.jobs import samples

    rules_dir, templates_dir = rule_folders(rules, templates, config)
    problems: list[str] = []
    facts = ""
    try:
        book = load_rulebook(rules_dir, templates_dir)
        examples = read_examples(rules_dir)
        mails = samples.read(rules_dir)
        facts = (
            f"{len(book.situations)} situations, {len(book.templates)} modèles, {len(book.recognition.intentions)} "
            f"intentions, {len(examples)} exemples, {len(mails)} mails d'exemple, empreinte {book.digest[:12]}"
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
        out.print(Text(f"Refusés : {counted(len(problems), 'problème')}.", "bold red"))
    else:
        out.print(Text("✓ ", "green") + Text(facts))


def coverage(
    rules: RulesOption = None,
    templates: TemplatesOption = None,
    config: MaybeConfig = None,
    as_json: JsonOption = False,
) -> None:
    """Montre chaque ligne de la table de décision : ce qui la couvre, ses exemples, les cas réels qu'elle a décidés.

    Code 1 s'il en manque une. Les cas réels viennent de la base de la configuration ; sans configuration, aucun."""
    from mailbot.edges.store.usage import cases_by_row
    from mailbot.jobs import samples
    from mailbot.rulebook import rules_coverage

    rules_dir, templates_dir = rule_folders(rules, templates, config)
    book = load_rulebook(rules_dir, templates_dir)
    covered = rules_coverage(book)
    missing = [row for row, stems in covered.items() if not stems]
    short = {one.id: len(one.exemples) for one in book.situations}
    mails = Counter(sample.row for sample in samples.read(rules_dir))
    taken = taken_by(config, cases_by_row)
    rows = [
        {
            "row": row.id, "title": row.titre, "covered_by": list(covered[row.id]),
            "examples": sum(short.get(stem, 0) for stem in covered[row.id]), "mails": mails[row.id],
            "cases": None if taken is None else taken.get(row.id, 0),
        }
        for row in book.rows
    ]  # fmt: skip
    if as_json:
        for one in rows:
            screen.print_json(one)
    else:
        _show_coverage(rows, missing)
    if missing:
        raise typer.Exit(1)


def _show_coverage(rows: list[dict[str, Any]], missing: list[str]) -> None:
    screen.table(
        ("Ligne", "Cas", "Couvert par", "Exemples", "Mails", "Cas réels"),
        [
            (
                one["row"], one["title"], "\n".join(one["covered_by"]) or "rien", str(one["examples"]),
                str(one["mails"]), "—" if one["cases"] is None else str(one["cases"]),
            )
            for one in rows
        ],
        empty="",
        styles=["bold red" if one["row"] in missing else "" for one in rows],
    )  # fmt: skip
    mails = counted(sum(one["mails"] for one in rows), "mail d'exemple", "mails d'exemple")
    print(f"{mails} ; {counted(sum(not one['mails'] for one in rows), 'ligne')} sans.")
    print(f"{len(rows) - len(missing)}/{len(rows)} lignes couvertes.")
    if missing:
        print(f"Il manque : {', '.join(missing)}.")


def list_(
    family: Annotated[
        str | None, typer.Argument(metavar="[FAMILLE]", help="Par exemple colis_non_recu.")
    ] = None,
    rules: RulesOption = None,
    templates: TemplatesOption = None,
    config: MaybeConfig = None,
    as_json: JsonOption = False,
) -> None:
    """Liste les situations, dans l'ordre où elles sont essayées, avec les cas réels qu'elles ont pris."""
    from mailbot.edges.store.usage import cases_by_situation

    book = load_rulebook(*rule_folders(rules, templates, config))
    taken = taken_by(config, cases_by_situation)
    found = [one for one in book.situations if family in (None, one.id.partition("/")[0], one.id)]
    if not found:
        raise typer.BadParameter(
            _unknown(family or "", [one.id.partition("/")[0] for one in book.situations])
        )
    if as_json:
        for one in found:
            screen.print_json(
                {"id": one.id, "title": one.titre, "row": one.ligne, "stage": one.etape, "rank": one.rang,
                 "action": one.action.type, "cases": None if taken is None else taken.get(one.id, 0)}
            )  # fmt: skip
        return
    screen.table(
        ("Situation", "Ligne", "Étape", "Rang", "Décision", "Cas réels", "Titre"),
        [
            (one.id, one.ligne or "—", one.etape, str(one.rang), one.action.type,
             "—" if taken is None else str(taken.get(one.id, 0)), one.titre)
            for one in found
        ],
        empty="",
        whole=("Situation",),
    )  # fmt: skip


def show(
    situation: Annotated[str, typer.Argument(metavar="SITUATION", help="Par exemple colis_non_recu/perdu.")],
    rules: RulesOption = None,
    templates: TemplatesOption = None,
    config: MaybeConfig = None,
    as_json: JsonOption = False,
) -> None:
    """Montre une situation : quand elle vaut, ce qu'elle entraîne, ce que sa lettre dit et ne dit jamais."""
    rules_dir, templates_dir = rule_folders(rules, templates, config)
    book = load_rulebook(rules_dir, templates_dir)
    one = next((item for item in book.situations if item.id == situation), None)
    if one is None:
        raise typer.BadParameter(
            _unknown(situation, [item.id for item in book.situations], "mailbot rules list")
        )
    if as_json:
        screen.print_json(one.model_dump(mode="json"))
        return
    rows = list(told(one))
    rows.append(("Fichier", str(rules_dir / "situations" / f"{one.id}.toml")))
    if one.action.modele:
        rows.append(("Lettre", str(templates_dir / f"{one.id}.txt.j2")))
    screen.table(("", ""), rows, empty="")


def test(
    situation: Annotated[
        str | None, typer.Argument(metavar="[SITUATION]", help="Seulement celle-ci.")
    ] = None,
    mails: Annotated[
        bool, typer.Option("--mails/--no-mails", help="Jouer aussi les mails d'exemple.")
    ] = True,
    rules: RulesOption = None,
    templates: TemplatesOption = None,
    config: MaybeConfig = None,
    as_json: JsonOption = False,
) -> None:
    """Joue exemples et contre-exemples des situations, puis les mails d'exemple (rules/cas). Code 1 si l'un échoue."""
    from mailbot import rule_checks, rule_overlaps
    from mailbot.rulebook import load_situations

    rules_dir, templates_dir = rule_folders(rules, templates, config)
    every = load_situations(rules_dir)
    chosen = [one for one in every if situation in (None, one.id)]
    if not chosen:
        raise typer.BadParameter(_unknown(situation or "", [one.id for one in every], "mailbot rules list"))
    played = sum(len(one.exemples) + len(one.contre_exemples) for one in chosen)
    wrong = [line for line in rule_checks.failing_examples(every) if _about(line, situation)]
    close = [
        line for line in rule_overlaps.overlapping(every) if situation is None or situation in line.split()
    ]
    outcomes = sample_outcomes(rules_dir, templates_dir, chosen, situation) if mails and not wrong else []
    wrong += [f"{one.sample.name} : {problem}" for one in outcomes for problem in one.problems]
    if as_json:
        screen.print_json(
            {
                "ok": not wrong,
                "examples": played,
                "mails": len(outcomes),
                "problems": wrong,
                "overlaps": close,
            }
        )
    else:
        for line in wrong:
            print(f"✗ {line}")
        for line in close:
            print(f"À regarder : {line}")
        heard, failures = counted(len(outcomes), "mail joué"), counted(len(wrong), "échec")
        print(f"{played} exemples et contre-exemples, {heard}, {failures}.")
    if wrong:
        raise typer.Exit(1)


def _about(line: str, situation: str | None) -> bool:
    return situation is None or line.startswith(f"situations/{situation}.toml")


def _unknown(word: str, known: list[str], listed_by: str = "") -> str:
    from mailbot.situation import nearest

    return f"« {word} » n'existe pas{nearest(word, tuple(dict.fromkeys(known)), listed_by=listed_by)}"


def rule_folders(rules: Path | None, templates: Path | None, config: Path | None) -> tuple[Path, Path]:
    """The folders asked for, else those of the configuration, else the shipped ones."""
    from mailbot.config import defaults_dir

    path = config or (DEFAULT_CONFIG if DEFAULT_CONFIG.exists() else None)
    settings = read_config(path) if path and not (rules and templates) else None
    return (
        rules or (settings and settings.rules_dir) or defaults_dir() / "rules",
        templates or (settings and settings.templates_dir) or defaults_dir() / "templates",
    )


french.command(app, "list")(list_)
french.command(app, "show")(show)
french.command(app, "check")(check)
french.command(app, "coverage")(coverage)
french.command(app, "test")(test)
french.command(app, "update")(update)

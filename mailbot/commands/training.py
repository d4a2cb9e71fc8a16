"""`mailbot train`: learn from the examples and from what agents corrected, and say what that changes."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mailbot.commands import french, screen
from mailbot.commands.opening import DEFAULT_CONFIG, ConfigOption, JsonOption, open_database, read_config
from mailbot.commands.rules import rule_folders
from mailbot.steps.french import counted

if TYPE_CHECKING:
    from mailbot.jobs.training import Comparison
    from mailbot.steps.model_report import Figures, Judged

WAIT = "chaque texte est jugé par un modèle qui ne l'a jamais vu, une minute environ"
MEASURES = {
    "texts": "textes",
    "primary": "1re intention juste",
    "first_two": "parmi les 2 premières",
    "requests_f1": "toutes les demandes (F1)",
    "calibration_error": "écart des scores (ECE)",
    "sure": "part sûre à 99 %",
    "remedy": "ce qu'il demande",
}


def register(app: typer.Typer) -> None:
    """Add the command of this module to the command line."""
    french.command(app, "train")(train)


def train(
    report: Annotated[
        bool, typer.Option("--report", help="Mesure seulement le modèle en service, intention par intention.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--oui", help="Met le nouveau modèle en service sans demander.")
    ] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Apprend des corrections des agents : dit d'abord ce qui s'améliore et ce qui se dégrade."""
    from mailbot.config import cache_home, compute_in_one_thread

    compute_in_one_thread()
    from mailbot.jobs import training

    if report:
        with screen.patience(WAIT):
            rules_dir = rule_folders(None, None, config if config.exists() else None)[0]
            judged = training.measure(rules_dir, cache_home())
        (_json_report if as_json else _show_report)(judged)
        return
    settings = read_config(config)
    if settings.rules_dir is None:
        raise typer.BadParameter(
            "les règles livrées ne se modifient pas : donnez rules_dir dans la configuration (voir « mailbot init »)"
        )
    cache = settings.storage.directory / "modele"
    with open_database(settings) as store:
        with screen.patience(WAIT):
            found = training.compare(store, settings.rules_dir, cache)
        if as_json:
            screen.print_json({**asdict(found), "corrections": [one.case_id for one in found.corrections]})
        else:
            _show(found)
        if not found.corrections or not (yes or _agreed(as_json=as_json, worse=found.worse)):
            return
        with screen.patience("apprentissage"):
            path = training.take_up(store, settings.rules_dir, cache, found.corrections)
    if not as_json:
        print(_done(path, len(found.corrections)))


def _agreed(*, as_json: bool, worse: bool) -> bool:
    if as_json:
        return False
    warning = "Le nouveau modèle comprend moins de textes que l'ancien. " if worse else ""
    if typer.confirm(f"{warning}Le mettre en service ?", default=not worse):
        return True
    print("Rien n'est changé.")
    return False


def _done(path: Path, count: int) -> str:
    return (
        f"{counted(count, 'correction écrite')} dans {path}, à relire et à modifier au besoin.\n"
        "Le nouveau modèle est appris ; un service qui tourne le prend de lui-même."
    )


def _show(found: "Comparison") -> None:
    print(f"{counted(len(found.corrections), 'correction')} dont rien n'a encore été appris.")
    _two("Exemples connus", found.known)
    if found.corrected is None:
        print("Le modèle en service a déjà tout appris : rien à faire.")
        return
    _two("Mails corrigés", found.corrected)
    words = {"better": "mieux", "worse": "moins bien", "same": ""}
    rows = [
        (
            one.intent, str(one.texts), _share(one.right_before / one.texts), _share(one.right_after / one.texts),
            f"+{one.won} / -{one.lost}", words[one.verdict],
        )
        for one in found.changes
    ]  # fmt: skip
    columns = ("Intention", "Textes", "Avant", "Après", "Compris / perdus", "")
    styles = [{"better": "green", "worse": "bold red", "same": ""}[one.verdict] for one in found.changes]
    screen.table(columns, rows, empty="", title="Intention par intention", styles=styles)


def _two(title: str, both: "tuple[Figures, Figures]") -> None:
    old, new = (asdict(one) for one in both)
    rows = [(word, _number(key, old[key]), _number(key, new[key])) for key, word in MEASURES.items()]
    screen.table(("", "En service", "Nouveau"), rows, empty="", title=title)


def _number(key: str, value: float) -> str:
    if key == "texts":
        return str(int(value))
    return _rounded(value) if key == "calibration_error" else _share(value)


def _rounded(value: float) -> str:
    return f"{value:.3f}".replace(".", ",")


def _share(value: float) -> str:
    return f"{100 * value:.1f} %".replace(".", ",")


def _show_report(judged: "list[Judged]") -> None:
    from mailbot.steps import intent_figures, model_report

    for line in model_report.table(judged):
        print(line)
    rows = [
        (one.intent, str(one.texts), _share(one.precision), _share(one.recall), _share(one.main),
         _rounded(one.calibration_error))
        for one in intent_figures.by_intent(judged, _intents(judged))
    ]  # fmt: skip
    columns = ("Intention", "Textes", "Précision", "Rappel", "Principale", "ECE")
    screen.table(columns, rows, empty="", title="Intention par intention")
    pairs = [(str(count), gold, guess) for gold, guess, count in intent_figures.confusions(judged)]
    screen.table(("Textes", "C'est", "Compris comme"), pairs, empty="", title="Ce qui est confondu")


def _json_report(judged: "list[Judged]") -> None:
    from mailbot.steps import intent_figures, model_report

    screen.print_json(
        {
            "groups": {name: asdict(shown) for name, shown in model_report.by_group(judged).items()},
            "intents": [asdict(one) for one in intent_figures.by_intent(judged, _intents(judged))],
            "confusions": [
                {"intent": gold, "taken_for": guess, "texts": count}
                for gold, guess, count in intent_figures.confusions(judged)
            ],
        }
    )


def _intents(judged: "list[Judged]") -> list[str]:
    return sorted({name for item in judged for name in item.example.intents})

"""`mailbot orders`: the import of orders from a file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mailbot.commands import french, screen
from mailbot.commands.opening import DEFAULT_CONFIG, ConfigOption, JsonOption, open_database, read_config
from mailbot.steps.french import counted

if TYPE_CHECKING:
    from mailbot.edges.store.orders import ImportReport

app = french.group("Commandes : import d'un fichier CSV.")

SHOWN = 20


def import_(
    path: Annotated[Path, typer.Argument(metavar="COMMANDES.csv", help="Fichier CSV des commandes.")],
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Importe ou met à jour des commandes. Les lignes défectueuses sont nommées et ignorées, les autres importées.

    Le fichier est au format de mailbot (order_id, channel, placed_at…) ou un export de Shopify, Amazon, eBay, Etsy,
    reconnu à ses colonnes (rules/exports). Une cellule vide n'efface rien de connu.
    Code 1 si aucune ligne n'a pu être importée."""
    from mailbot import clock
    from mailbot.config import defaults_dir
    from mailbot.edges import order_exports
    from mailbot.edges.store import orders
    from mailbot.rule_files import read_exports

    settings = read_config(config)
    exports = read_exports(settings.rules_dir or defaults_dir() / "rules")
    kind = order_exports.kind_of(path, exports)
    with open_database(settings) as store, screen.progress("Commandes", None) as progressed:
        report = orders.import_file(store, path, clock.now(), progressed, exports)
    if as_json:
        broken = [{"line": line, "reason": reason} for line, reason in report.broken]
        screen.print_json(
            {
                "imported": report.imported,
                "updated": report.updated,
                "broken": broken,
                "broken_count": report.broken_count,
                "unknown_channels": {one.word: one.rows for one in report.unknown_channels},
                "unknown_channel_lines": {one.word: one.line for one in report.unknown_channels},
            }
        )
    else:
        if kind is not None:
            print(f"Export reconnu : {kind.titre} (rules/exports/{kind.id}.toml).")
        _show(report)
    if report.broken_count and not (report.imported or report.updated):
        raise typer.Exit(1)


def _show(report: "ImportReport") -> None:
    from mailbot.edges import orders_file

    updated = counted(report.updated, "mise à jour", "mises à jour")
    print(f"{counted(report.imported, 'commande importée')}, {updated}.")
    for one in report.unknown_channels:
        near = orders_file.nearest_channel(one.word)
        hint = f" Vouliez-vous dire « {near} » ?" if near else ""
        print(
            f"  canal inconnu « {one.word} » ({counted(one.rows, 'ligne')}, la première : {one.line}) : importé comme "
            f"« autre ».{hint}"
        )
    for line, reason in report.broken[:SHOWN]:
        print(f"  ligne {line} ignorée : {reason}")
    if report.broken_count > SHOWN:
        others = counted(report.broken_count - SHOWN, "autre ligne ignorée")
        print(f"  … et {others} (liste complète : --json).")


french.command(app, "import")(import_)

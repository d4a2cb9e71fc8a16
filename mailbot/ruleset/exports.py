"""rules/exports/<id>.toml: how the order export of a shop system or marketplace is read."""

from collections.abc import Mapping

from pydantic import Field, model_validator

from mailbot.ruleset.base import Rule


class ExportLine(Rule):
    """Columns of one line item. `montant` is the amount of the whole line, for exports without a unit price."""

    sku: str = ""
    label: str
    qty: str = ""
    unit_price: str = ""
    montant: str = ""


class OrderExport(Rule):
    """One kind of export. A file is of this kind when its header has every column of `reconnait`; names are compared
    without case, spaces, '-' and '_'.

    `colonnes`: column of the canonical orders file → columns of the export, the first with a value (and, under
    `valeurs`, with a known one) wins. `formats`: strptime patterns of its dates beside ISO 8601; `fuseau`: the zone of
    dates without one. Rows with the same order number are one order; the first row that states a fact wins."""

    id: str
    titre: str
    canal: str
    reconnait: tuple[str, ...] = Field(min_length=2)
    colonnes: Mapping[str, tuple[str, ...]]
    ligne: ExportLine | None = None
    valeurs: Mapping[str, Mapping[str, str]] = {}
    formats: tuple[str, ...] = ()
    fuseau: str = "Europe/Paris"

    @model_validator(mode="after")
    def _names_what_an_order_needs(self) -> "OrderExport":
        if missing := [name for name in ("order_id", "placed_at") if name not in self.colonnes]:
            raise ValueError(f"colonnes : {', '.join(missing)} manque")
        return self

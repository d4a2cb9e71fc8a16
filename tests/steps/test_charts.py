"""Charts are plain SVG that a strict CSP accepts, and say their values in words."""

from xml.etree import ElementTree

from mailbot.steps.charts import bars, columns

NAMESPACE = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def test_columns_are_as_high_as_their_values() -> None:
    tree = parsed(columns("Mails", ["lundi", "mardi"], [("reçus", [2, 4])]))
    low, high = (float(bar.attrib["height"]) for bar in tree.iter(f"{NAMESPACE}rect"))
    assert high == 2 * low > 0
    assert [title.text for title in tree.iter(f"{NAMESPACE}title")] == [
        "Mails", "lundi, reçus : 2", "mardi, reçus : 4",
    ]  # fmt: skip


def test_stacked_bars_follow_each_other() -> None:
    tree = parsed(bars("Réponses", [("colis", [3, 1])], ("telles quelles", "modifiées")))
    first, second = tree.iter(f"{NAMESPACE}rect")
    end = float(first.attrib["x"]) + float(first.attrib["width"])
    assert abs(end - float(second.attrib["x"])) < 0.2


def test_shares_carry_their_unit() -> None:
    svg = bars("Retards", [("Colissimo", [41.5])], unit="\u00a0%")
    assert "Colissimo : 41,5\u00a0%" in svg and ">41,5\u00a0%</text>" in svg


def test_nothing_to_show_is_still_a_chart() -> None:
    assert parsed(columns("Vide", [], [])).tag == parsed(bars("Vide", [])).tag == f"{NAMESPACE}svg"


def test_names_from_outside_stay_text_and_no_style_is_inline() -> None:
    svg = bars("x", [("<script>alert(1)</script>", [1.5])])
    assert "<script" not in svg and "style=" not in svg
    assert "1,5" in svg

"""Learning on a few texts: the same texts give the same model; measuring never looks at what it judges."""

from dataclasses import replace

from mailbot.ruleset.intents import Example, IntentRule, Recognition, RemedyRule
from mailbot.steps import intent_figures, learn, model_report
from mailbot.steps.trained import to_bytes

RULES = Recognition(
    intentions=(
        IntentRule(id="colis_non_recu", titre="Colis", signaux=("pas recu",)),
        IntentRule(id="facture", titre="Facture", signaux=("facture",)),
    ),
    remedes=(RemedyRule(id="information", titre="Information"), RemedyRule(id="facture", titre="Facture")),
)
INTENTS = ("colis_non_recu", "facture")
COLIS = (
    "Je n'ai pas reçu mon colis",
    "Colis pas reçu depuis lundi",
    "Pas reçu le paquet",
    "Où est mon colis ?",
)
FACTURE = ("Envoyez la facture", "Il me faut une facture", "Facture svp", "Ma facture manque")
EXAMPLES = tuple(
    Example(id=f"{intent}{n}", subject="", text=text, intents=(intent,), remedy=remedy, groupe=f"g{n}")
    for intent, remedy, texts in (("colis_non_recu", "information", COLIS), ("facture", "facture", FACTURE))
    for n, text in enumerate(texts)
)


def test_the_same_examples_give_the_same_model_byte_for_byte() -> None:
    assert to_bytes(learn.train(EXAMPLES, RULES)) == to_bytes(learn.train(EXAMPLES, RULES))


def test_examples_of_one_file_share_a_fold() -> None:
    assert learn.folds(EXAMPLES).tolist() == [0, 1, 2, 3, 0, 1, 2, 3]


def test_each_text_is_judged_by_a_model_that_never_saw_its_file() -> None:
    wrong = EXAMPLES[0].model_copy(update={"intents": ("facture",), "groupe": "menteur"})
    judged = model_report.judge((*EXAMPLES, wrong), RULES)
    assert judged[-1].ranked[0][0] == "colis_non_recu"


def test_the_report_tells_kinds_of_texts_apart_and_names_what_is_confused() -> None:
    wrong = EXAMPLES[0].model_copy(update={"intents": ("facture",), "groupe": "menteur"})
    judged = model_report.judge((*EXAMPLES, wrong), RULES)
    assert model_report.by_group(judged)["tous les textes"].texts == 9
    assert "menteur" in "\n".join(model_report.table(judged))
    assert ("facture", "colis_non_recu", 1) in intent_figures.confusions(judged)


def test_each_intent_has_its_precision_recall_and_calibration() -> None:
    found = {
        one.intent: one for one in intent_figures.by_intent(model_report.judge(EXAMPLES, RULES), INTENTS)
    }
    assert set(found) == set(INTENTS)
    assert all(0.0 <= one.precision <= 1.0 and 0.0 <= one.recall <= 1.0 for one in found.values())
    assert found["facture"].texts == 4 and found["facture"].recall == 1.0


def test_a_change_is_told_by_the_texts_won_and_lost() -> None:
    right = model_report.judge(EXAMPLES, RULES)
    wrong = [replace(item, ranked=tuple(reversed(item.ranked))) for item in right]
    worse = intent_figures.changes(right, wrong)
    assert {one.verdict for one in worse} == {"worse"} and sum(one.lost for one in worse) == 8
    assert {one.verdict for one in intent_figures.changes(right, right)} == {"same"}

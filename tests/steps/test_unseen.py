"""What a model that never saw a text says of it: exactly what one trained without it would say."""

import numpy as np

from mailbot.ruleset.intents import Example, IntentRule, Recognition, RemedyRule
from mailbot.steps import learn, unseen

RULES = Recognition(
    intentions=(
        IntentRule(id="colis_non_recu", titre="Colis", signaux=("pas recu",)),
        IntentRule(id="facture", titre="Facture", signaux=("facture",)),
    ),
    remedes=(RemedyRule(id="information", titre="Information"),),
)
TEXTS = (
    ("Je n'ai pas reçu mon colis. Il devait arriver lundi.", "colis_non_recu"),
    ("Colis pas reçu depuis lundi, où est mon colis ?", "colis_non_recu"),
    ("Pas reçu le paquet. C'est long, vraiment.", "colis_non_recu"),
    ("Envoyez la facture, il me la faut lundi.", "facture"),
    ("Il me faut une facture. Merci de votre aide.", "facture"),
    ("Ma facture manque, merci de me l'envoyer.", "facture"),
)
EXAMPLES = tuple(
    Example(id=str(n), subject="", text=text, intents=(intent,), remedy="information", groupe=f"g{n % 3}")
    for n, (text, intent) in enumerate(TEXTS)
)


def test_it_says_what_a_model_trained_without_the_fold_says() -> None:
    study = learn.study(EXAMPLES, RULES)
    learnt, fold = study.learnt, learn.folds(EXAMPLES)
    features = learnt.table.features
    table = features.dense(slice(0, len(features.starts) - 1), len(EXAMPLES)).T
    clauses = learnt.table.clauses.dense(slice(0, len(learnt.table.owners)), len(learnt.table.idf))
    kernel = table @ table.T + learn.BIAS
    found = unseen.known(learnt, study.signs, study.length, fold)
    for number in np.unique(fold):
        here, others = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        duals = np.linalg.solve(
            kernel[np.ix_(others, others)] + learn.RIDGE * np.eye(len(others)), learnt.goals[others]
        )
        assert np.allclose(found.scores[here], kernel[np.ix_(here, others)] @ duals, atol=1e-4)
        for text in here:
            own = np.flatnonzero(learnt.table.owners == text)
            said = (clauses[own] @ table[others].T + learn.BIAS) @ duals
            assert np.allclose(found.highest[text], said.max(axis=0), atol=1e-4)
            assert np.allclose(found.first[text], said[0], atol=1e-4)
            assert np.allclose(found.last[text], said[-1], atol=1e-4)
            assert np.allclose(found.early[text], early(said), atol=1e-4)


def early(said: np.ndarray) -> np.ndarray:
    """The mean, of which each clause has 0.7 of what the one before has."""
    return np.average(said, axis=0, weights=0.7 ** np.arange(len(said)))


def test_each_text_has_a_clause() -> None:
    study = learn.study(EXAMPLES, RULES)
    assert set(study.learnt.table.owners.tolist()) == set(range(len(EXAMPLES)))

"""Features as numbers: the same words give the same numbers, other words or another order other ones."""

import numpy as np

from mailbot.ruleset.intents import IntentRule, Recognition, RemedyRule
from mailbot.steps.features import Extractor, sentences
from mailbot.steps.keys import LetterRows, Numbers, Vocabulary, features, letters, view_of

RULES = Recognition(
    intentions=(IntentRule(id="colis_non_recu", titre="Colis", signaux=("pas recu",)),),
    remedes=(RemedyRule(id="information", titre="Information"),),
)


def keys(*texts: str) -> list[set[int]]:
    extractor = Extractor(RULES)
    found, owners = features([extractor.read("", text) for text in texts], Numbers())
    return [set(found[owners == place].tolist()) for place in range(len(texts))]


def test_a_text_has_the_same_features_alone_and_among_others() -> None:
    alone = keys("je n'ai pas reçu mon colis")
    assert keys("bonjour", "je n'ai pas reçu mon colis", "au revoir")[1] == alone[0]


def test_the_order_of_words_counts() -> None:
    one, other = keys("colis ouvert", "ouvert colis")
    assert len(one & other) == 2  # the words
    assert one - other
    assert other - one


def test_words_of_two_mails_are_no_neighbours() -> None:
    one, other = keys("colis", "perdu")
    (together,) = keys("colis perdu")
    assert one | other < together


def test_each_feature_names_its_view() -> None:
    found, _ = features([Extractor(RULES).read("Mon colis", "Je n'ai pas reçu mon colis")], Numbers())
    assert set(view_of(found).tolist()) == {0, 1, 3, 4}
    assert set(view_of(letters(["colis"])[0]).tolist()) == {2}


def test_letters_of_a_word_do_not_cross_its_borders() -> None:
    found, owners = letters(["ab", "cd"])
    assert np.bincount(owners).tolist() == [6, 6]  # 3 pairs, 2 triples, 1 of four; none of five
    assert set(found[owners == 0].tolist()) == set(letters(["ab"])[0].tolist())


def test_a_vocabulary_finds_what_it_holds_and_nothing_else() -> None:
    known = letters(["colis", "facture", "remboursement"])[0]
    vocabulary = Vocabulary(np.unique(known)[::-1].copy())
    assert (vocabulary.keys[vocabulary.rows(known)] == known).all()
    strange = letters(["xyz"])[0]
    assert (vocabulary.rows(strange) == -1).all()
    assert Vocabulary(known[:0]).rows(known).tolist() == [-1] * len(known)


def test_the_letters_of_a_word_are_looked_up_once() -> None:
    known = np.unique(letters(["colis"])[0])
    memory = LetterRows()
    memory.learn({"colis", "coli", "zz"}, Vocabulary(known))
    assert len(np.frombuffer(memory["colis"], np.int32)) == len(letters(["colis"])[0])
    assert memory["zz"] == b""
    before = memory["coli"]
    memory.learn({"coli", "facture"}, Vocabulary(known))
    assert memory["coli"] is before


def test_sentences_too_short_to_say_something_are_left_out() -> None:
    folded = ["bonjour", ".", "mon", "colis", ",", "est", "perdu", ".", "merci", "!"]
    assert sentences(folded) == [["mon", "colis", "est", "perdu"]]
    assert sentences(["bonjour", ".", "merci"]) == [["bonjour", "merci"]]


def test_of_a_long_letter_the_last_sentence_is_kept() -> None:
    folded = [word for number in range(40) for word in ("mot", "mot", f"fin{number}", ".")]
    assert len(sentences(folded)) == 16
    assert sentences(folded)[-1][-1] == "fin39"

"""The cache of the trained model: private, whole, and never worse than no cache."""

from pathlib import Path

from mailbot.edges.model_cache import load_or_train


def read(data: bytes) -> str:
    if not data.startswith(b"bon "):
        raise ValueError("illisible")
    return data.decode()


def trained(text: str) -> tuple[str, bytes]:
    return text, text.encode()


def never() -> tuple[str, bytes]:
    raise AssertionError("le modèle en réserve devait servir")


def test_a_model_is_trained_once_and_then_loaded(tmp_path: Path) -> None:
    assert load_or_train(tmp_path / "c", "ab", read, lambda: trained("bon 1")) == "bon 1"
    assert load_or_train(tmp_path / "c", "ab", read, never) == "bon 1"


def test_other_rules_mean_another_model(tmp_path: Path) -> None:
    load_or_train(tmp_path, "ab", read, lambda: trained("bon 1"))
    assert load_or_train(tmp_path, "cd", read, lambda: trained("bon 2")) == "bon 2"


def test_a_broken_file_is_trained_anew(tmp_path: Path) -> None:
    load_or_train(tmp_path, "ab", read, lambda: trained("bon 1"))
    file = next(tmp_path.glob("modele-*"))
    file.write_bytes(b"\x00")
    assert load_or_train(tmp_path, "ab", read, lambda: trained("bon 3")) == "bon 3"
    assert file.read_bytes() == b"bon 3"


def test_only_the_user_may_read_the_file(tmp_path: Path) -> None:
    load_or_train(tmp_path, "ab", read, lambda: trained("bon 1"))
    assert next(tmp_path.glob("modele-*")).stat().st_mode & 0o777 == 0o600


def test_a_place_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "fichier").write_text("ceci n'est pas un dossier")
    assert load_or_train(tmp_path / "fichier", "ab", read, lambda: trained("bon 1")) == "bon 1"


def test_old_models_are_dropped_and_nothing_half_written_stays(tmp_path: Path) -> None:
    for key in ("a", "b", "c", "d"):
        load_or_train(tmp_path, key, read, lambda: trained("bon 1"))
    assert len(list(tmp_path.iterdir())) == 2

"""The wheel carries everything: built, installed into a clean environment, it plays the demonstration."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _run(*command: str | Path, cwd: Path | None = None, seconds: float = 300, **more: str) -> str:
    """What a command prints; `more` are variables of its environment."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL"))}
    environment = {**kept, **more}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=seconds,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree."""
    dist = tmp_path_factory.mktemp("dist")
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", dist, ROOT)
    (found,) = dist.glob("*.whl")
    return found


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_shop_laid_out_by_the_wheel_is_brought_up_to_the_rules_of_the_wheel(
    tmp_path: Path, wheel: Path
) -> None:
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path / "site")
    program = (sys.executable, "-c", "from mailbot.cli import main; main()")

    def mailbot(*words: str) -> str:
        return _run(*program, *words, cwd=tmp_path, PYTHONPATH=str(tmp_path / "site"))

    servers = ("--imap", "imap.lilas.fr:993:tls", "--smtp", "smtp.lilas.fr:465:tls", "--no-test")
    mailbot("init", "lilas", "--address", "sav@lilas.fr", "--name", "Lilas", "--username", "sav", *servers)
    config = ("--config", "lilas/config.toml")
    assert "Rien à mettre à jour" in mailbot("rules", "update", *config)
    shipped = tmp_path / "site/mailbot/_defaults/templates/_base.txt.j2"
    shipped.write_bytes(shipped.read_bytes() + b"{# d'une version nouvelle #}\n")
    assert "templates/_base.txt.j2 (plus récent)" in mailbot("rules", "update", *config)
    assert (tmp_path / "lilas/templates/_base.txt.j2").read_bytes() == shipped.read_bytes()


@pytest.mark.slow
@pytest.mark.server
@pytest.mark.timeout(600)
def test_the_wheel_plays_the_demonstration_in_a_clean_environment(tmp_path: Path, wheel: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    install = (python, "-m", "pip", "--quiet", "--disable-pip-version-check", "install")
    _run(*install, "--require-hashes", "--requirement", ROOT / "requirements.lock")
    _run(*install, "--no-deps", wheel)
    shown = _run(tmp_path / "venv" / "bin" / "mailbot", "demo", "--check", cwd=tmp_path)
    assert shown.count("✓") == 9
    assert "✗" not in shown

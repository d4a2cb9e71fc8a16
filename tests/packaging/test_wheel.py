"""The wheel carries everything: built, installed into a clean environment, it plays the demonstration."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _run(*command: str | Path, cwd: Path | None = None, seconds: float = 300) -> str:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL"))
    }
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


@pytest.mark.slow
@pytest.mark.server
@pytest.mark.timeout(600)
def test_the_wheel_plays_the_demonstration_in_a_clean_environment(tmp_path: Path) -> None:
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path / "dist", ROOT)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    install = (python, "-m", "pip", "--quiet", "--disable-pip-version-check", "install")
    _run(*install, "--require-hashes", "--requirement", ROOT / "requirements.lock")
    _run(*install, "--no-deps", wheel)
    shown = _run(tmp_path / "venv" / "bin" / "mailbot", "demo", "--check", cwd=tmp_path)
    assert shown.count("✓") == 9
    assert "✗" not in shown

#!/bin/sh
# Create a virtual environment: venv.sh PYTHON DIR. Debian splits venv from python3, so install it when we may.
set -eu
python=$1 dir=$2
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "mailbot needs Python 3.11 or newer ($python is older)." >&2; exit 1; }
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  version=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
  if [ "$(id -u)" = 0 ]; then sudo=; elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo="sudo -n"; else
    echo "Python's venv module is missing. Install it, then run make again:  apt-get install $version" >&2; exit 1
  fi
  $sudo apt-get update -qq && $sudo apt-get install -y -qq "$version"
fi
"$python" -m venv "$dir"

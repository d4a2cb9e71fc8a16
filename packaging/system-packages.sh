#!/bin/sh
# Install the servers that the tests speak to (Debian packages), or say which are missing.
set -eu
missing=""
need() { [ -e "$1" ] || missing="$missing $2"; }
need /usr/sbin/dovecot dovecot-imapd
need /usr/lib/dovecot/lmtp dovecot-lmtpd
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
command -v pdftotext >/dev/null || missing="$missing poppler-utils"
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || missing="$missing chromium"
command -v hunspell >/dev/null || missing="$missing hunspell"
need /usr/share/hunspell/fr_FR.dic hunspell-fr
command -v neomutt >/dev/null || missing="$missing neomutt"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ]; then sudo=; elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo="sudo -n"; else
  echo "The tests need these Debian packages. Install them, then run make test again:" >&2
  echo "  apt-get install$missing" >&2; exit 1
fi
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
$sudo apt-get update -qq && $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null

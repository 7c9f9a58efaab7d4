#!/bin/sh
# Provides the programs that only tests use: Debian's headless Chromium for the browser tests, and LibreOffice for the
# tests that open our Word documents. Installs what is missing if it can. A windowed Chromium will do as well.
set -eu
missing=""
command -v chromium-headless-shell >/dev/null || missing="chromium-headless-shell fonts-liberation"
if ! command -v soffice >/dev/null; then
    missing="$missing libreoffice-writer-nogui libreoffice-calc-nogui fonts-liberation"
fi
[ -n "$missing" ] || exit 0

as_root=none
if command -v apt-get >/dev/null; then
    if [ "$(id -u)" -eq 0 ]; then
        as_root=""
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        as_root="sudo"
    fi
fi
if [ "$as_root" != none ]; then
    echo "Installing $missing …"
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086  # a list of packages
    if $as_root apt-get update -qq &&
        $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null; then
        exit 0
    fi
fi
if ! command -v soffice >/dev/null; then
    echo "The tests of Word documents need LibreOffice: ask an administrator for \`apt-get install $missing\`." >&2
    exit 1
fi
if command -v chromium >/dev/null; then
    echo "The browser tests use the \`chromium\` that is installed; they are faster with chromium-headless-shell."
    exit 0
fi
echo "The browser tests need Chromium: ask an administrator for \`apt-get install $missing\`." >&2
exit 1

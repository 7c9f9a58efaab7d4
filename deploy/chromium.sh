#!/bin/sh
# Provides the browser for the browser tests: installs Debian's headless Chromium if it can, or else uses an installed Chromium.
set -eu
command -v chromium-headless-shell >/dev/null && exit 0

as_root=none
if command -v apt-get >/dev/null; then
    if [ "$(id -u)" -eq 0 ]; then
        as_root=""
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        as_root="sudo"
    fi
fi
if [ "$as_root" != none ]; then
    echo "Installing Chromium …"
    export DEBIAN_FRONTEND=noninteractive
    if $as_root apt-get update -qq &&
        $as_root apt-get install -y -qq --no-install-recommends chromium-headless-shell fonts-liberation >/dev/null; then
        exit 0
    fi
fi
if command -v chromium >/dev/null; then
    echo "The browser tests use the \`chromium\` that is installed; they are faster with chromium-headless-shell."
    exit 0
fi
echo "The browser tests need Chromium: ask an administrator for \`apt-get install chromium-headless-shell fonts-liberation\`." >&2
exit 1

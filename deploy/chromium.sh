#!/bin/sh
# The browser of the browser tests: Debian's own, without its windows where we may install that; otherwise as it is there.
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
    echo "The browser tests use the \`chromium\` that is there; with chromium-headless-shell they would be quicker."
    exit 0
fi
echo "The browser tests need Chromium: ask an administrator for \`apt-get install chromium-headless-shell fonts-liberation\`." >&2
exit 1

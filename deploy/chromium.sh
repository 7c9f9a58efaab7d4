#!/bin/sh
# The browser of the browser tests: Debian's own. Installed when it is missing and we may.
set -eu
command -v chromium >/dev/null && exit 0

if ! command -v apt-get >/dev/null; then
    echo "The browser tests need Chromium on the PATH as \`chromium\`; this machine has no apt-get to install it with." >&2
    exit 1
fi
if [ "$(id -u)" -eq 0 ]; then
    as_root=""
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root="sudo"
else
    echo "The browser tests need Chromium: ask an administrator for \`apt-get install chromium fonts-liberation\`." >&2
    exit 1
fi
echo "Installing Chromium …"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
$as_root apt-get install -y -qq --no-install-recommends chromium fonts-liberation >/dev/null

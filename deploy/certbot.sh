#!/bin/sh
# Makes a virtual environment with programs that tests use and Debian does not have: `certbot.sh FOLDER [REQUIREMENTS]`. Without
# requirements it is certbot 5. It is made again if they have changed. If the package index cannot be reached, it says so and
# fails, and the tests that need them are skipped.
set -eu

requirements=${2:-$(dirname "$0")/certbot.txt}
folder=$1
stamp=$folder/$(basename "$requirements")
# Written last, so an interrupted installation does not count as complete.
if cmp -s "$requirements" "$stamp"; then exit 0; fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
rm -rf "$folder"
{
    mkdir -p "$folder" && /usr/bin/python3 -m venv "$folder" &&
        "$folder/bin/python" -m pip --disable-pip-version-check --no-input --quiet install --timeout 10 --retries 1 \
            --require-hashes --only-binary :all: --requirement "$requirements"
} >"$log" 2>&1 || {
    echo "certbot: $requirements could not be installed, so the tests that need it are skipped: $(grep . "$log" | tail -n 1)" >&2
    rm -rf "$folder"
    exit 1
}
cp "$requirements" "$stamp"

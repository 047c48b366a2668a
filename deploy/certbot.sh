#!/bin/sh
# Makes the virtual environment with certbot 5 that the tests use besides Debian's 2.1: `certbot.sh FOLDER`. It is made again if
# certbot.txt has changed. If the package index cannot be reached, it says so and fails, and the tests for certbot 5 are skipped.
set -eu

requirements=$(dirname "$0")/certbot.txt
folder=$1
stamp=$folder/certbot.txt
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
    echo "certbot: certbot 5 could not be installed, so its tests are skipped: $(grep . "$log" | tail -n 1)" >&2
    rm -rf "$folder"
    exit 1
}
cp "$requirements" "$stamp"

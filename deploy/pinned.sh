#!/bin/sh
# Makes a virtual environment with pinned programs that the tests use and Debian does not have, or has older: `pinned.sh NAME
# FOLDER`, where NAME.txt has the pins. It is made again if they have changed. If the package index cannot be reached, it says so
# and fails, and the tests for these programs are skipped.
set -eu

name=$1
requirements=$(dirname "$0")/$name.txt
folder=$2
stamp=$folder/$name.txt
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
    echo "setup: the pinned $name could not be installed, so its tests are skipped: $(grep . "$log" | tail -n 1)" >&2
    rm -rf "$folder"
    exit 1
}
cp "$requirements" "$stamp"

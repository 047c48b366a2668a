#!/bin/sh
# Runs `swift test` with the arguments given, and lists the tests that were skipped, with the reasons, before the runner's
# own summary, which stays last. Ends with the runner's status.
set -u
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# The runner does not report the skipped cases of a test; these come from the tests themselves (Tests/TestSupport/Skip.swift).
export LANDFALL_TEST_SKIPS="$folder/skipped"

# Lines such as `Test "a" skipped: "reason"`, grouped by their reasons.
list_skipped() {
    [ -s "$folder/skipped" ] || return 0
    printf '\nSkipped:\n'
    sed 's/^\(.*\) \(skipped\|was cancelled after [0-9.]* seconds\): "\(.*\)"$/\3\t\1/' "$folder/skipped" | sort -u |
        awk -F '\t' '$1 != reason { reason = $1; print "  " reason } NF > 1 { print "      " $2 }'
    printf '\n'
}

# A decoder that ends the process leaves the command that does so again (Tests/FuzzTests/FuzzTrace.swift).
fuzz_input=.build/fuzz-input
rm -f "$fuzz_input"

{
    swift test "$@" 2>&1
    echo $? >"$folder/status"
} | while IFS= read -r line; do
    case $line in
    '➜ '*) printf '%s\n' "${line#'➜ '}" >>"$folder/skipped" ;;
    *' Test run with '*) list_skipped ;;
    esac
    printf '%s\n' "$line"
done
[ -s "$fuzz_input" ] && printf '\nThe tests ended while a decoder was at work; the same again:\n  %s\n' "$(cat "$fuzz_input")"
exit "$(cat "$folder/status")"

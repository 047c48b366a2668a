#!/bin/sh
# Runs `swift test` with the arguments given, and lists the tests that were skipped, with the reasons, before the runner's
# own summary, which stays last. Ends with the runner's status.
set -u
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# "Test a skipped: "reason"" becomes "reason", and below it the tests.
list_skipped() {
    [ -s "$folder/skipped" ] || return 0
    printf '\nSkipped:\n'
    sed -n 's/^\(.*\) \(skipped\|was cancelled\|cancelled\): "\(.*\)"$/\3\t\1/p' "$folder/skipped" | sort -u |
        awk -F '\t' '$1 != reason { reason = $1; print "  " reason } { print "      " $2 }'
    grep -v ': ".*"$' "$folder/skipped" | sed 's/^/  /'
    printf '\n'
}

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
exit "$(cat "$folder/status")"

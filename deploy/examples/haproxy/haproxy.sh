#!/bin/sh
# HAProxy with every certificate in /etc/letsencrypt/live. HAProxy needs certificate and key in one file, so this script joins
# them in memory. On SIGHUP it does so again, and HAProxy's master reloads (SIGUSR2): new workers take over the sockets, and old
# connections end when they are done.
set -eu

live=${LIVE:-/etc/letsencrypt/live}
bundles=${BUNDLES:-/tmp/certificates}

bundle() {
    rm -rf "$bundles.new"
    mkdir -m 700 -p "$bundles.new"
    for folder in "$live"/*/; do
        [ -e "$folder/privkey.pem" ] || continue
        cat "$folder/fullchain.pem" "$folder/privkey.pem" >"$bundles.new/$(basename "$folder").pem"
        echo "serving $(basename "$folder")"
    done
    rm -rf "$bundles"
    mv "$bundles.new" "$bundles"
}

bundle
haproxy -W -db -f "${CONFIGURATION:-/haproxy.cfg}" &
haproxy=$!
trap 'echo "got SIGHUP"; bundle; kill -USR2 $haproxy' HUP
stopping=
trap 'stopping=yes' TERM INT
# A trapped signal ends `wait`, not HAProxy. HAProxy forgets a SIGUSR1 that comes while it reloads, so that is repeated.
while kill -0 $haproxy 2>/dev/null; do
    if [ "$stopping" ]; then
        kill -USR1 $haproxy || true
        sleep 1
    else
        wait $haproxy || true
    fi
done

#!/bin/sh
# nginx with an HTTPS server for every certificate in /etc/letsencrypt/live, under the names that are in the certificate. On
# SIGHUP it reads the folder again and reloads, so that a new or renewed certificate is served without manual work. The first
# label of a name is the name of the service that gets the request: hello.example.com is served by the service `hello`, at port
# BACKEND_PORT (default 8080).
set -eu

live=${LIVE:-/etc/letsencrypt/live}
scratch=${SCRATCH:-/tmp}
# An address to listen on, with a colon; empty: all.
bind=${BIND_ADDRESS:+$BIND_ADDRESS:}
sites=$scratch/sites

# The DNS names in the first certificate of a PEM file, in its extension subjectAltName (RFC 5280 §4.2.1.6). The image has no
# openssl. The extension is found by its identifier (2.5.29.17); `82` and a length stand before each DNS name.
names() {
    sed -n '/-BEGIN/,/-END/{/-/!p;/-END/q;}' "$1" | base64 -d | od -An -v -tx1 | tr -d ' \n' | awk '
        function digit(place) { return index("0123456789abcdef", substr(hex, place, 1)) - 1 }
        function byte() { at += 2; return digit(at - 2) * 16 + digit(at - 1) }
        function size(first, value) {
            first = byte()
            if (first < 128) return first
            for (value = 0; first > 128; first--) value = value * 256 + byte()
            return value
        }
        {
            hex = $0
            at = index(hex, "0603551d11") + 10
            if (at == 10) exit
            if (byte() == 1) { byte(); byte(); byte() }
            size(); byte()
            total = size()
            end = at + 2 * total
            while (at < end) {
                kind = byte()
                count = size()
                text = ""
                while (count-- > 0) text = text sprintf("%c", byte())
                if (kind == 130) print text
            }
        }' | grep -xE '(\*\.)?[A-Za-z0-9.-]+' || :
}

server() {
    cat <<CONF
server {
    listen ${bind}443 ssl http2;
    server_name $(names "$live/$1/fullchain.pem" | tr '\n' ' ');
    ssl_certificate $live/$1/fullchain.pem;
    ssl_certificate_key $live/$1/privkey.pem;
    location / {
        proxy_pass http://\$service:${BACKEND_PORT:-8080};
        proxy_set_header Host \$host;
        proxy_set_header X-Forwarded-For \$remote_addr;
        proxy_set_header X-Forwarded-Proto https;
    }
}
CONF
}

# The newest first: nginx takes the first of two certificates for one name.
folders() {
    # shellcheck disable=SC2012
    ls -1tL "$live"/*/fullchain.pem 2>/dev/null | while IFS= read -r file; do basename "$(dirname "$file")"; done
}

render() {
    mkdir -p "$sites"
    : >"$sites/new"
    folders | while IFS= read -r folder; do
        [ -e "$live/$folder/privkey.pem" ] && [ "$(names "$live/$folder/fullchain.pem")" ] || continue
        server "$folder" >>"$sites/new"
        echo "serving $folder"
    done
    mv "$sites/new" "$sites/all.conf"
}

cat >"$scratch/nginx.conf" <<CONF
pid $scratch/nginx.pid;
error_log stderr warn;
events {}
http {
    include /etc/nginx/mime.types;
    access_log off;
    server_names_hash_bucket_size 256;
    server_names_hash_max_size 8192;
    # Docker's own name server; asked again after five seconds, because a service may have moved.
    resolver 127.0.0.11 valid=5s ipv6=off;
    map \$host \$service {
        ~^(?<label>[a-z0-9-]+)\. \$label;
    }
    server {
        listen ${bind}80 default_server;
        return 301 https://\$host\$request_uri;
    }
    # A name without a certificate gets no answer, instead of another name's certificate.
    server {
        listen ${bind}443 ssl http2 default_server;
        ssl_reject_handshake on;
    }
    include $sites/all.conf;
}
CONF

render
nginx -c "$scratch/nginx.conf" -g 'daemon off;' &
nginx=$!
trap 'echo "got SIGHUP"; render; kill -HUP $nginx' HUP
trap 'kill -QUIT $nginx' TERM QUIT INT
# A trapped signal ends `wait`, not nginx.
while kill -0 $nginx 2>/dev/null; do wait $nginx || true; done

#!/bin/sh
# nginx with an HTTPS server for every certificate in /etc/letsencrypt/live. On SIGHUP it reads the folder again and reloads, so
# that a new or renewed certificate is served without manual work. The first label of a name is the name of the service that
# gets the request: hello.example.com is served by the service `hello`, at port BACKEND_PORT (default 8080).
set -eu

live=/etc/letsencrypt/live
sites=/tmp/sites

server() {
    # A certificate for *.example.com is in live/wildcard.example.com.
    names=$1
    case "$names" in wildcard.*) names="*.${names#wildcard.}" ;; esac
    cat <<CONF
server {
    listen 443 ssl http2;
    server_name $names;
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

render() {
    mkdir -p "$sites"
    : >"$sites/new"
    for folder in "$live"/*/; do
        [ -e "$folder/privkey.pem" ] || continue
        server "$(basename "$folder")" >>"$sites/new"
        echo "serving $(basename "$folder")"
    done
    mv "$sites/new" "$sites/all.conf"
}

cat >/tmp/nginx.conf <<CONF
pid /tmp/nginx.pid;
error_log stderr warn;
events {}
http {
    include /etc/nginx/mime.types;
    access_log off;
    server_names_hash_bucket_size 256;
    # Docker's own name server; asked again after five seconds, because a service may have moved.
    resolver 127.0.0.11 valid=5s ipv6=off;
    map \$host \$service {
        ~^(?<label>[a-z0-9-]+)\. \$label;
    }
    server {
        listen 80 default_server;
        return 301 https://\$host\$request_uri;
    }
    # A name without a certificate gets no answer, instead of another name's certificate.
    server {
        listen 443 ssl http2 default_server;
        ssl_reject_handshake on;
    }
    include $sites/all.conf;
}
CONF

render
nginx -c /tmp/nginx.conf -g 'daemon off;' &
nginx=$!
trap 'echo "got SIGHUP"; render; kill -HUP $nginx' HUP
trap 'kill -QUIT $nginx' TERM QUIT INT
# A trapped signal ends `wait`, not nginx.
while kill -0 $nginx 2>/dev/null; do wait $nginx || true; done

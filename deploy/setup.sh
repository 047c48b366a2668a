#!/bin/sh
# Installs from Debian 12 what Landfall needs to be built, tested and demonstrated: only packages that are missing. It removes,
# starts and restarts nothing, and needs root only if something is missing. Run by `make setup`.
set -eu

libraries="libcurl4-openssl-dev libssl-dev libmicrohttpd-dev libldns-dev libsqlite3-dev libidn2-dev libpsl-dev
    libsimdjson-dev libtomlplusplus-dev libyaml-dev"
building="make git gcc g++ binutils libc6-dev libstdc++-12-dev pkg-config"
# Needed to run Swift's compiler, package manager and tests.
toolchain="libcurl4 libedit2 libncurses6 libxml2 libsqlite3-0 zlib1g tzdata"
world="certbot python3-certbot-dns-cloudflare python3-venv docker.io pebble nginx-light busybox-static bind9 bind9-dnsutils knot
    pdns-server pdns-backend-sqlite3 lexicon publicsuffix
    iproute2 iptables openssl ca-certificates curl util-linux"
# For tests of notices.
mail="exim4-daemon-light"
# For tests of the deployments, of other engines and of shell completion.
deploying="debootstrap docker-compose fish haproxy podman prometheus python3-jsonschema zsh"
# For tests and pictures of the status page.
watching="chromium"
# The services of these packages stay off, because the sandbox starts its own processes.
units="docker.io:docker.service docker.io:docker.socket containerd:containerd.service bind9:named.service knot:knot.service
    nginx:nginx.service nginx-light:nginx.service certbot:certbot.timer haproxy:haproxy.service prometheus:prometheus.service
    exim4-daemon-light:exim4.service pdns-server:pdns.service
    podman:podman.service podman:podman.socket podman:podman-auto-update.timer podman:podman-restart.service"

stop() {
    echo "setup: $*" >&2
    exit 1
}

is_installed() {
    dpkg-query --show --showformat '${db:Status-Abbrev}' "$1" 2>/dev/null | grep -q '^.i'
}

check_system() {
    if ! grep -qs '^VERSION_ID="12"' /etc/os-release || ! grep -qs '^ID=debian' /etc/os-release; then
        stop "this needs Debian 12 (bookworm), and this system is a different one"
    fi
    command -v swift >/dev/null ||
        stop "no swift on the PATH; install the Swift 6.3 toolchain: https://www.swift.org/install/linux/"
}

# After the packages, because a bare system cannot run the compiler without some of them.
check_swift() {
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p')
    case "$version" in
        "") stop "swift does not run; see what \`swift --version\` says" ;;
        [0-5].* | 6.[0-2]) stop "Swift 6.3 or newer is needed, and \`swift --version\` says $version" ;;
    esac
}

missing_packages() {
    # One query for all packages; dpkg's answer does not mention those that it does not know.
    # shellcheck disable=SC2086
    installed=$(dpkg-query --show --showformat '${db:Status-Abbrev} ${Package}\n' $wanted 2>/dev/null |
        sed -n 's/^.i[^ ]* *//p')
    for package in $wanted; do
        echo "$installed" | grep -qxF "$package" || printf '%s ' "$package"
    done
}

# invoke-rc.d and deb-systemd-invoke run this file before they start a service.
forbid_starting_services() {
    policy=/usr/sbin/policy-rc.d
    [ ! -e "$policy" ] || return 0
    trap 'rm -f "$policy"' EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
}

keep_units_off() {
    command -v systemctl >/dev/null || return 0
    for entry in $units; do
        case " $new_services " in
            *" ${entry%%:*} "*) systemctl --quiet disable "${entry#*:}" 2>/dev/null || true ;;
        esac
    done
}

install_packages() {
    [ "$(id -u)" = 0 ] || stop "these packages are missing, and installing them needs root: $missing"
    for foreign in docker-ce containerd.io; do
        ! is_installed "$foreign" ||
            stop "Docker's own package $foreign is installed, and Debian's docker.io would replace it;" \
                "use a machine without it (a virtual machine will do)"
    done
    new_services=
    for package in docker.io containerd bind9 knot nginx nginx-light certbot haproxy podman prometheus exim4-daemon-light \
        pdns-server; do
        is_installed "$package" || new_services="$new_services $package"
    done
    forbid_starting_services
    export DEBIAN_FRONTEND=noninteractive
    echo "setup: installing $missing"
    log=$(mktemp)
    {
        apt-get --quiet --quiet update &&
            # shellcheck disable=SC2086
            apt-get --quiet --quiet --yes --no-remove --no-install-recommends -o Dpkg::Use-Pty=0 install $missing
    } >"$log" 2>&1 || {
        cat "$log" >&2
        stop "apt-get could not install them, because it would have to remove something or could not reach its server; see above"
    }
    rm -f "$log"
    keep_units_off
}

check_system
# A system has one mail server; beside another one, the test with Exim is skipped.
[ -e /usr/sbin/exim4 ] || [ ! -e /usr/sbin/sendmail ] || mail=
wanted="$libraries $building $toolchain $world $mail $deploying $watching"
missing=$(missing_packages)
[ -z "$missing" ] || install_packages
check_swift

#!/bin/sh
# Collects what the image and the package are built and tested with if there is no registry: `mirror.sh FOLDER`.
#
#     FOLDER/root.tar    Debian 12, made as debian:bookworm-slim is: minimal, without documents and translations
#     FOLDER/www/debian  the packages that the image and the .deb need, with their dependencies
#     FOLDER/www/wheels  what certbot.txt and lexicon.txt list
#
# It is made again if the files that it is made from have changed. If Debian or the package index cannot be reached, it says so
# and fails, and the tests that need it are skipped.
set -eu

sources=$(dirname "$0")
folder=$1
wanted="$sources/Dockerfile $sources/certbot.txt $sources/lexicon.txt $0"

# What the Dockerfile's Debian stages install, and what the package needs besides libraries.
packages() {
    sed -n '/^FROM .*SWIFT_IMAGE/q; p' "$sources/Dockerfile" |
        sed -n '/apt-get install/,/&&\|[^\\]$/p' | tr -d '\\' | tr ' ' '\n' | grep -xE '[a-z][a-z0-9.+-]*[a-z0-9]' |
        grep -vxE 'apt-get|install|RUN|clean'
    echo certbot
}

make_root() {
    /usr/sbin/debootstrap --variant=minbase bookworm "$root"
    # As Debian's own slim images: https://github.com/debuerreotype/debuerreotype, .slimify-excludes
    for path in doc info linda lintian locale man; do echo "path-exclude /usr/share/$path/*"; done \
        >"$root/etc/dpkg/dpkg.cfg.d/docker"
    echo 'path-include /usr/share/doc/*/copyright' >>"$root/etc/dpkg/dpkg.cfg.d/docker"
    find "$root/usr/share/doc" -type f ! -name copyright -delete
    find "$root/usr/share/doc" -type l -delete
    rm -rf "$root"/usr/share/info/* "$root"/usr/share/locale/* "$root"/usr/share/man/*
    # This machine's sources, with security updates.
    cp /etc/apt/sources.list "$root/etc/apt/" 2>/dev/null || rm -f "$root/etc/apt/sources.list"
    cp -r /etc/apt/sources.list.d "$root/etc/apt/"
    chroot "$root" apt-get --quiet update
    chroot "$root" apt-get --quiet --yes -o Dpkg::Options::=--force-confnew dist-upgrade
    chroot "$root" apt-get clean
}

fetch_packages() {
    mkdir -p "$new/www/debian"
    # shellcheck disable=SC2046
    chroot "$root" apt-get --quiet --yes --no-install-recommends --download-only install $(packages | sort -u)
    mv "$root"/var/cache/apt/archives/*.deb "$new/www/debian/"
    (cd "$new/www/debian" && for file in *.deb; do
        dpkg-deb --field "$file"
        printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' \
            "$file" "$(stat --format %s "$file")" "$(sha256sum "$file" | cut -d' ' -f1)"
    done >Packages)
}

fetch_wheels() {
    mkdir -p "$new/www/wheels"
    /usr/bin/python3 -m venv "$new/venv"
    # One after the other: each pins its own versions of what both need.
    for name in certbot lexicon; do
        "$new/venv/bin/python" -m pip --disable-pip-version-check --no-input --quiet download --no-deps --require-hashes \
            --only-binary :all: --requirement "$sources/$name.txt" --dest "$new/www/wheels"
    done
    # With hashes, by which pip chooses between files of one version.
    (cd "$new/www/wheels" && sha256sum ./*.whl |
        sed -E 's|^([0-9a-f]*) +\./(.*)$|<a href="\2#sha256=\1">\2</a>|' >index.html)
    rm -rf "$new/venv"
}

make_all() {
    make_root
    fetch_packages
    fetch_wheels
    rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin "$root"/var/log/* "$root"/etc/apt/sources.list*
    tar --create --file "$new/root.tar" --directory "$root" .
    rm -rf "$root"
}

# shellcheck disable=SC2086
stamp=$(cat $wanted | sha256sum)
if [ "$(cat "$folder/stamp" 2>/dev/null)" = "$stamp" ]; then exit 0; fi

new=$folder.new
root=$new/root
log=$(mktemp)
end() {
    status=$?
    [ "$status" = 0 ] || echo "mirror: Debian or the package index cannot be reached: $(grep . "$log" | tail -n 1)" >&2
    rm -rf "$new" "$log"
}
trap end EXIT
rm -rf "$new" "$folder"
mkdir -p "$root"
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
make_all >"$log" 2>&1
echo "$stamp" >"$new/stamp"
mv "$new" "$folder"

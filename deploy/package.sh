#!/bin/sh
# Makes a Debian package from a stripped binary: `package.sh BINARY FOLDER`. Prints its path.
set -eu

binary=$1
folder=$2
sources=$(dirname "$0")
version=$("$binary" version | cut -d' ' -f2)
architecture=$(dpkg --print-architecture)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"

put() { install -D --mode "$1" "$2" "$root/$3"; }

# The packages of the libraries that the program links.
libraries() {
    objdump --private-headers "$binary" | sed -n 's/^ *NEEDED *//p' | while read -r name; do
        file=$(ldconfig -p | awk -v name="$name" '$1 == name { print $NF; exit }')
        dpkg-query --search "$(readlink --canonicalize "$file")" "$file" 2>/dev/null | head -n 1 | cut -d: -f1
    done | sort --unique | paste --serial --delimiters=, | sed 's/,/, /g'
}

put 755 "$binary" usr/bin/landfall
put 644 "$sources/landfall.service" lib/systemd/system/landfall.service
put 600 "$sources/env.example" etc/landfall/landfall.env
put 644 "$sources/landfall.1" usr/share/man/man1/landfall.1
gzip --best --no-name "$root/usr/share/man/man1/landfall.1"
put 644 "$sources/../LICENSE" usr/share/doc/landfall/copyright
for page in "$sources"/../docs/*.md; do put 644 "$page" "usr/share/doc/landfall/$(basename "$page")"; done
for page in "$sources"/../docs/design/*.md; do put 644 "$page" "usr/share/doc/landfall/design/$(basename "$page")"; done
"$binary" completion bash >"$root/bash" && put 644 "$root/bash" usr/share/bash-completion/completions/landfall
"$binary" completion zsh >"$root/zsh" && put 644 "$root/zsh" usr/share/zsh/vendor-completions/_landfall
"$binary" completion fish >"$root/fish" && put 644 "$root/fish" usr/share/fish/vendor_completions.d/landfall.fish
rm "$root/bash" "$root/zsh" "$root/fish"

for script in postinst prerm postrm; do put 755 "$sources/debian/$script" "DEBIAN/$script"; done
echo /etc/landfall/landfall.env >"$root/DEBIAN/conffiles"
cat >"$root/DEBIAN/control" <<CONTROL
Package: landfall
Version: $version
Architecture: $architecture
Maintainer: The authors of Landfall <landfall@localhost>
Depends: $(libraries), ca-certificates, certbot (>= 2.1)
Suggests: docker.io | docker-ce
Section: net
Priority: optional
Installed-Size: $(du --summarize --block-size=1024 "$root" | cut -f1)
Description: DNS records and certificates in step with the labels of containers
 Landfall keeps DNS records, certificates and proxies in step with the labels of
 your containers, on a Docker Swarm or a single engine. A service with a label
 that names its host gets a DNS record and a certificate, its proxy reloads, and
 you are notified. On a timer Landfall corrects drift and renews certificates.
CONTROL

mkdir -p "$folder"
package=$folder/landfall_${version}_$architecture.deb
dpkg-deb --root-owner-group --build "$root" "$package" >/dev/null
echo "$package"

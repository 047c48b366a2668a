import Model
import Ports
import Sandbox
import TestSupport
import Testing

/// The Debian package, installed by apt into a Debian 12 of its own, and purged.
@Suite(
    .enabled(if: SandboxAccess.current != nil, "needs root and the sandbox: `make test`"),
    .enabled(
        if: TestScale.isFull && PackageMirror.standard.isThere && Disk.exists(Checkout.binary),
        Comment(rawValue: PackageMirror.reason)
    ),
    .limited(minutes: 10)
)
struct PackageTests {
    @Test func `apt installs it with what it needs, and purging leaves state and certificates alone`() async throws {
        try await withFolder { folder in
            let shelf = "\(folder)/shelf"
            let built = try await Checkout.run(["sh", "deploy/package.sh", Checkout.binary, shelf])
            #expect(built.end == .exited(0), "\(built.errorText)")
            let package = built.outputText.trimmed
            #expect(package.hasPrefix("\(shelf)/landfall_") && package.hasSuffix(".deb"))
            let root = "\(folder)/root"
            try Disk.makeFolder(root)
            let extract = [
                "tar", "--extract", "--file", "\(PackageMirror.standard.folder)/root.tar", "--directory", root,
            ]
            let unpacked = try await Checkout.run(extract)
            #expect(unpacked.end == .exited(0), "\(unpacked.errorText)")
            try Disk.write(Self.script, to: "\(root)/script")
            // In namespaces of its own: no mount and no process outlives it.
            let enter = #"""
                mount --bind "$1/www" "$2/mnt"
                mount --bind "$(dirname "$3")" "$2/media"
                mount -t proc proc "$2/proc"
                exec chroot "$2" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
                    DEBIAN_FRONTEND=noninteractive sh -eu /script "/media/$(basename "$3")"
                """#
            let spaces = ["unshare", "--mount", "--pid", "--fork", "--propagation", "private"]
            let result = try await Checkout.run(
                spaces + ["sh", "-euc", enter, "enter", PackageMirror.standard.folder, root, package]
            )
            #expect(result.end == .exited(0), "\(result.outputText.suffix(3000))\(result.errorText)")
            let lines = result.outputText.split(separator: "\n").map(String.init)
            #expect(lines.contains("landfall 0.1.0"))
            let left = try #require(lines.firstIndex(of: "left:"))
            #expect(Array(lines[(left + 1)...]) == Self.left)
        }
    }

    /// What purging leaves, beside what was there before, and notes of dpkg's and apt's own.
    private static let left = [
        "> /etc/letsencrypt/live", "> /etc/letsencrypt/live/kept.pem", "> /var/lib/landfall",
        "> /var/lib/landfall/kept",
    ]

    private static let script = #"""
        # No user of its own for the fetching in here.
        echo 'APT::Sandbox::User "root";' >/etc/apt/apt.conf.d/00here
        echo 'deb [trusted=yes] file:/mnt/debian ./' >/etc/apt/sources.list
        apt-get --quiet --quiet update
        apt-get --quiet --quiet --yes --no-install-recommends install certbot >/dev/null
        survey() {
            find / -xdev \( -path /proc -o -path /mnt -o -path /media -o -path /tmp -o -path /var/cache -o -path /var/log -o -path /var/lib/dpkg \
                -o -path /var/lib/apt -o -name '*.pyc' -o -name __pycache__ -o -path /etc/ld.so.cache \) -prune -o -print | sort
        }
        timer() { find /etc/systemd /lib/systemd -name 'certbot*' -exec ls -l {} + | cut -d' ' -f1,9-; }
        timer >/tmp/timer
        test -s /tmp/timer
        # The libraries that it wants stay, as dependencies do until `apt autoremove`.
        apt-get --quiet --quiet --yes --no-install-recommends install $(dpkg-deb --field "$1" Depends | tr ',' '\n' |
            sed 's/(.*//') >/dev/null
        survey >/tmp/before

        apt-get --quiet --quiet --yes --no-install-recommends install "$1" >/dev/null
        landfall version
        landfall variables env | cmp - /etc/landfall/landfall.env
        test "$(stat --format %a /etc/landfall/landfall.env)" = 600
        dpkg --listfiles landfall >/tmp/files
        for file in /lib/systemd/system/landfall.service /usr/share/man/man1/landfall.1.gz \
            /usr/share/doc/landfall/security.md /usr/share/doc/landfall/operations.md \
            /usr/share/bash-completion/completions/landfall /usr/share/zsh/vendor-completions/_landfall \
            /usr/share/fish/vendor_completions.d/landfall.fish; do
            grep -qxF "$file" /tmp/files || { echo "no $file"; exit 1; }
        done
        # Nothing starts by itself.
        if find /etc/systemd -name '*landfall*' | grep .; then exit 1; fi
        echo changed >>/etc/landfall/landfall.env
        mkdir -p /var/lib/landfall /etc/letsencrypt/live
        touch /var/lib/landfall/kept /etc/letsencrypt/live/kept.pem
        timer | cmp - /tmp/timer

        apt-get --quiet --quiet --yes purge landfall >/dev/null
        timer | cmp - /tmp/timer
        survey >/tmp/after
        test ! -e /usr/bin/landfall
        echo left:
        diff /tmp/before /tmp/after | grep '^[<>]' || :
        """#
}

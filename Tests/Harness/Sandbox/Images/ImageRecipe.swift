/// How to make an image without a registry: gather files in a folder, which the engine then imports.
package struct ImageRecipe: Sendable {
    package let name: String
    /// Dockerfile instructions for `docker import --change`.
    let changes: [String]
    /// Programs that go in with the shared libraries they need, each at its own path.
    let programs: [String]
    /// Other files and folders that go in, each at its own path.
    let copies: [String]
    let directories: [String]
    /// Those that belong to the user that Landfall's image runs as.
    let owned: [String]
    /// Small files, by path.
    let texts: [String: String]

    init(
        name: String,
        changes: [String] = [],
        programs: [String] = [],
        copies: [String] = [],
        directories: [String] = [],
        owned: [String] = [],
        texts: [String: String] = [:]
    ) {
        self.name = name
        self.changes = changes
        self.programs = programs
        self.copies = copies
        self.directories = directories
        self.owned = owned
        self.texts = texts
    }
}

extension ImageRecipe {
    private static let accounts = [
        "/etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n",
        "/etc/group": "root:x:0:\nnogroup:x:65534:\n",
    ]

    /// Debian's static busybox: a shell, an HTTP server, and what else tests need of a service.
    package static let busybox = ImageRecipe(
        name: "landfall-test/busybox",
        changes: [#"CMD ["sh"]"#],
        programs: ["/usr/bin/busybox"],
        directories: ["/tmp", "/root", "/www"],
        texts: accounts
    )

    /// The installed nginx, the libraries it links, and busybox for a shell: as much of the official image as
    /// `deploy/examples/nginx` makes use of.
    package static let nginx = ImageRecipe(
        name: "landfall-test/nginx",
        changes: [#"CMD ["nginx", "-g", "daemon off;"]"#],
        programs: ["/usr/bin/busybox", "/usr/sbin/nginx"],
        copies: ["/etc/nginx/mime.types"],
        directories: ["/tmp", "/root", "/run", "/var/log/nginx", "/var/lib/nginx", "/etc/nginx/conf.d"],
        texts: accounts
    )

    /// The installed HAProxy, with a configuration at `/haproxy.cfg`.
    package static func haproxy(name: String, configuration: String, changes: [String] = []) -> ImageRecipe {
        ImageRecipe(
            name: name,
            changes: [#"CMD ["haproxy", "-db", "-f", "/haproxy.cfg"]"#] + changes,
            programs: ["/usr/bin/busybox", "/usr/sbin/haproxy"],
            directories: ["/tmp", "/root", "/run"],
            texts: accounts.merging(["/haproxy.cfg": configuration]) { $1 }
        )
    }

    /// Landfall's own, around a binary that was built here.
    package static func landfall(binary: String) -> ImageRecipe {
        ImageRecipe(
            name: "landfall-test/landfall",
            changes: [#"ENTRYPOINT ["\#(binary)"]"#],
            programs: [binary, "/usr/bin/busybox"],
            copies: ["/etc/ssl/certs/ca-certificates.crt"],
            directories: ["/tmp", "/root", "/var/lib/landfall"],
            texts: accounts
        )
    }

    /// As the image of deploy/Dockerfile is, with Debian's certbot: it runs a daemon as the user 5263.
    package static func deployable(binary: String) -> ImageRecipe {
        ImageRecipe(
            name: "landfall-test/deployable",
            changes: [
                #"ENTRYPOINT ["\#(binary)"]"#, #"CMD ["run"]"#, "USER 5263:5263", "ENV LANDFALL_LOG=json HOME=/tmp",
            ],
            programs: [binary, "/usr/bin/busybox", "/usr/bin/python3"],
            // Python's modules with what they link, and their packages' descriptions, by which certbot finds its plugins.
            copies: [
                "/usr/lib/python3", "/usr/lib/python3.11", "/usr/bin/certbot", "/etc/ssl/certs/ca-certificates.crt",
                // Modules of Python demand these.
                "/usr/lib/\(libraries)/ossl-modules", "/usr/share/zoneinfo",
            ],
            owned: ["/tmp", "/var/lib/landfall", "/etc/letsencrypt"],
            texts: accounts
        )
    }

    /// The folder of this machine's shared libraries.
    private static var libraries: String {
        #if arch(arm64)
            "aarch64-linux-gnu"
        #else
            "x86_64-linux-gnu"
        #endif
    }
}

import FoundationEssentials

/// Real proxies that tests compare with: those of `deploy/proxies.txt`.
package enum ProxyPrograms {
    /// Skips the test where the program cannot be had.
    package static func traefik() throws -> String { try program("traefik") }

    package static func caddy() throws -> String { try program("caddy") }

    private static func program(_ name: String) throws -> String {
        let path = "/var/cache/landfall/proxies/bin/\(name)"
        guard FileManager.default.isExecutableFile(atPath: path) else {
            try skip("\(name) is not installed: `deploy/pinned.sh proxies /var/cache/landfall/proxies` does it")
        }
        return path
    }
}

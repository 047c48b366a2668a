import FoundationEssentials

/// Real proxies that tests compare with; `make proxies` puts them into `.build/proxies`.
package enum ProxyPrograms {
    /// Skips the test where the program cannot be had.
    package static func traefik() throws -> String { try program("traefik") }

    package static func caddy() throws -> String { try program("caddy") }

    private static func program(_ name: String) throws -> String {
        let root = "/" + "\(#filePath)".split(separator: "/").dropLast(3).joined(separator: "/")
        let path = "\(root)/.build/proxies/bin/\(name)"
        guard FileManager.default.isExecutableFile(atPath: path) else {
            try skip("\(name) is not in .build/proxies; `make proxies` puts it there")
        }
        return path
    }
}

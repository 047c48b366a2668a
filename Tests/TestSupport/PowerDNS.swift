import FoundationEssentials
import Glibc
import Model
import Ports
import Processes
import Synchronization
import Testing

/// Debian's PowerDNS with its HTTP API, on a loopback address of its own, for as long as a test runs.
package struct PowerDNS: Sendable {
    package static let key = "the-key-of-powerdns"

    package let address: String
    private let folder: TemporaryFolder
    private let zones: [String]

    /// Skips the test where PowerDNS is not installed.
    ///
    /// - Parameters:
    ///   - zones: each begins with a name server, `ns.ZONE`, at this address.
    ///   - address: where to listen; free unless said.
    package init(_ zones: String..., at address: String? = nil) throws {
        guard unsafe access("/usr/sbin/pdns_server", X_OK) == 0 else { try skip("PowerDNS is not installed") }
        let number = Self.lastNumber.withLock { number in
            number += 1
            return number
        }
        self.address = address ?? "127.81.\(getpid() % 200 + 20).\(number)"
        self.zones = zones
        folder = try TemporaryFolder()
    }

    private static let lastNumber = Mutex(0)

    /// What points lexicon at it.
    package var variables: [String: String] {
        ["LEXICON_POWERDNS_PDNS_SERVER": "http://\(address):8081", "LEXICON_POWERDNS_AUTH_TOKEN": Self.key]
    }

    package func run(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await prepare()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let arguments = ["/usr/sbin/pdns_server", "--config-dir=\(folder.path)"]
                let request = ProcessRequest(arguments, environment: [:], timeLimit: .seconds(300).scaledToLoad)
                let result = try await SpawnRunner().run(request, for: .run)
                try #require(result.end == .cancelled, "PowerDNS ended: \(result.errorText.suffix(500))")
            }
            group.addTask {
                try await eventually("PowerDNS") {
                    try await curl("GET", "").outputText.contains("localhost")
                }
                for zone in zones { try await create(zone) }
                try await body()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Replaces the records of a name and kind; none removes them. Contents are as in a zone file.
    package func set(_ name: String, _ kind: String, _ contents: [String], ttl: Int = 300, in zone: String) async throws
    {
        let records = contents.map { #"{"content":"\#($0.replacing("\"", with: "\\\""))","disabled":false}"# }
        let change = contents.isEmpty ? "DELETE" : "REPLACE"
        let body =
            #"{"rrsets":[{"name":"\#(name).","type":"\#(kind)","ttl":\#(ttl),"changetype":"\#(change)","#
            + #""records":[\#(records.joined(separator: ","))]}]}"#
        try await call("PATCH", "/localhost/zones/\(zone).", body)
    }

    private func create(_ zone: String) async throws {
        let body =
            #"{"name":"\#(zone).","kind":"Native","nameservers":["ns.\#(zone)."],"soa_edit_api":"INCREASE"}"#
        try await call("POST", "/localhost/zones", body)
        try await set("ns.\(zone)", "A", [address], in: zone)
    }

    private func call(_ method: String, _ path: String, _ body: String) async throws {
        let result = try await curl(method, path, body)
        try #require(result.end == .exited(0), "\(method) \(path): \(result.outputText)")
    }

    private func curl(_ method: String, _ path: String, _ body: String? = nil) async throws -> ProcessResult {
        let url = "http://\(address):8081/api/v1/servers\(path)"
        let arguments = ["curl", "-sS", "--fail-with-body", "-X", method, "-H", "X-API-Key: \(Self.key)", url]
        return try await run(arguments + (body.map { ["--data", $0] } ?? []))
    }

    private func prepare() async throws {
        let settings = """
            launch=gsqlite3
            gsqlite3-database=\(folder.path)/zones.sqlite
            local-address=\(address)
            webserver=yes
            webserver-address=\(address)
            webserver-allow-from=127.0.0.0/8
            api=yes
            api-key=\(Self.key)
            socket-dir=\(folder.path)
            cache-ttl=0
            query-cache-ttl=0
            negquery-cache-ttl=0
            zone-cache-refresh-interval=0
            default-soa-content=ns.@ hostmaster.@ 0 10800 3600 604800 5

            """
        try Data(settings.utf8).write(to: URL(filePath: "\(folder.path)/pdns.conf"))
        let script = """
            import sqlite3, sys
            sqlite3.connect(sys.argv[1]).executescript(open("/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql").read())
            """
        let result = try await run(["/usr/bin/python3", "-c", script, "\(folder.path)/zones.sqlite"])
        try #require(result.end == .exited(0), "\(result.errorText)")
    }

    /// A program that runs lexicon where this server is the system's resolver: newer ones ask it for the zone.
    package func wrapper(of lexicon: LexiconGeneration) throws -> String {
        let (path, resolver) = (
            "\(folder.path)/\(lexicon.rawValue.split(separator: " ")[1])", "\(folder.path)/resolv.conf"
        )
        let script = """
            #!/bin/sh
            exec unshare --mount --propagation private sh -c 'mount --bind "$0" /etc/resolv.conf && exec "$@"' \
                \(resolver) \(lexicon.program) "$@"

            """
        try Data("nameserver \(address)\n".utf8).write(to: URL(filePath: resolver))
        try Data(script.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return path
    }

    private func run(_ arguments: [String]) async throws -> ProcessResult {
        let path = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]
        let request = ProcessRequest(arguments, environment: path, timeLimit: .seconds(20).scaledToLoad)
        return try await SpawnRunner().run(request, for: .run)
    }
}

/// The lexicons that tests use.
package enum LexiconGeneration: String, CaseIterable, Sendable, CustomStringConvertible {
    /// Debian 12's.
    case old = "lexicon 3.11"
    /// That of `deploy/lexicon.txt`, which `make test` puts into a virtual environment where the package index can be reached.
    case new = "lexicon 3.25"

    package var program: String {
        switch self {
        case .old: "/usr/bin/lexicon"
        case .new: "/var/cache/landfall/lexicon/bin/lexicon"
        }
    }

    /// Skips the test where it is not installed.
    package func require() throws {
        guard unsafe access(program, X_OK) == 0 else { try skip("\(self) is not installed") }
    }

    package var description: String { rawValue }
}

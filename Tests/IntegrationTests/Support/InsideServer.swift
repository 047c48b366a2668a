import DNS
import Model
import Ports
import Processes
import Sandbox
import TestSupport
import Testing

/// BIND as the name server of an own network: primary of a zone that the Internet has too, and the recursive server of
/// everybody inside.
struct InsideServer: Sendable {
    static let zone = SandboxFixture.zone
    private static let secret = "aW5zaWRlIGtleSBvZiB0aGUgdGVzdHMgMDAwMDAwMDE="

    let address: String
    private let folder: String
    private let outside: String
    private let server: DNSServer

    init(in access: SandboxAccess) throws {
        outside = try #require(access.variables["RFC2136_SERVER"])
        address = DelegatedZone.address(beside: outside)
        server = try #require(DNSServer(address))
        folder = "\(access.sandbox.folder)/t/inside"
    }

    /// What makes it Landfall's internal view. It is the resolver too, so Landfall sees the world from inside.
    func variables(_ internalAddress: String) -> [String: String] {
        [
            "RFC2136_SERVER": address, "RFC2136_ZONES": Self.zone, "RFC2136_KEY_NAME": "inside",
            "RFC2136_KEY_SECRET": Self.secret, "LANDFALL_INTERNAL_PROVIDERS": "rfc2136",
            "LANDFALL_INTERNAL_ADDRESS": internalAddress, "LANDFALL_RESOLVERS": address,
        ]
    }

    /// What it answers, in the order of the contents.
    func answers(_ name: String, _ kind: DNSQuestion.Kind = .a) async throws -> [String] {
        let question = DNSQuestion(name, kind, recursionDesired: false)
        return try await LDNSClient().query(question, at: server, for: .run).answers.map(\.content).sorted()
    }

    /// When its zone was last changed by an update.
    var lastChange: Timestamp? { Disk.modified("\(folder)/zone.jnl") }

    /// Serves as long as `body` runs.
    func run(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try Disk.makeFolder(folder)
        try Disk.write(configuration, to: "\(folder)/named.conf")
        let head = "$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 5\n@ NS ns\nns A \(address)\n"
        try Disk.write(head, to: "\(folder)/zone")
        // AppArmor confines the original; and BIND listens only on addresses that a device has.
        try await command("cp", "/usr/sbin/named", "\(folder)/named")
        try await command("ip", "address", "add", "\(address)/32", "dev", "lo")
        let result: Result<Void, any Error>
        do { result = .success(try await serve(body)) } catch { result = .failure(error) }
        // In a task of its own, for this one may have run out of time.
        try await Task { try await command("ip", "address", "del", "\(address)/32", "dev", "lo") }.value
        Disk.remove(folder)
        try result.get()
    }

    private func serve(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let arguments = ["\(folder)/named", "-g", "-n", "1", "-c", "\(folder)/named.conf"]
                let request = ProcessRequest(arguments, environment: [:], timeLimit: .seconds(300).scaledToLoad)
                let result = try await SpawnRunner().run(request, for: .run)
                try #require(result.end == .cancelled, "BIND ended: \(result.errorText.suffix(500))")
            }
            group.addTask {
                try await eventually("BIND inside") { try await answers("ns.\(Self.zone)") == [address] }
                try await body()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private var configuration: String {
        """
        key "inside" { algorithm hmac-sha256; secret "\(Self.secret)"; };
        options {
            directory "\(folder)";
            listen-on port 53 { \(address); };
            listen-on-v6 { none; };
            pid-file none;
            session-keyfile none;
            recursion yes;
            forward only;
            forwarders { \(outside); };
            allow-query { 127.0.0.0/8; };
            dnssec-validation no;
            empty-zones-enable no;
            notify no;
            max-cache-size 16M;
        };
        controls {};
        zone "\(Self.zone)" {
            type primary;
            file "zone";
            update-policy { grant inside zonesub A AAAA CNAME TXT; };
            allow-transfer { key inside; };
        };

        """
    }

    private func command(_ arguments: String...) async throws {
        let path = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]
        let request = ProcessRequest(arguments, environment: path, timeLimit: .seconds(20).scaledToLoad)
        let result = try await SpawnRunner().run(request, for: .run)
        try #require(result.end == .exited(0), "\(arguments): \(result.errorText)")
    }
}

import DNS
import FoundationEssentials
import Model
import Ports
import Processes
import TestSupport
import Testing
import Timing

/// A real name server, with zones that it changes and shows for keys.
struct Primary: Sendable {
    enum Program: String, Sendable, CaseIterable { case bind, knot }

    /// Known to the servers; the first may do everything, the second too, the third may only read.
    static let keys = [
        TSIGKey(name: "landfall", algorithm: .sha256, secret: Secret("bGFuZGZhbGwgdGVzdHMgc2hhMjU2IGtleSAwMDAwMDE=")),
        TSIGKey(
            name: "landfall-512.",
            algorithm: .sha512,
            secret: Secret("bGFuZGZhbGwgdGVzdHMgc2hhNTEyIGtleSAwMDAwMDE=")
        ),
        TSIGKey(name: "reader", algorithm: .sha256, secret: Secret("bGFuZGZhbGwgdGVzdHMgcmVhZGluZyBrZXkgMDAwMDE=")),
    ]

    let program: Program
    let address: IPAddress
    private let folder: TemporaryFolder
    private let zones: [String: String]
    /// Whether it is configured as `docs/providers.md` says, and knows but the first key.
    private let isDocumented: Bool

    var server: DNSServer { DNSServer(address: address) }

    /// - Parameter zones: each zone's records in the form of a zone file, without SOA, NS and `$TTL`.
    init(_ program: Program, _ zones: [String: String] = ["example.test": ""], isDocumented: Bool = false) throws {
        (self.program, self.zones, self.isDocumented) = (program, zones, isDocumented)
        address = NameServer.freeAddress()
        folder = try TemporaryFolder()
    }

    static func zone(_ name: String = "example.test") throws -> Zone {
        Zone(name: try DomainName(name), id: name)
    }

    func provider(_ key: TSIGKey = keys[0], zones: [String] = ["example.test"]) throws -> RFC2136Provider {
        try Self.provider(at: server, key, zones: zones)
    }

    static func provider(
        at server: DNSServer,
        _ key: TSIGKey = keys[0],
        zones: [String] = ["example.test"],
        updater: LDNSClient = LDNSClient()
    ) throws -> RFC2136Provider {
        let peer = DNSPeer(server: server, key: key)
        return RFC2136Provider(peer, zones: try zones.map { try DomainName($0) }, updater: updater)
    }

    /// What the server answers everybody.
    func answers(_ name: String, _ kind: DNSQuestion.Kind) async throws -> [String] {
        let question = DNSQuestion(name, kind, recursionDesired: false)
        let answer = try await LDNSClient().query(question, at: server, for: .run)
        return answer.answers.filter { $0.name == name && $0.kind == kind }.map(\.content).sorted()
    }

    /// Changes a zone as its owner does, as `nsupdate` takes it.
    func update(_ commands: String...) async throws {
        let script = "server \(address)\n" + commands.map { "update \($0)\n" }.joined() + "send\n"
        let (file, key) = ("\(folder.path)/update", "\(folder.path)/owner.key")
        try write(script, to: "update")
        try write(
            "key \"landfall\" { algorithm hmac-sha256; secret \"\(Self.keys[0].secret.revealed)\"; };\n",
            to: "owner.key"
        )
        try await command("nsupdate", "-k", key, file)
    }

    func run<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let arguments = try await prepare()
        // BIND listens only on addresses that a device has.
        try await command("ip", "address", "add", "\(address)/32", "dev", "lo")
        let result: Result<Value, any Error>
        do { result = .success(try await serve(arguments, body)) } catch { result = .failure(error) }
        try await command("ip", "address", "del", "\(address)/32", "dev", "lo")
        return try result.get()
    }

    private func serve<Value: Sendable>(
        _ arguments: [String],
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                let request = ProcessRequest(arguments, environment: [:], timeLimit: .seconds(120).scaledToLoad)
                let result = try await SpawnRunner().run(request, for: .run)
                try #require(result.end == .cancelled, "\(program) ended: \(result.errorText)")
                return nil
            }
            group.addTask {
                try await isReady()
                return try await body()
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() ?? nil else { throw CancellationError() }
            return value
        }
    }

    private func isReady() async throws {
        for zone in zones.keys {
            let question = DNSQuestion(zone, .soa, recursionDesired: false)
            try await eventually("an answer of \(server)") {
                try await LDNSClient().query(question, at: server, for: .run).authoritative
            }
        }
    }

    private func command(_ arguments: String...) async throws {
        let path = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]
        let request = ProcessRequest(arguments, environment: path, timeLimit: .seconds(20).scaledToLoad)
        let result = try await SpawnRunner().run(request, for: .run)
        try #require(result.end == .exited(0), "\(arguments): \(result.errorText)")
    }

    private func prepare() async throws -> [String] {
        for (zone, records) in zones {
            let head =
                "$TTL 600\n@ SOA ns1.\(zone). hostmaster.\(zone). 1 3600 600 86400 5\n@ NS ns1\nns1 A \(address)\n"
            try write(head + records + "\n", to: "\(zone).zone")
        }
        switch program {
        case .knot:
            try write(knotServer + (isDocumented ? try documented("### Knot") : knotZones), to: "knot.conf")
            return ["/usr/sbin/knotd", "--config", "\(folder.path)/knot.conf"]
        case .bind:
            // As in `NameServer`: AppArmor confines the original, and what we write ourselves may not be started.
            try await command("cp", "/usr/sbin/named", "\(folder.path)/named")
            try write(bindOptions + (isDocumented ? try documented("### BIND") : bindZones), to: "named.conf")
            return ["\(folder.path)/named", "-g", "-n", "1", "-c", "\(folder.path)/named.conf"]
        }
    }

    private func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: "\(folder.path)/\(name)"))
    }

    /// The first block below a heading of `docs/providers.md`, for this server's zone, key and folder.
    private func documented(_ heading: String) throws -> String {
        let root = #filePath.split(separator: "/").dropLast(4).reduce("") { "\($0)/\($1)" }
        let text = String(decoding: try Data(contentsOf: URL(filePath: "\(root)/docs/providers.md")), as: UTF8.self)
        let section = try #require(text.split(separator: heading).dropFirst().first)
        let block = String(try #require(section.split(separator: "```").dropFirst().first))
        return block.replacing("example.org", with: "example.test")
            .replacing("SECRET", with: Self.keys[0].secret.revealed)
            .replacing("/var/lib/\(program.rawValue)/", with: "\(folder.path)/")
    }

    private var bindOptions: String {
        """
        options {
            directory "\(folder.path)";
            listen-on port 53 { \(address); };
            listen-on-v6 { none; };
            pid-file none;
            session-keyfile none;
            recursion no;
            dnssec-validation no;
            notify no;
        };
        controls {};

        """
    }

    private var bindZones: String {
        let keys = Self.keys.map {
            "key \"\($0.name)\" { algorithm \($0.algorithm.rawValue); secret \"\($0.secret.revealed)\"; };\n"
        }
        let zones = zones.keys.map {
            """
            zone "\($0)" {
                type primary;
                file "\(folder.path)/\($0).zone";
                update-policy {
                    grant landfall zonesub A AAAA CNAME TXT;
                    grant landfall-512 zonesub A AAAA CNAME TXT;
                };
                allow-transfer { key landfall; key landfall-512; key reader; };
            };

            """
        }
        return keys.joined() + zones.joined()
    }

    private var knotServer: String {
        """
        server:
            rundir: \(folder.path)
            listen: \(address)@53
            udp-workers: 1
            tcp-workers: 1
            background-workers: 1
        database:
            storage: \(folder.path)

        """
    }

    private var knotZones: String {
        let keys = Self.keys.map {
            "  - id: \($0.name)\n    algorithm: \($0.algorithm.rawValue)\n    secret: \($0.secret.revealed)\n"
        }
        let zones = zones.keys.map {
            "  - domain: \($0)\n    file: \(folder.path)/\($0).zone\n    acl: [ landfall, reader ]\n"
        }
        return """
            key:
            \(keys.joined())
            acl:
              - id: landfall
                key: [ landfall, landfall-512. ]
                action: [ transfer, update ]
                update-type: [ A, AAAA, CNAME, TXT ]
              - id: reader
                key: reader
                action: transfer
            zone:
            \(zones.joined())
            """
    }
}

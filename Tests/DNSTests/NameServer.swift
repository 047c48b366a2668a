import DNS
import FoundationEssentials
import Model
import Ports
import Processes
import Synchronization
import TestSupport
import Testing
import Timing

/// A real BIND on a loopback address of its own, authoritative for zones that a test writes, for as long as `body` runs.
struct NameServer: Sendable {
    let address: IPAddress
    private let folder: TemporaryFolder
    private let zones: [String: String]

    var server: DNSServer { DNSServer(address: address) }

    /// `zones`: each zone's records in the form of a zone file, without SOA and `$TTL`.
    init(_ zones: [String: String], at address: IPAddress = freeAddress()) throws {
        self.address = address
        self.zones = zones
        folder = try TemporaryFolder()
    }

    static func freeAddress() -> IPAddress {
        let number = lastNumber.withLock { number in
            number += 1
            return number
        }
        // Two runs of the tests at a time must not meet.
        let process = Int(ProcessInfo.processInfo.processIdentifier) % 200 + 20
        guard let address = IPAddress("127.77.\(process).\(number)") else { preconditionFailure("no address") }
        return address
    }

    private static let lastNumber = Mutex(0)

    func run<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try await writeFiles()
        // BIND listens only on addresses that a device has.
        try await command("ip", "address", "add", "\(address)/32", "dev", "lo")
        do {
            let value = try await serve(body)
            try await command("ip", "address", "del", "\(address)/32", "dev", "lo")
            return value
        } catch {
            try await command("ip", "address", "del", "\(address)/32", "dev", "lo")
            throw error
        }
    }

    private func serve<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                let arguments = ["\(folder.path)/named", "-g", "-n", "1", "-c", "\(folder.path)/named.conf"]
                let request = ProcessRequest(arguments, environment: [:], timeLimit: .seconds(60).scaledToLoad)
                let result = try await SpawnRunner().run(request, for: .run)
                try #require(result.end == .cancelled, "named ended: \(result.errorText)")
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

    /// Adds or removes records, as `nsupdate` takes it: `add www.example.test 0 A 192.0.2.1`.
    func update(_ commands: String...) async throws {
        let script = "server \(address)\n" + commands.map { "update \($0)\n" }.joined() + "send\n"
        let file = "\(folder.path)/update"
        try Data(script.utf8).write(to: URL(filePath: file))
        try await command("nsupdate", file)
    }

    private func command(_ arguments: String...) async throws {
        let path = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]
        let request = ProcessRequest(arguments, environment: path, timeLimit: .seconds(20).scaledToLoad)
        let result = try await SpawnRunner().run(request, for: .run)
        try #require(result.end == .exited(0), "\(arguments): \(result.errorText)")
    }

    private func isReady() async throws {
        let zone = try #require(zones.keys.first)
        let question = DNSQuestion(zone, .soa, recursionDesired: false)
        try await eventually("an answer of \(server)") {
            try await LDNSClient().query(question, at: server, for: .run).authoritative
        }
    }

    /// Debian's AppArmor profile confines /usr/sbin/named to /etc/bind; a copy elsewhere has no profile.
    ///
    /// Another program makes the copy: were it written here, a child that another test starts at that moment would hold it
    /// open for writing, and a program that is open for writing cannot be started (ETXTBSY in execve(2)).
    private func writeFiles() async throws {
        try await command("cp", "/usr/sbin/named", "\(folder.path)/named")
        let statements = zones.keys.map {
            "zone \"\($0)\" { type primary; file \"\($0).zone\"; allow-update { 127.0.0.0/8; }; };\n"
        }
        let configuration = """
            options {
                directory "\(folder.path)";
                listen-on port 53 { \(address); };
                listen-on-v6 { none; };
                pid-file none;
                session-keyfile none;
                recursion no;
                dnssec-validation no;
                notify no;
                minimal-responses yes;
            };
            controls {};
            \(statements.joined())
            """
        try write(configuration, to: "named.conf")
        for (zone, records) in zones {
            try write(
                "$TTL 0\n@ SOA ns1.\(zone). hostmaster.\(zone). 1 3600 600 86400 5\n\(records)\n",
                to: "\(zone).zone"
            )
        }
    }

    private func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: "\(folder.path)/\(name)"))
    }
}

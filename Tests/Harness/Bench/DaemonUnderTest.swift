import Files
import FoundationEssentials
import Model
import Ports
import Processes
import Sandbox
import Timing
import Transport

/// A `landfall run` that is watched through its log and through /proc.
struct DaemonUnderTest: Sendable {
    let pid: Int
    /// From the start of the program to its first line.
    let startUp: Duration
    /// From the start of the program to the first answer at its socket: the configuration is checked by then, the store open.
    let ready: Duration
    private let fixture: BenchFixture
    private let log: String
    private let socket: String

    /// Runs `landfall run` for as long as `body` takes.
    ///
    /// - Parameter changes: of its environment.
    static func run<Value: Sendable>(
        at fixture: BenchFixture,
        changes: [String: String] = [:],
        _ body: @escaping @Sendable (DaemonUnderTest) async throws -> Value
    ) async throws -> Value {
        try SystemFiles().makeDirectory(fixture.folder, mode: 0o755, for: .run)
        let (number, log) = ("\(fixture.folder)/landfall.pid", "\(fixture.folder)/landfall.log")
        for path in [number, log] { try SystemFiles().write([], to: path, mode: 0o600, for: .run) }
        let script = #"echo $$ >"$0"; exec "$2" run >"$1""#
        // What is measured are many hosts, of few services.
        let environment = fixture.environment.values.merging(["LANDFALL_SERVICE_HOSTS": "10000"]) { $1 }
            .merging(changes) { $1 }
        let socket = "\(environment["LANDFALL_STATE_DIR"] ?? "")/landfall.sock"
        let request = ProcessRequest(
            ["/bin/sh", "-c", script, number, log, fixture.landfall],
            environment: environment,
            timeLimit: .seconds(3600)
        )
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                let result = try await fixture.runner.run(request, for: .run)
                guard result.end != .cancelled else { return nil }
                throw BenchError("landfall run ended: \(result.end) \(sanitized(result.errorText))")
            }
            group.addTask {
                do {
                    return try await body(try await started(at: fixture, number, log, socket))
                } catch  where !Task.isCancelled {
                    throw BenchError("\(error); landfall said last:\n\(lastWords(in: log))")
                }
            }
            guard let first = try await group.next(), let value = first else { throw CancellationError() }
            group.cancelAll()
            _ = try await group.next()
            return value
        }
    }

    private static func started(
        at fixture: BenchFixture,
        _ number: String,
        _ log: String,
        _ socket: String
    ) async throws -> DaemonUnderTest {
        let start = fixture.clock.uptime
        try await fixture.wait(for: "landfall's first line") { try lines(of: log).count > 0 }
        let startUp = fixture.clock.uptime - start
        while !(await answers(fixture, at: socket)) { try await fixture.clock.sleep(for: .milliseconds(2)) }
        let ready = fixture.clock.uptime - start
        let digits = String(decoding: try SystemFiles().read(number, limit: 32, for: .run), as: UTF8.self)
        guard let pid = Int(digits.dropLast()) else { throw BenchError("landfall's process is not known") }
        return DaemonUnderTest(pid: pid, startUp: startUp, ready: ready, fixture: fixture, log: log, socket: socket)
    }

    private static func answers(_ fixture: BenchFixture, at socket: String) async -> Bool {
        let request = HTTPRequest(
            .get,
            "http://landfall/healthz",
            timeLimit: .seconds(4),
            peer: .unixSocket(path: socket)
        )
        return (try? await fixture.transport.send(request, for: .run))?.status == 200
    }

    /// Lets it run so often, one run after the other.
    func runAgain(times: Int) async throws {
        let peer = Peer.unixSocket(path: socket)
        for _ in 1...times {
            let request = HTTPRequest(.post, "http://landfall/once", timeLimit: .seconds(60), peer: peer)
            let status = try await fixture.transport.send(request, for: .run).status
            guard status == 200 else { throw BenchError("a run was answered with \(status)") }
        }
    }

    private static func lastWords(in log: String) -> String {
        let lines = (try? lines(of: log)) ?? []
        return lines.suffix(10).map { sanitized(String(decoding: $0, as: UTF8.self), limit: 400) }.joined(
            separator: "\n"
        )
    }

    /// What it said at the end of each run so far.
    var runs: [RunLine] {
        get throws { try Self.lines(of: log).compactMap(RunLine.init) }
    }

    /// Returns once it has ended `count` runs.
    func awaitRuns(_ count: Int) async throws {
        try await fixture.wait(for: "run \(count)") { try runs.count >= count }
    }

    /// Returns when no run has ended for longer than it would wait before one.
    func settle() async throws {
        var count = -1
        while try runs.count != count {
            count = try runs.count
            try await fixture.clock.sleep(for: .seconds(4))
        }
    }

    private static func lines(of path: String) throws -> [ArraySlice<UInt8>] {
        try SystemFiles().read(path, limit: 64 << 20, for: .run).split(separator: UInt8(ascii: "\n"))
    }
}

/// The log's line about a run that ended.
struct RunLine: Sendable {
    /// Seconds.
    let duration: Double
    let isClean: Bool

    init?(_ line: ArraySlice<UInt8>) {
        guard let fields = try? JSONDecoder().decode([String: JSONValue].self, from: Data(line)),
            fields["message"]?.text == "run ended", let nanoseconds = fields["event.duration"]?.integer
        else { return nil }
        (duration, isClean) = (Double(nanoseconds) / 1e9, fields["event.outcome"]?.text == "success")
    }
}

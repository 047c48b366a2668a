import Emulators
import Files
import Glibc
import HTTPServer
import Model
import Ports
import Processes
import Report
import Status
import Synchronization
import TestSupport
import Transport

/// A daemon in a process of its own, over a stub engine and emulated services on real sockets.
final class HostileFixture: Sendable {
    static let zone = "example.test"

    let docker: StubDocker
    let cloudflare: CloudflareEmulator
    let addresses = AddressEmulator()
    let slack: SlackEmulator
    /// Asked before the emulated Cloudflare.
    private let detour: Detour
    private let folder: TemporaryFolder
    private let servers: [HTTPServer]
    private let transport = CurlTransport(.init(userAgent: "landfall-tests"))
    private let daemons = Mutex<[LandfallProcess]>([])

    private final class Detour: Sendable { let answer = Mutex<(@Sendable (ServerRequest) -> ServerResponse?)?>(nil) }

    /// Lends a fixture to `body`; whatever runs in it then is ended.
    static func use(_ body: (HostileFixture) async throws -> Void) async throws {
        let fixture = try HostileFixture()
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(fixture))
        } catch {
            let lines = fixture.log.split(separator: "\n").suffix(8).map { sanitized($0, limit: 500) }
            result = .failure(ExplainedError(description: "\(error)\n\(lines.joined(separator: "\n"))"))
        }
        // In a task of its own, for this one may have run out of time.
        await Task { await fixture.end() }.value
        try result.get()
    }

    private init() throws {
        folder = try TemporaryFolder()
        docker = try StubDocker()
        let (slack, detour) = (SlackEmulator(token: Secret("xoxb-1"), channels: ["#ops"]), Detour())
        let cloudflare = CloudflareEmulator(
            zones: [Self.zone, "other.test"],
            credentials: [
                .token(Secret("good-token")), .token(Secret("narrow-token"), zones: ["other.test"]),
                .token(Secret("reading-token"), canWrite: false),
            ]
        )
        let detoured: HTTPServer.Handler = { request in
            if let answer = detour.answer.withLock(\.self)?(request) { return answer }
            return await cloudflare.handler(request)
        }
        servers = try [detoured, addresses.handler, addresses.handler, slack.handler].map {
            try HTTPServer(listening: .tcp(address: "127.0.0.1", port: 0), bodyLimit: 64 << 20, handler: $0)
        }
        (self.cloudflare, self.slack, self.detour) = (cloudflare, slack, detour)
    }

    private func end() async {
        for daemon in daemons.withLock(\.self) { await daemon.dismiss() }
        docker.feed.cut()
        for server in servers { server.stop() }
    }
}

/// What Landfall is configured with, and what it has on disk.
extension HostileFixture {
    var path: String { folder.path }
    var certificates: String { "\(path)/letsencrypt" }
    var statePath: String { "\(path)/state/state.sqlite" }
    var socketPath: String { "\(path)/state/landfall.sock" }
    var cloudflareURL: String { url(servers[0]) + CloudflareEmulator.basePath }
    var addressURLs: [String] {
        [url(servers[1]) + AddressEmulator.linePath, url(servers[2]) + AddressEmulator.tracePath]
    }

    private func url(_ server: HTTPServer) -> String { "http://127.0.0.1:\(server.port)" }

    /// - Parameter changes: an empty one unsets a variable.
    func variables(_ changes: [String: String] = [:]) -> [String: String] {
        [
            "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "DOCKER_HOST": "unix://\(docker.engine.socketPath)",
            "CLOUDFLARE_API_URL": cloudflareURL, "CLOUDFLARE_API_TOKEN": "good-token",
            "LANDFALL_IP": addressURLs.joined(separator: ","), "LANDFALL_RESOLVERS": "127.0.0.1:9",
            "SLACK_API_URL": url(servers[3]) + SlackEmulator.basePath, "SLACK_TOKEN": "xoxb-1",
            "SLACK_CHANNEL": "#ops", "LANDFALL_CERTIFICATES": "off", "CERTBOT_CONFIG_DIR": certificates,
            "CERTBOT_SERVER": "https://127.0.0.1:9/directory", "LANDFALL_STATE_DIR": "\(path)/state",
            "LANDFALL_LISTEN": "127.0.0.1:0", "LANDFALL_LOG": "json", "LANDFALL_QUIET": "100ms",
            "LANDFALL_INTERVAL": "1h",
        ].merging(changes) { $1 }.filter { !$0.value.isEmpty }
    }

    var log: String { text("landfall.log") ?? "" }

    /// A file of this fixture; nil where there is none.
    func text(_ name: String) -> String? {
        (try? SystemFiles().read("\(path)/\(name)", limit: 64 << 20, for: .run)).map { String(outside: $0) }
    }

    func write(_ bytes: [UInt8], to name: String, mode: UInt32 = 0o600) throws {
        try SystemFiles().write(bytes, to: "\(path)/\(name)", mode: mode, for: .run)
    }

    /// Writes a program, by another one: as long as a child of this process has it open for writing, it cannot be run.
    func writeProgram(_ text: String, to name: String) async throws {
        try write(Array(text.utf8), to: "\(name).text")
        try await runProgram(["install", "--mode=700", "\(path)/\(name).text", "\(path)/\(name)"])
    }

    /// Runs a program to its end, which has to be a good one.
    func runProgram(_ arguments: [String]) async throws {
        let request = ProcessRequest(
            arguments,
            environment: ["PATH": "/usr/bin:/bin"],
            timeLimit: .seconds(60).scaledToLoad
        )
        let result = try await SpawnRunner().run(request, for: .run)
        guard result.end == .exited(0) else { throw ExplainedError(description: "\(arguments): \(result.errorText)") }
    }

    func makeFolder(_ name: String) throws {
        try SystemFiles().makeDirectory("\(path)/\(name)", mode: 0o700, for: .run)
    }
}

/// The daemon.
extension HostileFixture {
    /// Starts a daemon, and returns once its first run has ended.
    @discardableResult
    func start(_ changes: [String: String] = [:]) async throws -> LandfallProcess {
        let (number, runs) = (daemons.withLock(\.count), endedRuns)
        let daemon = try await LandfallProcess(
            file: "\(path)/pid-\(number)",
            log: "\(path)/landfall.log",
            environment: variables(changes)
        )
        daemons.withLock { $0.append(daemon) }
        try await eventually("the first run", within: .seconds(60)) {
            endedRuns > runs || !daemon.isRunning
        }
        guard daemon.isRunning else { throw ExplainedError(description: "landfall has ended") }
        return daemon
    }

    /// Ends a daemon as an administrator does.
    func stop(_ daemon: LandfallProcess) async throws {
        daemon.signal(SIGTERM)
        try await daemon.ended()
    }

    /// Lets the running daemon run once more.
    @discardableResult
    func run(confirming code: String? = nil) async throws -> Report {
        let query = code.map { "?confirm=\(percentEncoded($0))" } ?? ""
        let response = try await askSocket(.post, "/once\(query)")
        guard response.status == 200 else { throw ExplainedError(description: "a run was answered \(response.status)") }
        return try decodeJSON(from: response.body)
    }

    /// Runs one of Landfall's commands to its end.
    @discardableResult
    func command(_ arguments: String..., changes: [String: String] = [:]) async throws -> ProcessResult {
        try await LandfallProgram.run(arguments, variables(changes))
    }

    func askSocket(_ method: HTTPRequest.Method, _ target: String) async throws -> HTTPResponse {
        let request = HTTPRequest(
            method,
            "http://landfall\(target)",
            timeLimit: .seconds(120).scaledToLoad,
            bodyLimit: 64 << 20,
            peer: .unixSocket(path: socketPath)
        )
        return try await transport.send(request, for: .run)
    }

    /// How many runs have ended, of all daemons.
    var endedRuns: Int { log.split(separator: "\n").count { $0.contains("run ended") } }

    /// Where the daemon that was started last serves its status page.
    var pagePort: UInt16 {
        get throws {
            guard let port = log.matches(of: /listen(?:":"|=)127\.0\.0\.1:([0-9]+)/).last.flatMap({ UInt16($0.1) })
            else { throw ExplainedError(description: "the status page is not served") }
            return port
        }
    }

    func askPage(_ target: String) async throws -> HTTPResponse {
        let request = HTTPRequest(
            .get,
            "http://127.0.0.1:\(try pagePort)\(target)",
            timeLimit: .seconds(30).scaledToLoad,
            bodyLimit: 64 << 20
        )
        return try await transport.send(request, for: .run)
    }

    func status() async throws -> StatusDocument { try decodeJSON(from: try await askPage("/api/status").body) }

    /// The most memory that a process ever had, in bytes (proc_pid_status(5), VmHWM).
    func peakMemory(of daemon: LandfallProcess) throws -> Int {
        let line = try procFile("status", of: daemon).split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        guard let kilobytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) }) else {
            throw ExplainedError(description: "the memory of landfall is not known")
        }
        return kilobytes << 10
    }

    /// The processor time that a process has used: its work, however busy the machine is (proc_pid_stat(5)).
    func processorTime(of daemon: LandfallProcess) throws -> Duration {
        let stat = try procFile("stat", of: daemon)
        // The program's name is in parentheses; what follows it begins with the third field.
        let fields = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ")
        let ticks = fields.count > 13 ? (Int(fields[12]) ?? 0) + (Int(fields[13]) ?? 0) : 0
        return .milliseconds(1000 * ticks / sysconf(Int32(_SC_CLK_TCK)))
    }

    private func procFile(_ name: String, of daemon: LandfallProcess) throws -> String {
        let bytes = try SystemFiles().read("/proc/\(daemon.pid)/\(name)", limit: 1 << 20, for: .run)
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// What is outside.
extension HostileFixture {
    /// Lets `answer` answer Cloudflare's clients; where it returns nil, the emulator does.
    func answerAsCloudflare(_ answer: (@Sendable (ServerRequest) -> ServerResponse?)?) {
        detour.answer.withLock { $0 = answer }
    }

    /// Adds a record as the zone's owner does.
    func put(_ type: String, _ name: String, _ content: String, comment: String? = nil) throws {
        let draft = RecordDraft(name: name, type: type, content: content, comment: comment)
        try cloudflare.put(draft, in: Self.zone)
    }

    /// The zone's records, each as `A www.example.test 85.214.132.117`, in their order.
    var records: [String] {
        cloudflare.records(in: Self.zone).map { "\($0.type) \($0.name) \($0.content)" }.sorted()
    }

    /// Lets the daemon run until the zone has this record, and no other.
    func awaitOnlyRecord(_ expected: String) async throws {
        try await eventually("only the record \(expected)", within: .seconds(60)) {
            if records != [expected] { try await run() }
            return records == [expected]
        }
    }

    /// Lets the daemon run until the zone has this record among others.
    func awaitRecord(_ expected: String) async throws {
        try await eventually("the record \(expected)", within: .seconds(60)) {
            if !records.contains(expected) { try await run() }
            return records.contains(expected)
        }
    }

    var publicAddress: String { addresses.settings.ipv4 }

    /// Sets what services the labels of the engine's services request.
    func deploy(_ services: StubService...) { docker.set { $0.services = services } }

    @discardableResult
    func awaitMessage(about text: String) async throws -> String {
        try await eventually("a message about \(text)") { slack.messages.map(\.text).first { $0.contains(text) } }
    }
}

/// An error with what Landfall said last: the folder goes.
struct ExplainedError: Error, CustomStringConvertible {
    let description: String
}

import Certificates
import DNS
import Glibc
import HTTPServer
import Log
import Model
import Ports
import Processes
import Report
import State
import TestSupport
import Testing
import Timing
import Transport

/// A certificate authority with real validation (pebble), its DNS server, and a daemon's solver at a socket: all of it on
/// loopback, and gone when the test is.
struct ACMEFixture: Sendable {
    let scratch: Scratch
    let provider: ChallengeServer
    let solver: DNS01Solver
    /// How long the solver waits for DNS.
    let propagationLimit = Duration.seconds(2).scaledToLoad
    let state: StateStore
    let settings: CertbotSettings
    /// `ADDRESS:PORT`
    let dnsServer: String
    private let socket: HTTPServer
    private let programs: [Task<String, any Error>]

    /// Runs `body` in a new fixture, and returns what pebble logged meanwhile.
    ///
    /// - Parameter certbot: which one is run; the test is skipped, by name, where it is not there.
    /// - Parameter zone: that the DNS provider has.
    /// - Parameter pebble: Further variables for it. Its nonce rejections are off unless they say otherwise.
    @discardableResult
    static func with(
        _ certbot: CertbotGeneration = .old,
        pebble: [String: String] = [:],
        configuration: String = "",
        zone: String = "example.test",
        _ body: (ACMEFixture) async throws -> Void
    ) async throws -> String {
        guard certbot.isInstalled else { try skip(certbot.reasonToSkip) }
        let standard = ["PEBBLE_VA_NOSLEEP": "1", "PEBBLE_AUTHZREUSE": "0", "PEBBLE_WFE_NONCEREJECT": "0"]
        let fixture = try await ACMEFixture(certbot, pebble: standard.merging(pebble) { $1 }, configuration, zone)
        do {
            try await body(fixture)
        } catch {
            _ = try await fixture.end()
            throw error
        }
        return try await fixture.end()
    }

    private init(
        _ certbot: CertbotGeneration,
        pebble environment: [String: String],
        _ configuration: String,
        _ zone: String
    ) async throws {
        scratch = try Scratch()
        let ports = try FreePorts.take(4)
        try await scratch.makeAuthority(ports: ports, configuration: configuration)
        let transport = CurlTransport(.init(authorities: "\(scratch.path)/ca.pem", userAgent: "landfall-tests"))
        dnsServer = "127.0.0.1:\(ports[0])"
        let management = "http://127.0.0.1:\(ports[1])"
        programs = [
            scratch.start(
                "pebble-challtestsrv",
                "-dns01",
                "127.0.0.1:\(ports[0])",
                "-management",
                "127.0.0.1:\(ports[1])",
                "-http01",
                "",
                "-https01",
                "",
                "-tlsalpn01",
                ""
            ),
            scratch.start(
                "pebble",
                "-config",
                "pebble.json",
                "-strict",
                "-dnsserver",
                "127.0.0.1:\(ports[0])",
                environment: environment
            ),
        ]
        provider = ChallengeServer(zone: try DomainName(zone), management: management, transport: transport)
        state = try StateStore(path: "\(scratch.path)/state.sqlite")
        solver = DNS01Solver(
            propagation: DirectPropagation(server: DNSServer(address: try Self.loopback(), port: ports[0])),
            limit: propagationLimit,
            state: state,
            clock: SystemClock(),
            randomness: SystemRandomness(),
            log: .silent
        )
        settings = Self.settings(scratch, certbot, server: "https://localhost:\(ports[2])/dir")
        socket = try Self.serve(solver, at: settings.socket)
        try await Self.awaitAnswer("\(management)/", transport)
        try await Self.awaitAnswer(settings.server, transport)
    }

    private func end() async throws -> String {
        socket.stop()
        for program in programs { program.cancel() }
        _ = try await programs[0].value
        return try await programs[1].value
    }

    func stage(_ settings: CertbotSettings? = nil, clock: any Clock = SystemClock()) -> CertificateStage {
        CertificateStage(
            settings: settings ?? self.settings,
            files: scratch.files,
            processes: SpawnRunner(),
            state: state,
            solver: solver,
            clock: clock,
            log: .silent
        )
    }

    /// One run: plan and apply.
    func run(
        _ hosts: [DesiredHost],
        settings: CertbotSettings? = nil,
        clock: any Clock = SystemClock(),
        isByHand: Bool = false
    ) async -> [CertificateReport] {
        let stage = stage(settings, clock: clock)
        let plan = await stage.plan(hosts, zones: provider.directory, isByHand: isByHand)
        return await stage.apply(plan, zones: provider.directory) { _ in }
    }

    func onDisk(_ lineage: String) -> CertificateOnDisk? {
        stage().onDisk().value?.first { $0.lineage == lineage }
    }
}

extension ACMEFixture {
    private static func loopback() throws -> IPAddress { try #require(IPAddress("127.0.0.1")) }

    private static func settings(_ scratch: Scratch, _ certbot: CertbotGeneration, server: String) -> CertbotSettings {
        var settings = CertbotSettings(
            stateDirectory: "\(scratch.path)/state",
            hookProgram: hookProgram,
            socket: "\(scratch.path)/hook.sock"
        )
        settings.program = certbot.program
        settings.configDirectory = "\(scratch.path)/letsencrypt"
        settings.server = server
        settings.authorities = "\(scratch.path)/ca.pem"
        settings.timeLimit = .seconds(60).scaledToLoad
        return settings
    }

    /// Lies beside the tests' own program.
    private static var hookProgram: String {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe buffer.withUnsafeMutableBytes { bytes in
            guard let start = unsafe bytes.assumingMemoryBound(to: CChar.self).baseAddress else { return 0 }
            return unsafe readlink("/proc/self/exe", start, bytes.count)
        }
        let path = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        return path.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/HookProgram"
    }

    private static func serve(_ solver: DNS01Solver, at path: String) throws -> HTTPServer {
        try HTTPServer(listening: .unix(path: path, mode: 0o600)) { request in
            guard let hook = try? HookRequest(json: request.body) else {
                return .text("no hook's request", status: 400)
            }
            return .json(await solver.handle(hook))
        }
    }

    static func awaitAnswer(_ url: String, _ transport: any HTTPTransport) async throws {
        let request = HTTPRequest(.get, url, timeLimit: .seconds(2))
        _ = try await eventually("an answer of \(url)") { try await transport.send(request, for: .run) }
    }
}

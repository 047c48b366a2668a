import Crypto
import Certificates
import DNS
import Emulators
import HTTPServer
import Log
import Model
import Ports
import State
import TestSupport
import Testing
import Timing
import Transport

/// When an authority is asked about renewals, with a real store and an authority on a real socket.
@Suite struct RenewalInformationTests {
    private let scratch: Scratch
    private let authority = RenewalInfoEmulator()
    private let server: HTTPServer
    private let state: StateStore
    private let clock = TestClock(now: SystemClock().now)
    private let zones: ZoneDirectory

    init() throws {
        scratch = try Scratch()
        server = try HTTPServer(listening: .tcp(address: "127.0.0.1", port: 0), handler: authority.handler)
        state = try .inMemory()
        let zone = Zone(name: try DomainName("example.test"), id: "1")
        zones = ZoneDirectory(entries: [.init(zone: zone, provider: SilentProvider())])
    }

    private var url: String { "http://127.0.0.1:\(server.port)" }

    private var stage: CertificateStage {
        .withoutCertbot(
            in: scratch,
            state: state,
            clock: clock,
            transport: PatientTransport(CurlTransport(.init(userAgent: "landfall-tests")))
        ) { settings in
            settings.configDirectory = scratch.path
            settings.server = url + RenewalInfoEmulator.directoryPath
        }
    }

    private func plan() async throws -> CertificateStep {
        let host = DesiredHost(
            name: try DomainName("a.example.test"),
            origin: Origin(kind: .service, id: "1", name: "web")
        )
        return try #require(await stage.plan([host], zones: zones, asksAuthority: true).steps.first)
    }

    /// A certificate for 90 days that says who issued it; returns what the authority calls it.
    private func issue() async throws -> String {
        try await scratch.makeCertificate("ca", names: [])
        try await scratch.run(
            ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
                + ["-keyout", "a.key", "-out", "a.csr", "-subj", "/CN=a"]
        )
        try scratch.write("subjectAltName=DNS:a.example.test\nauthorityKeyIdentifier=keyid\n", to: "a.ext")
        try await scratch.run([
            "openssl", "x509", "-req", "-in", "a.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days",
            "90",
            "-out", "a.pem", "-extfile", "a.ext",
        ])
        try await scratch.store("a", key: "a", as: "a.example.test")
        return try #require(try CertificateFile(pem: scratch.read("a.pem")).renewalID)
    }

    private var paths: [String] { authority.log.requests.map(\.path) }

    @Test func `an authority that offers nothing is asked once a day`() async throws {
        _ = try await issue()
        let first = try await plan()
        #expect(first.action == (try await plan()).action)
        #expect(paths == [RenewalInfoEmulator.directoryPath])
        #expect(first.renewal?.rule == "with a third of its lifetime left")
        clock.advance(by: .seconds(86_401))
        _ = try await plan()
        #expect(paths.count == 2)
    }

    @Test func `without certificates the authority is not asked`() async throws {
        authority.offer(at: url)
        _ = try await plan()
        #expect(paths.isEmpty)
    }

    @Test func `a suggestion is stored, and asked for again after six hours`() async throws {
        let id = try await issue()
        authority.offer(at: url)
        authority.suggest(from: clock.now + .seconds(86_400), to: clock.now + .seconds(2 * 86_400), for: id)
        let step = try await plan()
        let renewal = try #require(step.renewal)
        #expect(renewal.rule == "as its authority suggests")
        #expect(renewal.at >= clock.now + .seconds(86_400) && renewal.at <= clock.now + .seconds(2 * 86_400))
        for _ in 0..<3 { #expect(try await plan() == step) }
        let path = "\(RenewalInfoEmulator.infoPath)/\(id)"
        #expect(paths == [RenewalInfoEmulator.directoryPath, path])
        clock.advance(by: .seconds(6 * 3600 + 1))
        authority.askAgain(after: 12 * 3600)
        _ = try await plan()
        clock.advance(by: .seconds(6 * 3600 + 1))
        _ = try await plan()
        #expect(paths == [RenewalInfoEmulator.directoryPath, path, path], "it wants to be asked more rarely")
        // Nothing is asked when somebody only wants to see a plan.
        clock.advance(by: .seconds(30 * 3600))
        _ = await stage.plan([], zones: zones)
        #expect(paths.count == 3)
    }

    @Test func `a window in the past renews at once`() async throws {
        let id = try await issue()
        clock.advance(by: .seconds(3 * 86_400))
        authority.offer(at: url)
        authority.suggest(from: clock.now - .seconds(7200), to: clock.now - .seconds(3600), for: id)
        guard case .renew = try await plan().action else {
            Issue.record("\(try await plan())")
            return
        }
    }

    @Test(arguments: [
        Fault.Effect.html(status: 503), .truncated,
        .answer(status: 200, type: "application/json", body: "[]", location: nil),
    ])
    func `an error delays nothing, and the authority is left alone for an hour`(effect: Fault.Effect) async throws {
        let id = try await issue()
        authority.offer(at: url)
        authority.faults.add(Fault(effect, path: "\(RenewalInfoEmulator.infoPath)/\(id)"))
        clock.advance(by: .seconds(61 * 86_400))
        for _ in 0..<3 {
            guard case .renew = try await plan().action else {
                Issue.record("\(try await plan())")
                return
            }
        }
        #expect(paths.count == 2)
        clock.advance(by: .seconds(3601))
        _ = try await plan()
        #expect(paths.count == 3)
    }

    @Test func `a directory that does not answer is left alone for an hour`() async throws {
        _ = try await issue()
        authority.faults.add(Fault(.html(status: 500)))
        for _ in 0..<3 { _ = try await plan() }
        #expect(paths.count == 1)
        clock.advance(by: .seconds(3601))
        _ = try await plan()
        #expect(paths.count == 2)
    }

    @Test func `an authority is not asked about another's certificate`() async throws {
        _ = try await issue()
        try scratch.write("server = https://ca.example.net/directory\n", to: "renewal/a.example.test.conf")
        authority.offer(at: url)
        _ = try await plan()
        #expect(paths.isEmpty)
    }
}

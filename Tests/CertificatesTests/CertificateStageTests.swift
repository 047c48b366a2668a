import Files
@testable import Certificates
import DNS
import Log
import Model
import Ports
import Report
import State
import TestSupport
import Testing
import Timing

/// Tests of the stage without certbot.
@Suite struct CertificateStageTests {
    private let scratch: Scratch
    private let provider: FakeProvider
    private let state: StateStore
    private let clock = TestClock()

    init() throws {
        scratch = try Scratch()
        provider = FakeProvider(zone: try DomainName("example.test"))
        state = try .inMemory()
    }

    private var stage: CertificateStage { stage(state) }

    private func stage(_ state: StateStore) -> CertificateStage {
        .withoutCertbot(in: scratch, state: state, clock: clock)
    }

    /// Lets another program hold a lock until its task is cancelled.
    private func hold(_ path: String) async throws -> Task<String, any Error> {
        let script = """
            import fcntl, time
            lock = open('\(path)', 'w')
            fcntl.lockf(lock, fcntl.LOCK_EX)
            open('\(scratch.path)/locked', 'w')
            time.sleep(3600)
            """
        let holder = scratch.start("python3", "-c", script)
        while (try? scratch.read("locked")) == nil { await Task.yield() }
        return holder
    }

    private func host(_ name: String) throws -> DesiredHost {
        DesiredHost(name: try DomainName(name), origin: Origin(kind: .service, id: "1", name: "web"))
    }

    private func order(_ name: String) throws -> CertificatePlan {
        let names = [try DomainName(name)]
        return CertificatePlan(steps: [
            CertificateStep(lineage: name, names: names, action: .issue("there is no certificate yet"))
        ])
    }

    @Test func `another certbot is waited for, and then named`() async throws {
        try await scratch.run("mkdir", "letsencrypt")
        let path = "\(scratch.path)/letsencrypt/.certbot.lock"
        let holder = try await hold(path)
        let run = Task { await stage.apply(try order("a.example.test"), zones: provider.directory) { _ in } }
        for _ in 0..<60 {
            await clock.sleepers(1)
            clock.advance(by: .milliseconds(500))
        }
        let results = try await run.value
        #expect(results.map(\.outcome) == [.failed("another certbot is running: it holds \(path)")])
        #expect(try state.texts(in: "certificate-failures").isEmpty, "no order was placed, so none is held back")

        holder.cancel()
        _ = try await holder.value
        let locks = SystemFiles()
        #expect(try locks.lock(path, for: .run))
        locks.unlock(path, for: .run)
        #expect(try !scratch.list("letsencrypt").contains(".certbot.lock"))
    }

    @Test func `a certbot that cannot be started is reported, and causes no pause`() async throws {
        let results = await stage.apply(try order("a.example.test"), zones: provider.directory) { _ in }
        let reason = "no ACME account: certbot could not be started: a dry run starts no program"
        #expect(results.map(\.outcome) == [.failed(reason)])
        #expect(try state.texts(in: "certificate-failures").isEmpty)
    }

    /// Applies a plan while `folder` is a file system of its own.
    private func apply(withDiskAt folder: String, size: Int, _ prepare: (SmallDisk) throws -> Void) async throws
        -> String
    {
        try await scratch.run("mkdir", "-p", "letsencrypt", "state/certbot")
        let disk = try SmallDisk(at: "\(scratch.path)/\(folder)", size: size)
        defer { withExtendedLifetime(disk) {} }
        try prepare(disk)
        let results = await stage.apply(try order("a.example.test"), zones: provider.directory) { _ in }
        #expect(
            try state.texts(in: "certificate-failures").isEmpty && state.texts(in: "rate-limit-orders").isEmpty,
            "nothing was ordered"
        )
        return results.first?.outcome.detail ?? ""
    }

    @Test(
        .enabled(if: SmallDisk.isPossible, "no file system can be mounted here"),
        arguments: ["letsencrypt", "state/certbot"]
    )
    func `on a full disk nothing is ordered`(folder: String) async throws {
        let reason = try await apply(withDiskAt: folder, size: 64 << 10) { _ in }
        #expect(
            reason.hasPrefix("nothing is ordered because it could not be stored: \(scratch.path)/\(folder)/"),
            "\(reason)"
        )
        #expect(reason.hasSuffix(": No space left on device"), "\(reason)")
    }

    @Test(
        .enabled(if: SmallDisk.isPossible, "no file system can be mounted here"),
        arguments: ["letsencrypt", "state/certbot"]
    )
    func `on a read-only disk nothing is ordered`(folder: String) async throws {
        let reason = try await apply(withDiskAt: folder, size: 1 << 20) { try $0.makeReadOnly() }
        #expect(reason.contains("\(scratch.path)/\(folder)/") && reason.hasSuffix("Read-only file system"), "\(reason)")
    }

    @Test func `nothing is ordered while the state store cannot be written`() async throws {
        let path = "\(scratch.path)/state.sqlite"
        try StateStore(path: path).commit(["z": ["x": "y"]])
        let full = try #require(try StateStore.reading(path: path))
        let results = await stage(full).apply(try order("a.example.test"), zones: provider.directory) { _ in }
        let reason = "nothing is ordered because it could not be counted: the state store cannot be written: "
        #expect(results.first?.outcome.detail?.hasPrefix(reason) == true, "\(results)")
    }

    @Test func `a certificate that another certbot got since the plan is used`() async throws {
        let plan = await stage.plan([try host("a.example.test")], zones: provider.directory)
        #expect(plan.hasOrders)
        try await scratch.makeCertificate("a", names: ["a.example.test"])
        try await scratch.run("mkdir", "-p", "letsencrypt")
        try await scratch.store("a", key: "a", as: "a.example.test", in: "letsencrypt")
        clock.setNow(SystemClock().now)
        // An account, for there is no certbot here that could register one.
        let account = "letsencrypt/accounts/\(CertbotSettings.production.dropFirst("https://".count))/1"
        try await scratch.run("mkdir", "-p", account)
        try scratch.write("{}", to: "\(account)/regr.json")
        let result = try #require(await stage.apply(plan, zones: provider.directory) { _ in }.first)
        #expect(result.outcome.word == "changed", "\(result.outcome)")
        #expect(result.lineage == "a.example.test" && result.fingerprint != nil)
    }

    @Test func `the key group can read the keys of requested certificates, and no others`() async throws {
        try await scratch.run("mkdir", "-p", "letsencrypt")
        for name in ["a.example.test", "mail.example.test"] {
            try await scratch.makeCertificate(name, names: [name])
            try await scratch.store(name, key: name, as: name, in: "letsencrypt")
            try await scratch.run("chmod", "600", "letsencrypt/archive/\(name)/privkey1.pem")
        }
        clock.setNow(SystemClock().now)
        let stage = CertificateStage.withoutCertbot(in: scratch, state: state, clock: clock) { settings in
            settings.options.keyGroup = "daemon"
        }
        let plan = await stage.plan([try host("a.example.test")], zones: provider.directory)
        _ = await stage.apply(plan, zones: provider.directory) { _ in }
        let keys = ["a.example.test", "mail.example.test"].map { "letsencrypt/archive/\($0)/privkey1.pem" }
        #expect(try await scratch.run(["stat", "--format=%a %G"] + keys) == "640 daemon\n600 root\n")
    }

    @Test func `a failure is forgotten when no label has requested the names for a week`() async throws {
        let record = #"{"count":4,"last":"\#(clock.now)","names":["pr.example.test"],"reason":"no TXT"}"#
        try state.commit(["certificate-failures": ["pr.example.test": record]])
        let plan = CertificatePlan(steps: [])
        _ = await stage.apply(plan, zones: provider.directory) { _ in }
        #expect(try state.texts(in: "certificate-failures").keys.sorted() == ["pr.example.test"])
        clock.advance(by: .seconds(7 * 86_400 + 1))
        _ = await stage.apply(plan, zones: provider.directory) { _ in }
        #expect(try state.texts(in: "certificate-failures").isEmpty)
    }

    @Test func `a plugin solves challenges in zones of no provider`() async throws {
        let hosts = [
            try host("a.elsewhere.org"),
            DesiredHost(
                name: try DomainName("b.elsewhere.org"),
                origin: Origin(kind: .service, id: "1", name: "web"),
                certificate: .wildcard
            ),
        ]
        let own = await stage.plan(hosts, zones: provider.directory)
        #expect(!own.hasOrders && own.steps.count == 2)
        let authenticator = try CertbotAuthenticator(named: "dns-route53", credentials: Secret("x = y"))
        let stage = CertificateStage.withoutCertbot(in: scratch, state: state, clock: clock) { settings in
            settings.authenticator = authenticator
        }
        let plan = await stage.plan(hosts, zones: provider.directory)
        #expect(plan.steps.filter(\.isOrder).map(\.lineage) == ["a.elsewhere.org", "wildcard.elsewhere.org"])
    }

    @Test func `a damaged renewal configuration is refused, and nothing is ordered for it`() async throws {
        try await scratch.makeCertificate("a", names: ["a.example.test"], days: 1)
        try await scratch.run("mkdir", "letsencrypt")
        try await scratch.store("a", key: "a", as: "a.example.test", in: "letsencrypt")
        try scratch.write("version = 2.1.0\n", to: "letsencrypt/renewal/a.example.test.conf")
        clock.setNow(SystemClock().now + .seconds(80_000))
        let plan = await stage.plan([try host("a.example.test")], zones: provider.directory)
        let path = "\(scratch.path)/letsencrypt/renewal/a.example.test.conf"
        guard case .refuse(let reason) = plan.steps.first?.action else {
            Issue.record("\(plan)")
            return
        }
        #expect(reason.hasPrefix("\(path) is damaged: it ends before its section renewalparams"), "\(reason)")
    }

    @Test func `a label that is changed and changed back is not delayed`() async throws {
        let names = [try DomainName("a.example.test")]
        let record = #"{"count":3,"last":"\#(clock.now)","names":["a.example.test"],"reason":"no TXT"}"#
        let other = record.replacing("a.ex", with: "b.ex")
        try state.commit(["certificate-failures": ["a.example.test": record, "b.example.test": other]])
        let shared = CertificateStep(lineage: "shop", names: names, action: .keep(notAfter: clock.now))
        _ = await stage.apply(CertificatePlan(steps: [shared]), zones: provider.directory) { _ in }
        #expect(
            try state.texts(in: "certificate-failures").keys.sorted() == ["b.example.test"],
            "no label requests that one now"
        )
    }

    @Test func `what a crash left is repaired without an order`() async throws {
        try await scratch.makeCertificate("a", names: ["a.example.test"])
        try await scratch.run("mkdir", "letsencrypt")
        try await scratch.store("a", key: "a", as: "a.example.test", in: "letsencrypt")
        let run = "\(scratch.path)/state/certbot/run/a.example.test"
        try await scratch.run("mkdir", "-p", "\(run)/work")
        try await scratch.run("ln", "-s", "\(scratch.path)/letsencrypt/live", "\(run)/live")
        try scratch.write("dns_cloudflare_api_token = x\n", to: "state/certbot/run/a.example.test/cloudflare.ini")
        let configuration = "letsencrypt/renewal/a.example.test.conf"
        try scratch.write("cert = \(run)/live/a.example.test/cert.pem\nwork_dir = \(run)/work\n", to: configuration)

        let results = await stage.apply(CertificatePlan(steps: []), zones: provider.directory) { _ in }
        #expect(results.isEmpty)
        #expect(try scratch.text(configuration) == "cert = \(scratch.path)/letsencrypt/live/a.example.test/cert.pem\n")
        #expect(try scratch.list("state/certbot/run").isEmpty)
        #expect(stage.onDisk().value?.map(\.lineage) == ["a.example.test"])
    }

    /// A program that holds the lock of a certbot of ours until its task is cancelled.
    private func startOrphan(on lineage: String) async throws -> Task<String, any Error> {
        let run = "state/certbot/run/\(lineage)"
        try await scratch.run("mkdir", "-p", "\(run)/work", "letsencrypt")
        return try await hold("\(scratch.path)/\(run)/.landfall.lock")
    }

    @Test func `an orphan is waited for, and what it stored is not ordered again`() async throws {
        let orphan = try await startOrphan(on: "a.example.test")
        let waiting = Task { await stage.awaitOrphans() }
        await clock.sleepers(1)
        #expect(try scratch.list("letsencrypt").contains(".certbot.lock"), "it writes there still")

        try await scratch.makeCertificate("a", names: ["a.example.test"])
        try await scratch.store("a", key: "a", as: "a.example.test", in: "letsencrypt")
        orphan.cancel()
        _ = try await orphan.value
        clock.advance(by: .milliseconds(500))
        await waiting.value
        #expect(try !scratch.list("letsencrypt").contains(".certbot.lock"))
        clock.setNow(SystemClock().now)
        let plan = await stage.plan([try host("a.example.test")], zones: provider.directory)
        #expect(plan.steps.map(\.isOrder) == [false])
        #expect(await stage.apply(plan, zones: provider.directory) { _ in }.map(\.outcome) == [.unchanged])
    }

    @Test func `an orphan that does not end holds its lineage, and no other`() async throws {
        let orphan = try await startOrphan(on: "a.example.test")
        // Half written, as the disk is while certbot stores a certificate.
        try await scratch.run("mkdir", "-p", "letsencrypt/renewal")
        try scratch.write("version = 2.1.0\n", to: "letsencrypt/renewal/a.example.test.conf")
        let waiting = Task { await stage.awaitOrphans() }
        for _ in 0..<120 {
            await clock.sleepers(1)
            clock.advance(by: .milliseconds(500))
        }
        await waiting.value
        let hosts = try [host("a.example.test"), host("b.example.test")]
        let plan = await stage.plan(hosts, zones: provider.directory)
        let lock = "\(scratch.path)/state/certbot/run/a.example.test/.landfall.lock"
        let reason = "a certbot of an earlier run is still at work on it: it holds \(lock)"
        #expect(plan.steps.map(\.action) == [.wait(reason), .issue("there is no certificate yet")])
        orphan.cancel()
        _ = try await orphan.value
    }

    @Test func `steps without orders have results as planned`() async throws {
        let names = [try DomainName("a.example.test")]
        let steps: [CertificateStep] = [
            .init(lineage: "keep", names: names, action: .keep(notAfter: clock.now)),
            .init(lineage: "refuse", names: names, action: .refuse("no zone")),
            .init(lineage: "wait", names: names, action: .wait("until later")),
        ]
        let results = await stage.apply(CertificatePlan(steps: steps), zones: provider.directory) { _ in }
        #expect(results.map(\.lineage) == ["keep", "refuse", "wait"])
        #expect(results.map(\.outcome) == [.unchanged, .refused("no zone"), .failed("until later")])
    }
}

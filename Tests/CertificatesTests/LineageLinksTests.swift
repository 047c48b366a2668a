import Files
import Model
import Ports
import Processes
import Report
import State
import TestSupport
import Testing
import Timing

@testable import Certificates

/// certbot's links in `live`, and what may become of them.
@Suite(.limited(minutes: 2)) struct LineageLinksTests {
    private static let name = "a.example.test"
    private static let kinds = ["cert", "chain", "fullchain", "privkey"]

    private let scratch: Scratch
    private let provider: FakeProvider
    private let state: StateStore
    private let clock = TestClock()

    init() throws {
        scratch = try Scratch()
        provider = FakeProvider(zone: try DomainName("example.test"))
        state = try .inMemory()
        clock.setNow(SystemClock().now)
    }

    private var live: String { "letsencrypt/live/\(Self.name)" }
    private var archive: String { "letsencrypt/archive/\(Self.name)" }

    private func stage(_ files: (any Files)? = nil, program: String? = nil) -> CertificateStage {
        .withoutCertbot(
            in: scratch,
            state: state,
            clock: clock,
            files: files,
            processes: program == nil ? NoProcesses() : SpawnRunner()
        ) { settings in
            if let program { settings.program = program }
        }
    }

    private func hosts() throws -> [DesiredHost] {
        [DesiredHost(name: try DomainName(Self.name), origin: Origin(kind: .service, id: "1", name: "web"))]
    }

    private func plan(_ stage: CertificateStage? = nil) async throws -> CertificatePlan {
        await (stage ?? self.stage()).plan(try hosts(), zones: provider.directory)
    }

    private func apply(_ plan: CertificatePlan, _ stage: CertificateStage? = nil) async -> CertificateReport? {
        await (stage ?? self.stage()).apply(plan, zones: provider.directory) { _ in }.first
    }

    /// Puts a certificate into `live` and, as its first generation, into `archive`.
    private func store(days: Int = 90) async throws {
        try await scratch.run("mkdir", "-p", "letsencrypt")
        try await scratch.makeCertificate("one", names: [Self.name], days: days)
        try await scratch.store("one", key: "one", as: Self.name, in: "letsencrypt")
    }

    @Test func `a certificate that was lost is new again under the number that it had`() async throws {
        let folder = "\(scratch.path)/letsencrypt"
        let certificates = CertificateStore(directory: folder, files: scratch.files, clock: clock)
        try await store()
        #expect(LineageSnapshot(of: Self.name, in: certificates).links?.current == 1)
        try await scratch.run("rm", "-r", live, archive)
        let before = LineageSnapshot(of: Self.name, in: certificates)
        #expect(before.onDisk.usable == nil && before.links == nil)
        try await store()
        let after = LineageSnapshot(of: Self.name, in: certificates)
        let certificate = try #require(after.onDisk.usable)
        let names = [try DomainName(Self.name)]
        #expect(after.verdict(since: before, names: names, now: clock.now) == .issued(certificate))
    }

    /// Puts another certificate into `archive`, as what is left of an earlier time.
    private func archive(_ generation: Int, days: Int) async throws {
        try await scratch.makeCertificate("old\(generation)", names: [Self.name], days: days)
        for kind in Self.kinds {
            let source = "old\(generation).\(kind == "privkey" ? "key" : "pem")"
            try await scratch.run("cp", source, "\(archive)/\(kind)\(generation).pem")
        }
    }

    /// Makes `live` what comes back from a backup that follows links.
    private func flatten(_ kinds: [String] = Self.kinds) async throws {
        for kind in kinds {
            try await scratch.run("cp", "--remove-destination", "\(archive)/\(kind)1.pem", "\(live)/\(kind).pem")
        }
    }

    private func links() async throws -> [String] {
        try await Self.kinds.asyncMap { try await scratch.run("readlink", "\(live)/\($0).pem") }
    }

    private func links(to generation: Int) -> [String] {
        Self.kinds.map { "../../archive/\(Self.name)/\($0)\(generation).pem\n" }
    }

    /// An account, for there is no certbot here that could register one.
    private func makeAccount() async throws {
        let account = "letsencrypt/accounts/\(CertbotSettings.production.dropFirst("https://".count))/1"
        try await scratch.run("mkdir", "-p", account)
        try scratch.write("{}", to: "\(account)/regr.json")
    }

    /// A program in certbot's place.
    private func certbot(_ script: String) throws -> String {
        try scratch.write("#!/bin/sh\ncd \(scratch.path)\n\(script)\n", to: "certbot", mode: 0o755)
        return "\(scratch.path)/certbot"
    }

    @Test(arguments: [kinds, ["chain"], ["privkey", "cert"]])
    func `plain files that equal a generation become links again, without an order`(plain: [String]) async throws {
        try await store()
        try await flatten(plain)
        let found = try await plan()
        let warning = try #require(found.report.first?.warning)
        #expect(warning.hasPrefix("live/a.example.test holds plain files instead of certbot's links ("), "\(warning)")
        let folder = "\(scratch.path)/letsencrypt"
        #expect(CertificateFolder.faults(in: folder, files: scratch.files, clock: clock) == [warning])
        let result = try #require(await apply(found))
        #expect(result.outcome == .unchanged && result.warning == nil)
        #expect(try await links() == links(to: 1))
        #expect(try await plan().report.first?.warning == nil)
    }

    @Test func `other plain files are told of at once, and nothing is ordered when they are due`() async throws {
        try await store(days: 90)
        try await flatten()
        try await scratch.makeCertificate("two", names: [Self.name])
        for kind in Self.kinds {
            try await scratch.run("cp", kind == "privkey" ? "two.key" : "two.pem", "\(live)/\(kind).pem")
        }
        let early = try await plan()
        #expect(!early.hasOrders)
        let warning = try #require(early.report.first?.warning)
        #expect(warning.contains("equal no generation") && warning.contains("Restore live/"), "\(warning)")
        #expect(await apply(early)?.warning == warning)
        clock.advance(by: .seconds(80 * 86_400))
        let due = try await plan()
        #expect(due.steps.map(\.action) == [.refuse(warning)])
        #expect(due.report.first?.warning == nil, "it is said once")
        #expect(await apply(due)?.outcome == .refused(warning))
        #expect(try scratch.list("letsencrypt/live") == [Self.name])
    }

    @Test func `that another generation is the newest is told before anything is due`() async throws {
        try await store()
        try await archive(2, days: 1)
        let found = try await plan()
        #expect(!found.hasOrders)
        let warning = try #require(found.report.first?.warning)
        #expect(
            warning.hasPrefix(
                "live/a.example.test leads to generation 1 in archive/a.example.test, though generation 2 is there"
            ),
            "\(warning)"
        )
        #expect(await apply(found)?.warning == warning)
        #expect(try await links() == links(to: 1))
    }

    @Test(arguments: [1, 0])
    func `after a certbot that changed the links and ordered nothing, they lead where they did`(status: Int)
        async throws
    {
        try await store(days: 1)
        try await archive(2, days: 1)
        try await makeAccount()
        let before = try scratch.list(archive)
        clock.advance(by: .seconds(70_000))
        let program = try certbot(
            """
            for kind in cert chain fullchain privkey; do
                ln -sfn ../../archive/\(Self.name)/${kind}2.pem \(live)/$kind.pem
            done
            echo 'the authority says no' >&2
            exit \(status)
            """
        )
        let stage = stage(program: program)
        let order = try await plan(stage)
        #expect(order.hasOrders)
        let result = try #require(await apply(order, stage))
        #expect(result.outcome == .failed("the authority says no"))
        #expect(try await links() == links(to: 1))
        #expect(try scratch.list(archive) == before)
        #expect(try await result.fingerprint?.hex == scratch.fingerprint("one"))
    }

    @Test func `a certbot that is stopped between two links leaves the pair that was there`() async throws {
        try await store(days: 1)
        try await makeAccount()
        try await scratch.makeCertificate("two", names: [Self.name])
        clock.advance(by: .seconds(70_000))
        let program = try certbot(
            """
            for kind in cert chain fullchain; do cp two.pem \(archive)/${kind}2.pem; done
            cp two.key \(archive)/privkey2.pem
            ln -sfn ../../archive/\(Self.name)/fullchain2.pem \(live)/fullchain.pem
            kill -9 $$
            """
        )
        let stage = stage(program: program)
        let result = try #require(await apply(try await plan(stage), stage))
        #expect(result.outcome == .failed("certbot was terminated by signal 9"))
        #expect(try await links() == links(to: 1))
        #expect(try await result.fingerprint?.hex == scratch.fingerprint("one"))
    }

    @Test func `programs are not told of an expired certificate, nor of one that ends before the last`() async throws {
        try await store(days: 90)
        let stage = stage()
        func deliverable() throws -> DeliverableCertificates { try #require(stage.deliverable(saves: true).value) }
        #expect(try deliverable().certificates.count == 1)
        try await archive(2, days: 30)
        for kind in Self.kinds {
            try await scratch.run("ln", "-sfn", "../../archive/\(Self.name)/\(kind)2.pem", "\(live)/\(kind).pem")
        }
        let older = try deliverable()
        #expect(older.certificates.isEmpty)
        #expect(older.heldBack[Self.name]?.contains("before the one it replaces") == true, "\(older.heldBack)")
        clock.advance(by: .seconds(40 * 86_400))
        #expect(try deliverable().heldBack[Self.name]?.contains("expired on") == true)
        #expect(try deliverable().expired.isEmpty, "no program has it")
        try await archive(3, days: 200)
        for kind in Self.kinds {
            try await scratch.run("ln", "-sfn", "../../archive/\(Self.name)/\(kind)3.pem", "\(live)/\(kind).pem")
        }
        #expect(try deliverable().certificates.count == 1)
    }

    @Test func `what Landfall ordered may end before what it replaces`() async throws {
        try await store(days: 90)
        let stage = stage()
        _ = stage.deliverable(saves: true)
        try await store(days: 6)
        let certificate = try #require(stage.onDisk().value?.first)
        stage.delivered.save(certificate)
        #expect(stage.deliverable(saves: true).value?.certificates == [certificate])
    }

    @Test func `nothing is ordered where a file system lacks what certbot needs`() async throws {
        try await makeAccount()
        let files = LinklessFiles(folder: "\(scratch.path)/letsencrypt")
        let stage = stage(files)
        let reason = "nothing is ordered because it could not be stored: \(scratch.path)/letsencrypt: no links"
        #expect(await apply(try await plan(stage), stage)?.outcome == .failed(reason))
        #expect(try state.texts(in: "rate-limit-orders").isEmpty && state.texts(in: "certificate-failures").isEmpty)
    }

    @Test func `a good file system is left as it was`() throws {
        try scratch.files.tryFileSystem(of: scratch.path, for: .run)
        #expect(try scratch.list(".").isEmpty)
    }

    @Test(.enabled(if: SmallDisk.canBeWithoutLinks, "no such file system can be mounted here"))
    func `a file system without symbolic links is recognised`() async throws {
        try await scratch.run("mkdir", "share")
        let disk = try SmallDisk(withoutLinksAt: "\(scratch.path)/share")
        defer { withExtendedLifetime(disk) {} }
        let error = #expect(throws: FileError.self) {
            try scratch.files.tryFileSystem(of: "\(scratch.path)/share", for: .run)
        }
        let words = error?.description ?? ""
        #expect(words.contains("/share: its file system has no symbolic links"), "\(words)")
    }
}

/// A disk of which one folder has no links.
private struct LinklessFiles: DiskFiles {
    let folder: String

    func tryFileSystem(of folder: String, for scope: Scope) throws(FileError) {
        guard folder != self.folder else { throw .failed(folder, reason: "no links") }
    }
}

extension Sequence where Element: Sendable {
    fileprivate func asyncMap<Value>(_ transform: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}

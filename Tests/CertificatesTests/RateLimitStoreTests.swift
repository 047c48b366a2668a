import Log
import Model
import Ports
import State
import TestSupport
import Testing
import Timing
@testable import Certificates

@Suite struct RateLimitStoreTests {
    private let scratch: Scratch
    private let state: StateStore
    private let now = SystemClock().now

    init() throws {
        scratch = try Scratch()
        state = try .inMemory()
    }

    private func makeStore(_ server: String = CertbotSettings.production, state: StateStore? = nil) -> RateLimitStore {
        var settings = CertbotSettings(stateDirectory: scratch.path, hookProgram: "/bin/true", socket: "")
        settings.configDirectory = "\(scratch.path)/letsencrypt"
        settings.server = server
        return RateLimitStore(settings: settings, files: scratch.files, state: state ?? self.state, log: .silent)
    }

    private func order(_ name: String, at time: Timestamp) throws -> OrderRecord {
        OrderRecord(lineage: name, names: [try DomainName(name)], placed: time, isRenewal: false)
    }

    private func uses(_ store: RateLimitStore? = nil, at time: Timestamp? = nil) -> [String] {
        let time = time ?? now
        return (store ?? self.makeStore()).load(now: time).value?.usage(now: time).filter { $0.kind != .failures }
            .map(\.description) ?? []
    }

    @Test func `an order is stored before it is placed, and until it counts no longer`() throws {
        let store = makeStore()
        try store.open(now: now)
        let order = try order("a.example.org", at: now)
        try store.place(order, isUrgent: false)
        let all = [
            "1 of 5 certificates for exactly a.example.org in 7 days", "1 of 50 certificates for example.org in 7 days",
            "1 of 300 orders of the account in 3 hours",
        ]
        #expect(uses() == all, "a crash now would lose nothing")
        #expect(uses(makeStore(CertbotSettings.staging)).isEmpty)
        store.settle(order, .order(failed: []))
        #expect(uses() == [all[2]])
        try makeStore().open(now: now + .days(8))
        #expect(try state.texts(in: "rate-limit-orders").isEmpty)
    }

    @Test func `an order that the authority did not take is removed`() throws {
        let store = makeStore()
        try store.open(now: now)
        let order = try order("a.example.org", at: now)
        try store.place(order, isUrgent: false)
        store.settle(order, .none)
        #expect(uses().isEmpty)
    }

    @Test func `a limit that the authority reports outlives the process`() throws {
        let store = makeStore()
        try store.open(now: now)
        let order = try order("a.example.org", at: now)
        try store.place(order, isUrgent: false)
        let hold = RateLimitHold(.set(order.names), until: now + .hours(9), reason: "the authority says: too many")
        store.settle(order, .limited(hold))
        #expect(uses().isEmpty)
        #expect(makeStore().load(now: now).value?.hold(on: order, now: now) == hold)
        try makeStore().open(now: now + .hours(9))
        #expect(try state.texts(in: "rate-limit-holds").isEmpty)
    }

    @Test func `an order that cannot be stored is not placed, and not stored later`() throws {
        let path = "\(scratch.path)/state.sqlite"
        try makeStore(state: try StateStore(path: path)).open(now: now)
        // One that cannot write, as on a full disk.
        let full = try #require(try StateStore.reading(path: path))
        let store = makeStore(state: full)
        try store.open(now: now)
        let order = try order("a.example.org", at: now)
        #expect(throws: IssuanceError.self) { try store.place(order, isUrgent: false) }
        #expect(uses(makeStore(state: full)).isEmpty)
    }

    @Test func `lost orders are rebuilt from the archive, for the certificates of this authority`() async throws {
        let (production, staging) = (CertbotSettings.production, CertbotSettings.staging)
        try await scratch.makeCertificate("a", names: ["a.example.org", "b.example.org"])
        try await scratch.makeCertificate("b", names: ["c.example.org"])
        try await archive(["b", "a", "a"], as: "shared", server: production)
        try await archive(["b"], as: "c.example.org", server: staging)
        let all = [
            "2 of 5 certificates for exactly a.example.org, b.example.org in 7 days",
            "1 of 5 certificates for exactly c.example.org in 7 days", "2 of 50 certificates for example.org in 7 days",
            "2 of 300 orders of the account in 3 hours",
        ]
        #expect(uses() == all, "already in a plan, which writes nothing")
        #expect(
            makeStore().loadStored(now: now).value?.usage(now: now) == [],
            "showing the usage does not read the archive"
        )
        #expect(try state.texts(in: "rate-limit-orders").isEmpty)
        try makeStore().open(now: now)
        #expect(uses() == all)
        #expect(try state.texts(in: "rate-limit-orders").count == 3)
        try await scratch.run("rm", "-r", "letsencrypt")
        #expect(uses() == all)
        #expect(uses(at: now + .days(8)).isEmpty)
    }

    /// Puts certificates where certbot keeps all that it ever got.
    private func archive(_ certificates: [String], as lineage: String, server: String) async throws {
        try await scratch.run("mkdir", "-p", "letsencrypt/archive/\(lineage)", "letsencrypt/renewal")
        for (index, certificate) in certificates.enumerated() {
            try await scratch.run("cp", "\(certificate).pem", "letsencrypt/archive/\(lineage)/cert\(index + 1).pem")
        }
        try scratch.write(
            "version = 2.1.0\n[renewalparams]\nserver = \(server)\n",
            to: "letsencrypt/renewal/\(lineage).conf"
        )
    }
}

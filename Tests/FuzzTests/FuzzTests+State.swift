@testable import Address
@testable import Certificates
@testable import Docker
@testable import EventStream
import Log
import Model
@testable import Notices
@testable import Pipeline
import Ports
@testable import Records
import Report
@testable import Delivery
import State
@testable import Status
import TestSupport
import Testing
import Timing

/// What the state store holds: it may be damaged, of another version, or somebody else's.
extension FuzzTests {
    private struct Entry {
        let namespace: String
        let key: String
        let text: String
    }

    /// What 0.1.0 did not store.
    private static let others = [
        Entry(
            namespace: "requesters",
            key: "host www.example.test",
            text:
                #"[{"name":"service web","rank":0},{"absent":"2026-11-24T03:00:00.000Z","name":"service old","rank":1}]"#
        ),
        Entry(
            namespace: "delivered-certificates",
            key: "www.example.test",
            text: #"{"fingerprint":"5a5a","notAfter":"2027-01-24T03:00:00.000Z"}"#
        ),
        Entry(namespace: "created-secrets", key: "landfall-1.crt", text: #"{"id":"x","name":"landfall-1-2.crt"}"#),
        Entry(
            namespace: "state-store",
            key: "damaged",
            text: #"{"found":"2026-11-24T03:00:00.000Z","path":"/var/lib/landfall/state","reason":"malformed"}"#
        ),
    ]

    private static func entries(_ snapshot: [String: [String: String]]) -> [Entry] {
        snapshot.sorted { $0.key < $1.key }.flatMap { namespace, texts in
            texts.sorted { $0.key < $1.key }.map { Entry(namespace: namespace, key: $0.key, text: $0.value) }
        }
    }

    private func fuzzState(_ decoder: String, _ entries: [Entry], version: Int) async throws {
        try await fuzz(decoder, entries.map { Array($0.text.utf8) }) { input in
            let entry = entries[input.place]
            let text = String(decoding: input.bytes, as: UTF8.self)
            let store = try StateStore.inMemory([entry.namespace: [entry.key: text]], version: version)
            try Self.useCertificates(store)
            try Self.useNames(store)
            try Self.useNotices(store)
            try Self.useStatus(store)
            try Self.useEngine(store)
            return true
        }
    }

    @Test func `whatever a value in the state store holds, it is used or counts as missing`() async throws {
        let entries = Self.entries(try OldState.migrated().snapshot()) + Self.others
        try await fuzzState("state", entries, version: StateMigration.version)
    }

    @Test func `whatever a value of Landfall 0.1.0 holds, it is migrated or counts as missing`() async throws {
        try await fuzzState("state of 0.1.0", Self.entries(try OldState.snapshot()), version: 0)
    }

    private static let now = Timestamp(seconds: 1_796_023_920)

    private static func useCertificates(_ store: StateStore) throws {
        let name = try DomainName("two.example.test")
        let certificate = CertificateOnDisk(
            lineage: "www.example.test",
            names: [name],
            fingerprint: Fingerprint(hex: "5a5b"),
            notBefore: now - .seconds(86_400),
            notAfter: now + .seconds(86_400),
            changed: now
        )
        let clock = ClockStore(state: store)
        try requireLine(clock.load().reasonForDoubt(at: now) ?? "", "doubt of the clock")
        clock.save(now)
        for record in (FailureStore(state: store, log: .silent).load().value ?? [:]).values {
            let next = FailureRecord.adding(.free("no"), to: record, names: record.names, now: now)
            let wait = next.retryTime(for: record.names, now: now).map { $0 - now } ?? .zero
            try require(wait <= .seconds(86_400), "a pause of \(wait)")
        }
        let lineages = LineageStore(state: store)
        _ = (lineages.load(), lineages.hasStarted)
        let orders = Array(StateStore.Namespace<OrderRecord>("rate-limit-orders", in: store).allIfReadable().values)
        let holds = Array(StateStore.Namespace<RateLimitHold>("rate-limit-holds", in: store).allIfReadable().values)
        let limiter = RateLimiter(.production, orders: orders, holds: holds)
        for order in orders {
            let hold = limiter.hold(on: order, now: now).map { $0.until - now } ?? .zero
            try require(hold <= RateLimitHold.longest, "a hold of \(hold)")
        }
        _ = limiter.usage(now: now).map(\.description)
        for window in RenewalInformationStore(state: store).windows().values {
            let time = RenewalTime(of: certificate, suggested: window).at
            try require(time >= certificate.notBefore && time <= certificate.notAfter, "renewed at \(time)")
        }
        _ = DeliveredCertificateStore(state: store).laterEnd(than: certificate, now: now)
        try requireLine(store.damageNotice(at: now) ?? "", limit: .max, "the notice")
    }

    private static func useNames(_ store: StateStore) throws {
        guard let one = IPAddress("85.214.132.117"), let two = IPAddress("85.214.132.118") else { return }
        for family in ["v4", "v6"] {
            guard var known = try StateStore.Namespace<ConfirmedAddress>("address", in: store).load(family) else {
                continue
            }
            _ = known.observation(unconfirmed: "no answer", .v4, at: now)
            for address in [one, two] { _ = known.apply(.agreed(address, by: ["a", "b"]), at: now) }
            try require(known.earlier.count <= 17, "\(known.earlier.count) earlier addresses")
        }
        let owned = OwnedRecordStore(state: store, clock: LeapingClock(now: now)).load().records.value ?? [:]
        for var status in owned.values {
            status.unreferenced.observe(after: .seconds(300))
            _ = status.unreferenced.isOver(after: .seconds(600))
            try require(
                decodeJSON(OwnedRecordStatus.self, from: encodeJSON(status)) == status,
                "it is stored as another one"
            )
        }
        let host = DesiredHost(
            name: try DomainName("www.example.test"),
            origin: Origin(kind: .service, id: "s", name: "new")
        )
        _ = RequesterStore(state: store).firsts([host], saves: true, at: now)
    }

    private static func useNotices(_ store: StateStore) throws {
        let condition = Condition(
            key: "record/web.example.test",
            value: "A 192.0.2.1",
            line: "web.example.test: created"
        )
        for name in ["slack", "webhook"] {
            var outbox = try OutboxStore(of: name, in: store).load()
            _ = outbox.add(Message(title: "Landfall", lines: [], level: .info), problems: [], of: "default", at: now)
            _ = outbox.discard { _, _ in true }
            try require(outbox.count == 0, "\(outbox.count) notices are left")
            let announced = try AnnouncedCondition.namespace(of: name, in: store).all()
            let message = NoticeDifference(from: announced, to: [condition], unobserved: .nothing).message
            for line in message?.lines ?? [] { try requireLine(line.text, limit: 1300, "a line of a notice") }
        }
    }

    private static func useStatus(_ store: StateStore) throws {
        let daemon = DaemonStatus(version: "1", instance: "one", started: now, isDryRun: false, switchedOff: [])
        let hub = StatusHub(daemon, store: store, clock: LeapingClock(now: now))
        hub.ended(Report(cause: RunCause(Trigger(.once)), started: now, duration: .seconds(1)), at: .zero)
        let document = hub.document
        try require((try? encodeJSON(document)) != nil, "the status cannot be written as JSON")
        try require(document.runs.count <= StatusHistory.runLimit, "\(document.runs.count) runs")
    }

    private static func useEngine(_ store: StateStore) throws {
        let clock = LeapingClock(now: now)
        let reason = ConfirmedEngine(state: store, clock: clock).unreadableReason(of: .plain)
        try requireLine(reason ?? "", "why labels cannot be read")
        _ = try SignalStore(in: store).load()
        if let record = try StateStore.Namespace<EventHistory.Record>("events", in: store).load("history") {
            var history = EventHistory(record, at: now)
            _ = history.isNew(EngineEvent(type: "service", action: "update", id: "s", time: now), at: now)
            let again = history.record(margin: .seconds(60))
            try require((again?.seen.count ?? 0) <= EventHistory.capacity, "\(again?.seen.count ?? 0) events")
        }
        let secrets = StateStore.Namespace<CreatedSecrets.Entry>("created-secrets", in: store)
        _ = CreatedSecrets(secrets, among: [], isSaved: true)
    }
}

import DNS
import Model
import Ports
import TestSupport
@testable import Records

/// One case of `Fixtures/records/`: what is given, and the steps expected.
struct PlannerCase: Sendable, CustomStringConvertible {
    let title: String
    var expected: [String] = []
    var desired: [DesiredHost] = []
    var refusals: [Refusal] = []
    var policy = (instance: "default", proxied: true, mode: RecordPolicy.Mode.upsert, grace: Duration.seconds(600))
    var adopts = false
    var firsts: [String: String] = [:]
    var earlier: [IPAddress] = []
    var v4: Observation<IPAddress>? = IPAddress("93.184.216.34").map { .known($0) }
    var v6: Observation<IPAddress>?
    var zones: [(name: DomainName, provider: String, state: ZoneState)]?
    var hasEdge = true
    var cuts = ZoneCuts()
    var full: String?
    var allowed: [DomainName]?
    var defaultDomain: DomainName?
    var qualification = Qualification.short
    var gone: [DomainName: String] = [:]
    var failures: [String] = []
    var hidden: Set<DomainName>?
    var records: [DNSRecord] = []
    /// Where the zone is not the longest that holds the name.
    var odd: [DNSRecord: DomainName] = [:]
    var owned: [(record: DNSRecord, status: OwnedRecordStatus)] = []
    var forgotten: String?
    var elapsed: Duration?
    var confirmations: [String] = []

    enum ZoneState {
        case readable, unread
        case unavailable(String)
        case unserved(String)

        var unservedReason: String? { if case .unserved(let reason) = self { reason } else { nil } }
    }

    struct BadLine: Error { let line: String }

    var description: String { title }

    static func all(in folder: String) throws -> [PlannerCase] {
        let cases = try FixtureFile.all(in: folder).flatMap { try Self.cases(of: $0) }
        guard !cases.isEmpty else { throw BadLine(line: "no case in \(folder)") }
        return cases
    }

    private static func cases(of fixture: FixtureFile) throws -> [PlannerCase] {
        var cases: [PlannerCase] = []
        for line in try fixture.text().split(separator: "\n") {
            if line.hasPrefix("# ") {
                cases.append(PlannerCase(title: "\(fixture): \(line.dropFirst(2))"))
            } else if cases.isEmpty {
                throw BadLine(line: String(line))
            } else {
                try cases[cases.count - 1].take(line)
            }
        }
        return cases
    }

    private init(title: String) { self.title = title }

    func plan() async throws -> RecordPlan {
        let zones = try zones ?? [(DomainName("example.test"), "Memory", .readable)]
        let entries = zones.map {
            ZoneDirectory.Entry(
                zone: Zone(name: $0.name, id: $0.name.text, unservedReason: $0.state.unservedReason),
                provider: MemoryProvider($0.provider, hasEdge: hasEdge)
            )
        }
        let directory = ZoneDirectory(
            entries: entries,
            allowed: allowed,
            defaultDomain: defaultDomain,
            qualification: qualification,
            failures: failures,
            hidden: hidden,
            gone: gone
        )
        if let full { await directory.full.note(entries[0], full) }
        var actual: [Zone: Observation<ZoneContents>] = [:]
        for (entry, zone) in zip(entries, zones) {
            switch zone.state {
            case .readable:
                let here = records.filter { holder(of: $0, in: entries) == entry.zone.name }
                actual[entry.zone] = .known(
                    ZoneContents(here, cuts: entry.zone.name.text == "example.test" ? cuts : ZoneCuts())
                )
            case .unavailable(let reason): actual[entry.zone] = .unavailable(reason: reason)
            case .unread, .unserved: break
            }
        }
        return RecordPlanner.plan(
            DesiredState(
                directory.place(desired),
                refusals: refusals,
                addresses: PublicAddresses(v4: v4, v6: v6, earlier: earlier),
                confirmations: confirmations,
                first: FirstRequesters(firsts)
            ),
            ActualRecords(zones: directory, contents: actual, owned: owned(entries)),
            policy: RecordPolicy(
                instance: policy.instance,
                defaultProxied: policy.proxied,
                mode: policy.mode,
                grace: policy.grace,
                adopts: adopts
            )
        )
    }

    private func owned(_ entries: [ZoneDirectory.Entry]) -> OwnedRecordSnapshot {
        let records = owned.compactMap { record, status -> (String, OwnedRecordStatus)? in
            guard case .found(let entry) = ZoneDirectory(entries: entries).find(record.name) else { return nil }
            return (OwnedRecord(entry: entry, record: record).key, status)
        }
        return OwnedRecordSnapshot(
            records: forgotten.map { .unavailable(reason: $0) } ?? .known(Dictionary(records) { $1 }),
            elapsed: elapsed,
            readAt: .zero
        )
    }

    private func holder(of record: DNSRecord, in entries: [ZoneDirectory.Entry]) -> DomainName? {
        if let zone = odd[record] { return zone }
        guard case .found(let holder) = ZoneDirectory(entries: entries).find(record.name) else { return nil }
        return holder.zone.name
    }
}

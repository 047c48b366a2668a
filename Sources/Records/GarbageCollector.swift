import DNS
import Model
import Ports
import Report

/// Finds the records that Landfall created and no label requests any more, and decides which may be deleted. Pure.
/// Nothing is deleted after an incomplete read, or when no label requests any host.
struct GarbageCollector {
    /// More than this many are never deleted at once without a confirmation.
    private static let unconfirmedLimit = 5

    private(set) var steps: [RecordStep] = []
    private(set) var deletions: Deletions?
    private(set) var changes = OwnedRecordChanges()
    private let actual: ActualRecords
    private let requested: RequestedNames
    private let policy: RecordPolicy
    private let unreadReason: String?

    /// - Parameter unreadReason: why what is requested is not known in full.
    init(
        _ actual: ActualRecords,
        _ requested: RequestedNames,
        _ policy: RecordPolicy,
        unreadReason: String? = nil
    ) {
        (self.actual, self.requested, self.policy, self.unreadReason) = (actual, requested, policy, unreadReason)
    }

    /// - Parameter planned: the steps for requested names.
    mutating func collect(besides planned: [RecordStep], _ confirmations: [String]) {
        guard let snapshot = actual.owned else { return }
        let changing = Set(planned.compactMap(\.action.changing))
        let all = OwnedRecord.all(in: actual, of: policy.instance)
        let owned = all.filter { !changing.contains($0.record) }
        if let reason = incompleteReason(snapshot) {
            for owned in owned {
                if case .requested = requested.status(of: owned.record) { continue }
                hold(owned, reason)
            }
        } else {
            changes.completeReadAt = snapshot.readAt
            let due = observe(owned, snapshot)
            forget(snapshot, except: Set(all.map(\.key)))
            settle(due, of: all.count, confirmations)
        }
        addNew(planned)
    }

    /// A record is stored before it is created: its zone has to be read for as long as it exists.
    private mutating func addNew(_ planned: [RecordStep]) {
        for step in planned {
            guard let entry = step.zone, let record = step.action.owned(by: policy.instance) else { continue }
            guard case .requested(let requesters) = requested.status(of: record) else { continue }
            changes.records[OwnedRecord(entry: entry, record: record).key] = OwnedRecordStatus(requesters: requesters)
        }
    }

    /// Why this read cannot show which records are unreferenced.
    private func incompleteReason(_ snapshot: OwnedRecordSnapshot) -> String? {
        if let reason = snapshot.records.reason { return reason }
        if let reason = actual.incompleteReason ?? unreadReason { return "not everything could be read: \(reason)" }
        return requested.isEmpty ? "no label requests any host, so nothing is deleted" : nil
    }

    /// Counts for every record whether a label requests it, and returns those whose grace is over.
    private mutating func observe(_ owned: [OwnedRecord], _ snapshot: OwnedRecordSnapshot) -> [OwnedRecord] {
        owned.filter { owned in
            let known = snapshot.records.value?[owned.key]
            var status = known ?? OwnedRecordStatus()
            switch requested.status(of: owned.record, requesters: status.requesters) {
            case .requested(let requesters): status = OwnedRecordStatus(requesters: requesters)
            case .unclear(let reason):
                status.unreferenced = UnreferencedTime()
                hold(owned, reason)
            case .notRequested: status.unreferenced.observe(after: snapshot.elapsed)
            }
            if status != known { changes.records[owned.key] = status }
            guard status.unreferenced.reads > 0 else { return false }
            guard !status.unreferenced.isOver(after: policy.grace) else { return true }
            hold(owned, "no label requests it, \(status.unreferenced.progress(policy.grace))")
            return false
        }
    }

    /// Forgets what is gone from a zone that was read.
    private mutating func forget(_ snapshot: OwnedRecordSnapshot, except owned: Set<String>) {
        let read = Set(actual.zones.entries.filter { actual.contents[$0.zone] != nil }.map { $0.zone.name.text[...] })
        let known = snapshot.records.value ?? [:]
        for key in known.keys where !owned.contains(key) && read.contains(key.prefix { $0 != " " }) {
            changes.records[key] = .some(nil)
        }
    }

    private mutating func settle(_ due: [OwnedRecord], of owned: Int, _ confirmations: [String]) {
        if !due.isEmpty, due.count > Self.unconfirmedLimit || due.count * 2 > owned {
            let code = shortHash(of: due.map(\.key))
            let isConfirmed = confirmations.contains(code)
            let records = due.map { "\($0.record.name) \($0.record.summary)" }
            deletions = Deletions(code: code, records: records, isConfirmed: isConfirmed)
            if !isConfirmed {
                let command = "`landfall once --confirm-deletes \(code)`"
                return due.forEach { hold($0, "one of \(due.count) that no label requests; \(command) deletes them") }
            }
        }
        for owned in due { add(owned, .delete(owned.record)) }
    }

    private mutating func hold(_ owned: OwnedRecord, _ reason: String) { add(owned, .hold(owned.record, reason)) }

    private mutating func add(_ owned: OwnedRecord, _ action: RecordStep.Action) {
        steps.append(RecordStep(host: owned.record.name, zone: owned.entry, action: action))
    }
}

extension RecordStep.Action {
    /// The record that becomes another one.
    var changing: DNSRecord? { if case .update(let old, _) = self { old } else { nil } }

    /// The record of this instance that will exist afterwards.
    fileprivate func owned(by instance: String) -> DNSRecord? {
        switch self {
        case .create(let new): new
        case .update(let old, let new): Ownership(of: old, seenBy: instance) == .ours ? new : nil
        case .keep, .delete, .hold, .refuse, .wait: nil
        }
    }
}

extension UnreferencedTime {
    /// `for 5 min of 10 min, in 2 reads of at least 3`
    fileprivate func progress(_ grace: Duration) -> String {
        let reads = reads == 1 ? "1 read" : "\(reads) reads"
        let time = seen < .seconds(120) ? "\(seen.components.seconds) s" : seen.readable
        return "for \(time) of \(grace.readable), in \(reads) of at least \(Self.minimumReads)"
    }
}

/// Which records labels request, as far as it matters for deleting the others.
struct RequestedNames {
    private struct Name {
        /// Nil if it is unclear what is requested at the name, so any record of it may be meant.
        let kinds: Set<DNSRecord.Kind>?
        let requesters: [String]
    }

    /// Whether labels request a record.
    enum Status: Hashable {
        /// By these services.
        case requested([String])
        /// Perhaps; a clause that says why.
        case unclear(String)
        case notRequested
    }

    private var names: [DomainName: Name] = [:]
    /// Labels that are rejected today, by their service.
    private var rejected: [String: Refusal] = [:]
    /// What may request a record of which no service is known.
    private let anyRejected: Refusal?

    init(_ refusals: [Refusal]) {
        for refusal in refusals where refusal.mayHideAHost {
            rejected[refusal.origin.readable] = rejected[refusal.origin.readable] ?? refusal
        }
        anyRejected = rejected.values.min { "\($0)" < "\($1)" }
    }

    var isEmpty: Bool { names.isEmpty }

    /// Whether a label requests a record at the name.
    func has(_ name: DomainName) -> Bool { names[name] != nil }

    /// - Parameter isClear: whether nothing is refused and nothing waits at the name.
    mutating func add(_ name: DomainName, _ hosts: [DesiredHost], _ reading: DesiredRecords.Reading, isClear: Bool) {
        let requesters = hosts.map(\.origin.readable)
        names[name] = Name(kinds: isClear ? reading.kinds : nil, requesters: Set(requesters).sorted())
    }

    /// - Parameter requesters: the services that are known to have requested it once.
    func status(of record: DNSRecord, requesters: [String] = []) -> Status {
        if let name = names[record.name] {
            return name.kinds?.contains(record.kind) ?? true ? .requested(name.requesters) : .notRequested
        }
        let suspect = requesters.isEmpty ? anyRejected : requesters.lazy.compactMap { rejected[$0] }.first
        return suspect.map { .unclear("a refused label may request it: \($0)") } ?? .notRequested
    }
}

extension Refusal {
    /// Whether what is refused decides which records there are.
    fileprivate var mayHideAHost: Bool {
        ![
            "landfall.dns.proxied", "landfall.dns.ttl", "landfall.certificate", "landfall.certificate.name",
            "landfall.signal",
        ].contains(label)
    }
}

/// Eight hexadecimal digits that identify a list: FNV-1a, 64 bits folded to 32
/// (https://datatracker.ietf.org/doc/html/draft-eastlake-fnv).
func shortHash(of lines: [String]) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in lines.joined(separator: "\n").utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    let folded = String(UInt32(truncatingIfNeeded: hash ^ (hash >> 32)), radix: 16)
    return String(repeating: "0", count: 8 - folded.count) + folded
}

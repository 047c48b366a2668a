import DNS
import Model
import Ports
import Report

/// What is to be remembered of the records that Landfall made.
struct OwnedNotes: Sendable {
    /// For the store: a nil value is forgotten.
    var changes: [String: String?] = [:]
    /// When everything was seen; nil when something was not.
    var sawAllAt: Duration?
}

/// Finds the records that Landfall made and nobody asks for any more, and what may be deleted of them. Pure.
///
/// Nothing is deleted on the strength of a read that missed anything, nor when nothing at all is asked for.
struct GarbageCollector {
    /// More than this many at once are never deleted unasked.
    private static let unaskedLimit = 5

    private(set) var steps: [RecordStep] = []
    private(set) var deletions: Deletions?
    private(set) var notes = OwnedNotes()
    private let policy: RecordPolicy

    /// - Parameter planned: what is done for those who ask.
    init(
        _ truth: ActualRecords,
        _ asked: RequestedNames,
        _ planned: [RecordStep],
        _ confirmations: [String],
        _ policy: RecordPolicy
    ) {
        self.policy = policy
        guard let memory = truth.memory else { return }
        let changing = Set(planned.compactMap(\.action.changing))
        let all = OwnedRecord.all(in: truth, of: policy.instance)
        let owned = all.filter { !changing.contains($0.record) }
        if let obstacle = Self.obstacle(truth, asked, memory) {
            hold(owned, asked, obstacle)
        } else {
            let notes = memory.notes.value ?? [:]
            self.notes.sawAllAt = memory.readAt
            let due = observe(owned, asked, notes, memory.elapsed)
            forget(notes, except: Set(all.map(\.key)), truth)
            settle(due, of: all.count, confirmations)
        }
        announce(planned, asked)
    }

    /// What is about to be made is remembered before it is: its zone has to be read as long as it stands.
    private mutating func announce(_ planned: [RecordStep], _ asked: RequestedNames) {
        for step in planned {
            guard let entry = step.zone, let record = step.action.ours(of: policy.instance) else { continue }
            guard case .asked(let askers) = asked.standing(of: record, askers: []) else { continue }
            notes.changes[OwnedRecord(entry: entry, record: record).key] = OwnedNote(askers: askers).text
        }
    }

    /// Why this read says nothing about what is absent.
    private static func obstacle(_ truth: ActualRecords, _ asked: RequestedNames, _ memory: OwnedRecordSnapshot)
        -> String?
    {
        if let reason = memory.notes.reason { return "what was seen before cannot be read: \(reason)" }
        if let obstacle = truth.obstacle { return "not everything could be seen: \(obstacle)" }
        return asked.isNothing ? "no host at all is asked for, and then nothing is deleted" : nil
    }

    private mutating func hold(_ owned: [OwnedRecord], _ asked: RequestedNames, _ reason: String) {
        for owned in owned {
            if case .asked = asked.standing(of: owned.record, askers: []) { continue }
            hold(owned, reason)
        }
    }

    /// Counts for every record whether somebody asks for it, and returns those whose grace is over.
    private mutating func observe(
        _ owned: [OwnedRecord],
        _ asked: RequestedNames,
        _ known: [String: String],
        _ elapsed: Duration?
    ) -> [OwnedRecord] {
        owned.filter { owned in
            let text = known[owned.key]
            var note = text.flatMap(OwnedNote.init) ?? OwnedNote()
            switch asked.standing(of: owned.record, askers: note.askers) {
            case .asked(let askers): note = OwnedNote(askers: askers)
            case .unclear(let reason):
                note.absence = UnreferencedTime()
                hold(owned, reason)
            case .unasked: note.absence.observe(after: elapsed)
            }
            if note.text != text { notes.changes[owned.key] = note.text }
            guard note.absence.reads > 0 else { return false }
            guard !note.absence.isOver(after: policy.grace) else { return true }
            hold(owned, "nobody asks for it; seen \(note.absence.words(policy.grace))")
            return false
        }
    }

    /// What is gone from a zone that was read needs no memory.
    private mutating func forget(_ known: [String: String], except owned: Set<String>, _ truth: ActualRecords) {
        let read = Set(truth.zones.entries.filter { truth.records[$0.zone] != nil }.map { $0.zone.name.text[...] })
        for key in known.keys where !owned.contains(key) && read.contains(key.prefix { $0 != " " }) {
            notes.changes[key] = .some(nil)
        }
    }

    private mutating func settle(_ due: [OwnedRecord], of owned: Int, _ confirmations: [String]) {
        let isMuch = due.count > Self.unaskedLimit || due.count * 2 > owned
        guard isMuch, !due.isEmpty else { return delete(due) }
        let code = shortHash(of: due.map(\.key))
        let isConfirmed = confirmations.contains(code)
        let records = due.map { "\($0.record.name) \($0.record.summary)" }
        deletions = Deletions(code: code, records: records, isConfirmed: isConfirmed)
        guard !isConfirmed else { return delete(due) }
        let reason = "one of \(due.count) that nobody asks for; `landfall once --confirm-deletes \(code)` deletes them"
        for owned in due { hold(owned, reason) }
    }

    private mutating func delete(_ due: [OwnedRecord]) {
        for owned in due { add(owned, .delete(owned.record)) }
    }

    private mutating func hold(_ owned: OwnedRecord, _ reason: String) {
        add(owned, .hold(owned.record, reason))
    }

    private mutating func add(_ owned: OwnedRecord, _ action: RecordStep.Action) {
        steps.append(RecordStep(host: owned.record.name, zone: owned.entry, action: action))
    }
}

extension RecordStep.Action {
    /// The record that turns into another.
    fileprivate var changing: DNSRecord? { if case .update(let old, _) = self { old } else { nil } }

    /// The record of ours that will stand.
    fileprivate func ours(of instance: String) -> DNSRecord? {
        switch self {
        case .create(let new): new
        case .update(let old, let new): Ownership(of: old, seenBy: instance) == .ours ? new : nil
        case .keep, .delete, .hold, .refuse, .wait: nil
        }
    }
}

extension UnreferencedTime {
    /// `for 5 min of 10 min, in 2 reads of at least 3`
    fileprivate func words(_ grace: Duration) -> String {
        let reads = reads == 1 ? "1 read" : "\(reads) reads"
        let time = seen < .seconds(120) ? "\(seen.components.seconds) s" : seen.readable
        return "for \(time) of \(grace.readable), in \(reads) of at least \(Self.leastReads)"
    }
}

/// Eight hexadecimal digits that stand for a list: FNV-1a, 64 bits folded to 32
/// (https://datatracker.ietf.org/doc/html/draft-eastlake-fnv).
func shortHash(of lines: [String]) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in lines.joined(separator: "\n").utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    let folded = String(UInt32(truncatingIfNeeded: hash ^ (hash >> 32)), radix: 16)
    return String(repeating: "0", count: 8 - folded.count) + folded
}

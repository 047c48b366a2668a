public import DNS
public import Model
import Ports
import Threads

/// Makes the records true.
public struct RecordStage: Sendable {
    /// Zones read, and zones written, at a time.
    private static let width = 8

    private let policy: RecordPolicy
    private let book: OwnedRecordStore?

    /// - Parameter book: without one nothing is ever deleted.
    public init(policy: RecordPolicy, book: OwnedRecordStore? = nil) {
        (self.policy, self.book) = (policy, book)
    }

    /// Reads every zone that holds a desired host – and where records may be deleted, every one in which something of ours
    /// stood –, once, and decides.
    public func plan(_ demand: DesiredState, zones: ZoneDirectory) async -> RecordPlan {
        plan(demand, await read(for: demand.hosts, zones))
    }

    /// Decides by what was read before.
    public func plan(_ demand: DesiredState, _ truth: ActualRecords) -> RecordPlan {
        RecordPlanner.plan(demand, truth, policy: policy)
    }

    /// What stands at one name, and what a run would do about it. Reads no other zone, unless what may be deleted has to be
    /// told.
    ///
    /// - Returns: nil for what stands where the name lies in no zone that may be touched.
    public func look(
        at name: DomainName,
        _ demand: DesiredState,
        zones: ZoneDirectory
    ) async -> (standing: Observation<[DNSRecord]>?, steps: [RecordStep]) {
        let demand = policy.mode == .sync ? demand : demand.about(name)
        let probe = DesiredHost(name: name, origin: Origin(kind: .service, id: "", name: ""))
        let truth = await read(for: demand.hosts + [probe], zones)
        let steps = RecordPlanner.plan(demand, truth, policy: policy).steps.filter { $0.host == name }
        guard case .found(let entry) = zones.find(name) else { return (nil, steps) }
        return (truth.records[entry.zone]?.map { $0.filter { $0.name == name } }, steps)
    }

    /// Whether a record is this instance's: nil for one that bears nobody's mark.
    public func owner(of record: DNSRecord) -> (isOurs: Bool, instance: String)? {
        switch Ownership(of: record, seenBy: policy.instance) {
        case .ours: (true, policy.instance)
        case .otherInstance(let other): (false, sanitized(other, limit: 100))
        case .unmarked: nil
        }
    }

    /// What stands in the zones that matter to `hosts`.
    public func read(for hosts: [DesiredHost], _ zones: ZoneDirectory) async -> ActualRecords {
        let remembered = policy.mode == .sync ? book?.open().zones ?? [] : []
        let entries = Self.needed(by: hosts, remembered, of: zones)
        let reads = await concurrentMap(entries, atMost: Self.width) { await Self.records(in: $0) }
        return ActualRecords(
            zones: zones,
            records: Dictionary(zip(entries.map(\.zone), reads)) { first, _ in first },
            memory: policy.mode == .sync ? book?.open() : nil
        )
    }

    /// Carries the plan out, zone by zone; what one name is refused stops no other. One result per step, in their order.
    public func apply(_ plan: RecordPlan, progress: @escaping ProgressHandler) async -> [RecordResult] {
        if let notes = plan.notes { book?.close(notes.changes, sawAllAt: notes.sawAllAt) }
        let writes = ZoneWrites.all(in: plan)
        let written = await concurrentMap(writes, atMost: Self.width) { await $0.carryOut(progress) }
        let results = written.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
        return plan.steps.enumerated().map { place, step in
            if let result = results[place] { return result }
            let result = RecordResult(standingOf: step)
            if step.isTold { progress(Progress(.record, step.host.text, .ended(result.outcome))) }
            return result
        }
    }

    /// A run ended before anything was read: it does not count as one that saw who asks for what.
    public func loseSight() {
        book?.loseSight()
    }

    /// In the order of the zones, whatever the order of the hosts.
    private static func needed(
        by hosts: [DesiredHost],
        _ remembered: Set<Substring>,
        of zones: ZoneDirectory
    ) -> [ZoneDirectory.Entry] {
        var needed: Set<Zone> = []
        for host in hosts where host.target != .none {
            if case .found(let entry) = zones.find(host.name) { needed.insert(entry.zone) }
        }
        return zones.entries.filter { needed.contains($0.zone) || remembered.contains($0.zone.name.text[...]) }
    }

    private static func records(in entry: ZoneDirectory.Entry) async -> Observation<[DNSRecord]> {
        do throws(ProviderError) {
            return .known(try await entry.provider.records(in: entry.zone))
        } catch {
            return .unavailable(reason: "\(entry.provider.name): \(error)")
        }
    }
}

extension RecordStep {
    /// Whether it is worth a line of progress.
    public var isTold: Bool { if case .hold = action { false } else { true } }
}

extension RecordResult {
    /// Of a step that writes nothing.
    fileprivate init(standingOf step: RecordStep) {
        switch step.action {
        case .keep(let record), .hold(let record, _): self.init(host: step.host, outcome: .unchanged, record: record)
        case .refuse(let reason): self.init(host: step.host, outcome: .refused(reason))
        case .wait(let reason): self.init(host: step.host, outcome: .failed(reason))
        case .create, .update, .delete: self.init(host: step.host, outcome: .failed("its zone is not known"))
        }
    }
}

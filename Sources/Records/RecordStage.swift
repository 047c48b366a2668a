package import DNS
package import Model
import Ports
package import Report
import Threads

/// Reads the zones, plans, and writes the records.
package struct RecordStage: Sendable {
    /// Zones read, and zones written, at a time.
    private static let width = 8

    private let policy: RecordPolicy
    private let store: OwnedRecordStore?

    /// - Parameter store: without one nothing is ever deleted.
    package init(policy: RecordPolicy, store: OwnedRecordStore? = nil) {
        (self.policy, self.store) = (policy, store)
    }

    /// Reads every zone that holds a desired host or, if records may be deleted, a record that Landfall created, and
    /// decides.
    package func plan(_ desired: DesiredState, zones: ZoneDirectory) async -> RecordPlan {
        plan(desired, await read(for: desired.hosts, zones))
    }

    package func plan(_ desired: DesiredState, _ actual: ActualRecords) -> RecordPlan {
        RecordPlanner.plan(desired, actual, policy: policy)
    }

    /// The instance that a record belongs to; nil for one without a mark.
    package func owner(of record: DNSRecord) -> (isOurs: Bool, instance: String)? {
        switch Ownership(of: record, seenBy: policy.instance) {
        case .ours: (true, policy.instance)
        case .otherInstance(let other): (false, sanitized(other, limit: 100))
        case .product, .unmarked: nil
        }
    }

    /// The names at which this instance has a record, or will have when the plan is carried out.
    package func ownNames(in plan: RecordPlan) -> Set<DomainName> {
        Set(plan.steps.filter { isOwn($0.action) }.map(\.host))
    }

    private func isOwn(_ action: RecordStep.Action) -> Bool {
        switch action {
        case .create: true
        case .keep(let record), .update(let record, _): Ownership(of: record, seenBy: policy.instance) == .ours
        case .delete, .hold, .refuse, .wait: false
        }
    }

    /// Reads every zone that holds a desired host or, if records may be deleted, a record that Landfall created.
    package func read(for hosts: [DesiredHost], _ zones: ZoneDirectory) async -> ActualRecords {
        let ownedZones = policy.mode == .sync ? store?.load().zones ?? [] : []
        var needed: Set<Zone> = []
        for host in hosts where host.target != .none {
            if case .found(let entry) = zones.find(host.name) { needed.insert(entry.zone) }
        }
        // In the order of the zones, whatever the order of the hosts.
        let entries = zones.entries.filter {
            $0.zone.unservedReason == nil
                && (needed.contains($0.zone) || ownedZones.contains($0.zone.name.text[...]))
        }
        let reads = await concurrentMap(entries, atMost: Self.width) { await zones.read($0) }
        return ActualRecords(
            zones: zones,
            contents: Dictionary(zip(entries.map(\.zone), reads)) { first, _ in first },
            owned: policy.mode == .sync ? store?.load() : nil
        )
    }

    /// Carries out the plan, zone by zone; a failure at one name stops no other. One report per step, in their order.
    package func apply(_ plan: RecordPlan, progress: @escaping ProgressHandler) async -> [RecordReport] {
        if let changes = plan.ownedChanges { store?.save(changes) }
        let writes = ZoneWrites.all(in: plan)
        let written = await concurrentMap(writes, atMost: Self.width) { await $0.carryOut(progress) }
        let results = written.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
        return plan.steps.enumerated().map { place, step in
            if let result = results[place] { return step.report(result.outcome, current: result.current) }
            // A write without a zone was not carried out.
            let unplaced = Outcome.failed("its zone is not known")
            let report = step.action.write == nil ? step.plannedReport : step.report(unplaced, current: nil)
            if step.isReported { progress(Progress(.record, step.host.text, .ended(report.outcome))) }
            return report
        }
    }

    /// A run ended before it read anything, so the time until the next one does not count towards a deletion.
    package func markReadIncomplete() { store?.markReadIncomplete() }
}

extension RecordStep {
    /// Whether the step is reported as progress.
    package var isReported: Bool { if case .hold = action { false } else { true } }
}

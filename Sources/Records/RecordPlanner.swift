import DNS
import Model
import Ports

/// Decides what to change, from the desired hosts and the existing records. Pure; what could not be read is never written.
package enum RecordPlanner {
    /// - Returns: Steps in the order of the names; several at a name with several records or contradicting labels.
    package static func plan(_ desired: DesiredState, _ actual: ActualRecords, policy: RecordPolicy) -> RecordPlan {
        let hosts = Dictionary(grouping: desired.hosts, by: \.name).filter { $0.value.contains { $0.target != .none } }
        let existing = actual.existing(at: hosts)
        let desiredRecords = DesiredRecords(addresses: desired.addresses, first: desired.first, view: desired.view)
        let adoption = Adoption(desired, policy, actual.zones)
        var requested = RequestedNames(desired.refusals)
        var steps: [RecordStep] = []
        for (name, hosts) in hosts.sorted(by: { $0.key < $1.key }) {
            let reading = desiredRecords.read(hosts)
            // What a proxy is told stands for no other name.
            let isWhole = hosts.allSatisfy { $0.declaration != nil }
            let decided = decide(name, isWhole: isWhole, reading, actual, existing, policy, adoption)
            requested.add(
                name,
                hosts.filter { $0.target != .none },
                reading,
                isClear: !decided.contains { $0.action.isBlocked }
            )
            steps += decided
        }
        let full = actual.zones.full
        guard policy.mode == .sync else {
            let leftovers = Leftovers(actual, requested, policy, besides: steps)
            let hints = steps.compactMap(\.edgeHint) + leftovers.hints(desired.first)
            guard !leftovers.steps.isEmpty else { return RecordPlan(steps: steps, full: full, hints: hints) }
            return RecordPlan(steps: (steps + leftovers.steps).sorted { $0.host < $1.host }, full: full, hints: hints)
        }
        var garbage = GarbageCollector(actual, requested, policy, unreadReason: desired.unreadReason)
        garbage.collect(besides: steps, desired.confirmations)
        return RecordPlan(
            steps: garbage.steps.isEmpty ? steps : (steps + garbage.steps).sorted { $0.host < $1.host },
            full: full,
            deletions: garbage.deletions,
            ownedChanges: actual.owned.map { _ in garbage.changes },
            hints: steps.compactMap(\.edgeHint)
        )
    }

    private static func decide(
        _ name: DomainName,
        isWhole: Bool,
        _ reading: DesiredRecords.Reading,
        _ actual: ActualRecords,
        _ existing: [Zone: [DomainName: [DNSRecord]]],
        _ policy: RecordPolicy,
        _ adoption: Adoption
    ) -> [RecordStep] {
        let action: RecordStep.Action
        switch actual.zones.find(name) {
        case .found(let entry):
            let contents = actual.contents[entry.zone] ?? .unavailable(reason: "its records were not read")
            if let delegation = contents.value?.cuts.delegation(ofHost: name) {
                let reason =
                    "\(delegation), so a record for it in the zone \(entry.zone.name) is not served; give Landfall the "
                    + "provider of \(delegation.name), or remove its NS records from \(entry.zone.name)"
                return [RecordStep(host: name, zone: entry, action: .refuse(reason))]
            }
            let here = contents.map { _ in existing[entry.zone]?[name] ?? [] }
            return NameDecision.actions(reading, here, policy, adoption, hasEdge: entry.provider.hasEdge)
                .map { RecordStep(host: name, zone: entry, action: $0) }
        case .unserved(let entry, let reason):
            return [RecordStep(host: name, zone: entry, action: .wait(reason))]
        case .notAllowed:
            action = .refuse("LANDFALL_ZONES does not allow it: \(list(actual.zones.allowed ?? []))")
        case .noZone(let searched, _) where isWhole && !searched.isEmpty:
            let advice = "give Landfall its zone, or let the label `landfall.host: none` opt its object out"
            action = .refuse("it is in none of the known zones: \(list(searched)); \(advice)")
        case .noZone(let searched, let advice):
            action = .refuse(noZoneReason(name, searched, actual.zones) + (advice.map { "; \($0)" } ?? ""))
        case .gone(_, let reason): action = .wait(reason)
        case .unavailable(let reason): action = .wait(reason)
        }
        return [RecordStep(host: name, zone: nil, action: action)]
    }

    private static func noZoneReason(_ name: DomainName, _ searched: [DomainName], _ zones: ZoneDirectory) -> String {
        guard !searched.isEmpty else { return "no provider lists any zone; check that its credentials may read zones" }
        let below = zones.candidates(for: name).dropFirst().first
        let subject = below.map { "neither it nor \($0) is in any of" } ?? "it is in none of"
        return "\(subject) the known zones: \(list(searched))"
    }

    private static func list(_ names: [DomainName]) -> String {
        let shown = names.prefix(10).map(\.text).joined(separator: ", ")
        return names.count > 10 ? "\(shown) and \(names.count - 10) more" : shown
    }
}

extension ActualRecords {
    /// The existing records at the desired names.
    fileprivate func existing(at names: [DomainName: [DesiredHost]]) -> [Zone: [DomainName: [DNSRecord]]] {
        contents.mapValues { contents in
            Dictionary(grouping: (contents.value?.records ?? []).filter { names[$0.name] != nil }, by: \.name)
        }
    }
}

extension RecordStep.Action {
    fileprivate var isBlocked: Bool {
        switch self {
        case .refuse, .wait: true
        case .create, .update, .keep, .delete, .hold: false
        }
    }
}

/// What Landfall may do with records.
package struct RecordPolicy: Hashable, Sendable {
    package enum Mode: String, Sendable {
        /// Creates what is missing and changes what differs; removes nothing.
        case upsert
        /// Creates what is missing, and never changes a record.
        case create
        /// As `upsert`, and deletes what Landfall created and no label has requested for `grace`.
        case sync
    }

    /// `LANDFALL_INSTANCE`: whose records are ours.
    package let instance: String
    /// `CLOUDFLARE_PROXIED`: for records that Landfall creates where no label decides.
    package let defaultProxied: Bool
    package let mode: Mode
    /// `LANDFALL_DNS_GRACE`: a record is deleted after no label has requested it for this long.
    package let grace: Duration
    /// `LANDFALL_DNS_ADOPT`: whether records that Landfall did not create are changed as if it had.
    package let adopts: Bool

    package init(
        instance: String,
        defaultProxied: Bool,
        mode: Mode,
        grace: Duration = .seconds(600),
        adopts: Bool = false
    ) {
        (self.instance, self.defaultProxied, self.mode) = (instance, defaultProxied, mode)
        (self.grace, self.adopts) = (grace, adopts)
    }

    /// The same, for records that no provider's edge serves.
    package var withoutProxy: RecordPolicy {
        RecordPolicy(instance: instance, defaultProxied: false, mode: mode, grace: grace, adopts: adopts)
    }
}

package import Docker
package import Model
package import Ports
package import State

/// Reads the desired hosts from the labels of services or containers.
package struct Discovery: Sendable {
    let engine: EngineClient
    private let confirmed: ConfirmedEngine
    let rules: DiscoveryRules

    /// - Parameter state: remembers what the engine was.
    package init(engine: EngineClient, rules: DiscoveryRules, state: StateStore, clock: any Clock) {
        (self.engine, self.rules) = (engine, rules)
        confirmed = ConfirmedEngine(state: state, clock: clock)
    }

    /// Unavailable, never empty, if labels cannot be read: on a worker, a locked node, in a Swarm without a leader,
    /// from an engine that does not answer, or whose role or cluster has just changed.
    package func discover() async -> Observation<Discovered> {
        do throws(EngineError) {
            try await engine.negotiate()
            let mode = try await engine.mode()
            if let reason = confirmed.unreadableReason(of: mode) { return .unavailable(reason: reason) }
            if case .plain = mode {
                return .known(Self.read(try await engine.containers(includingStopped: true), rules: rules))
            }
            return .known(Self.read(try await engine.services(), rules: rules))
        } catch {
            return .unavailable(reason: "\(error)")
        }
    }

    /// Reads the labels of a Swarm's services, including those that are scaled to zero.
    package static func read(_ services: [Service], rules: DiscoveryRules) -> Discovered {
        let services = services.filter { !$0.isHelper }
        let subjects = services.map { service in
            let origin = Origin(kind: .service, id: service.id, name: service.name)
            let hints = Hints(rules: rules).hints(on: service)
            return Labelled(origin: origin, labels: service.labels, defaultLineage: service.name, hints: hints)
        }
        return read(subjects, rules: rules)
    }

    /// Reads the labels of a plain engine's containers, including stopped ones, without those of a Swarm's tasks.
    package static func read(_ containers: [Container], rules: DiscoveryRules) -> Discovered {
        let containers = containers.filter { $0.service == nil && !$0.isBeingRemoved }
        let subjects = containers.map { container in
            let origin = Origin(kind: .container, id: container.id, name: container.name)
            let (lineage, hints) = (container.stableName, Hints(rules: rules).hints(on: container))
            return Labelled(origin: origin, labels: container.labels, defaultLineage: lineage, hints: hints)
        }
        return read(subjects, rules: rules)
    }

    private static func read(_ subjects: [Labelled], rules: DiscoveryRules) -> Discovered {
        var hosts: [DesiredHost] = []
        var refusals: [Refusal] = []
        var hints: Set<Hint> = []
        for subject in subjects.sorted(by: { $0.origin.precedes($1.origin) }) {
            var reader = LabelReader(subject, rules: rules)
            let found = reader.hosts()
            hosts += found
            refusals += reader.refusals
            hints.formUnion(subject.hints.map { Hint($0, about: Set(found.map(\.name))) })
        }
        hosts.sort { $0.name == $1.name ? $0.origin.precedes($1.origin) : $0.name < $1.name }
        return Discovered(hosts: hosts, refusals: refusals, hints: hints.sorted())
    }
}

extension Origin {
    /// The engine lists in no order; reports and plans must not depend on it.
    fileprivate func precedes(_ other: Origin) -> Bool { (name, id) < (other.name, other.id) }
}

extension Container {
    static let composeLabels = ["com.docker.compose.project", "com.docker.compose.service"]

    /// Compose numbers its containers, and renames one for a moment while it replaces it; project and service stay.
    fileprivate var stableName: String {
        let parts = Self.composeLabels.compactMap { labels[$0] }
        return parts.count == Self.composeLabels.count ? parts.joined(separator: "-") : name
    }
}

/// The requests of all labels: of services, or of containers on a plain engine.
package struct Discovered: Sendable, Equatable {
    /// Sorted by name, then by origin; a name appears once per origin that requests it.
    package let hosts: [DesiredHost]
    package let refusals: [Refusal]
    /// Labels in a place where they do nothing, each a sentence that names the right place.
    package let hints: [Hint]

    package init(hosts: [DesiredHost], refusals: [Refusal] = [], hints: [Hint] = []) {
        (self.hosts, self.refusals, self.hints) = (hosts, refusals, hints)
    }
}

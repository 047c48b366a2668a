package import Docker
package import Model
package import Ports
package import State

/// Reads the desired hosts from the labels of services, and of containers that belong to none.
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
            let services = try await engine.services()
            return .known(Self.read(services, try await engine.standaloneContainers(), rules: rules))
        } catch {
            return .unavailable(reason: "\(error)")
        }
    }

    /// Reads the labels of a Swarm's services, including those that are scaled to zero, and of containers, including stopped
    /// ones, without those of the services' tasks.
    package static func read(
        _ services: [Service],
        _ containers: [Container] = [],
        rules: DiscoveryRules
    ) -> Discovered {
        let ofServices = services.filter { !$0.isHelper }.map { service in
            let origin = Origin(kind: .service, id: service.id, name: service.name)
            return Labelled(
                origin: origin,
                labels: service.labels,
                defaultLineage: service.name,
                hints: Hints(rules: rules).hints(on: service),
                mounts: service.mounts
            )
        }
        let standalone = containers.filter { $0.service == nil && !$0.isBeingRemoved }
        let ofContainers = standalone.map { container in
            let origin = Origin(kind: .container, id: container.id, name: container.name)
            return Labelled(
                origin: origin,
                labels: container.labels,
                defaultLineage: container.stableName,
                hints: Hints(rules: rules).hints(on: container),
                mounts: container.mounts
            )
        }
        return read(ofServices + ofContainers, rules: rules)
    }

    /// Reads the labels of a plain engine's containers.
    package static func read(_ containers: [Container], rules: DiscoveryRules) -> Discovered {
        read([], containers, rules: rules)
    }

    private static func read(_ subjects: [Labelled], rules: DiscoveryRules) -> Discovered {
        var hosts: [DesiredHost] = []
        var refusals: [Refusal] = []
        var hints: Set<Hint> = []
        var mounts: [PartialMount] = []
        for subject in subjects.sorted(by: { $0.origin.precedes($1.origin) }) {
            var reader = LabelReader(subject, rules: rules)
            let found = reader.hosts()
            hosts += found
            refusals += reader.refusals
            mounts += PartialMount.all(among: subject.mounts, of: subject.origin)
            hints.formUnion(subject.hints.map { Hint($0, about: Set(found.map(\.name))) })
        }
        hosts.sort { $0.name == $1.name ? $0.origin.precedes($1.origin) : $0.name < $1.name }
        return Discovered(hosts: hosts, refusals: refusals, hints: hints.sorted(), mounts: mounts)
    }
}

extension Origin {
    /// The engine lists in no order; reports and plans must not depend on it.
    fileprivate func precedes(_ other: Origin) -> Bool { (name, id) < (other.name, other.id) }
}

extension Container {
    /// Compose numbers its containers, and renames one for a moment while it replaces it; project and service stay.
    fileprivate var stableName: String { composeService ?? name }
}

/// The requests of all labels, and what else is seen of who has them.
package struct Discovered: Sendable, Equatable {
    /// Sorted by name, then by origin; a name appears once per origin that requests it.
    package let hosts: [DesiredHost]
    package let refusals: [Refusal]
    /// Labels in a place where they do nothing, each a sentence that names the right place.
    package var hints: [Hint]
    package let mounts: [PartialMount]

    package init(
        hosts: [DesiredHost],
        refusals: [Refusal] = [],
        hints: [Hint] = [],
        mounts: [PartialMount] = []
    ) {
        (self.hosts, self.refusals, self.hints, self.mounts) = (hosts, refusals, hints, mounts)
    }
}

import Declarations
package import Docker
package import Model
package import Ports
package import State
import Synchronization

/// Reads the desired hosts from the labels of services, of containers that belong to none, and from what else declares them.
package struct Discovery: Sendable {
    let engine: EngineClient
    private let confirmed: ConfirmedEngine
    let rules: DiscoveryRules
    package var sources: SourceSettings { rules.sources }
    private let files: any Files
    /// What the environment of each container declares, which never changes while it is there.
    private let environments = Environments()

    private final class Environments: Sendable {
        let byContainer = Mutex<[String: [String]]>([:])
    }

    /// - Parameters:
    ///   - files: where dynamic files are read, if any are.
    ///   - state: remembers what the engine was.
    package init(
        engine: EngineClient,
        rules: DiscoveryRules,
        files: any Files,
        state: StateStore,
        clock: any Clock
    ) {
        (self.engine, self.rules, self.files) = (engine, rules, files)
        confirmed = ConfirmedEngine(state: state, clock: clock)
    }

    /// Unavailable, never empty, if labels cannot be read: on a worker, a locked node, in a Swarm without a leader,
    /// from an engine that does not answer, or whose role or cluster has just changed.
    package func discover() async -> Observation<Discovered> {
        do throws(EngineError) {
            try await engine.negotiate()
            let mode = try await engine.mode()
            if let reason = confirmed.unreadableReason(of: mode) { return .unavailable(reason: reason) }
            let folder = DeclarationFolders(rules.sources.folders, files).read()
            if case .plain = mode {
                let containers = try await engine.containers(includingStopped: true)
                let environments = try await environments(of: containers)
                return .known(Self.read(containers, environments: environments, folder: folder, rules: rules))
            }
            let services = try await engine.services(countingTasks: rules.sources.readsMore)
            let containers = try await engine.standaloneContainers()
            let environments = try await environments(of: containers)
            return .known(Self.read(services, containers, environments: environments, folder: folder, rules: rules))
        } catch {
            return .unavailable(reason: "\(error)")
        }
    }

    /// By container, where they matter. A container that ended in the meantime has none.
    private func environments(of containers: [Container]) async throws(EngineError) -> [String: [String]] {
        guard rules.sources.reads(.nginxProxy) else { return [:] }
        var known = environments.byContainer.withLock(\.self).filter { id, _ in containers.contains { $0.id == id } }
        for container in containers where known[container.id] == nil {
            do throws(EngineError) {
                known[container.id] = try await engine.container(container.id).declaringEnvironment
            } catch {
                guard case .status(404, _) = error else { throw error }
            }
        }
        environments.byContainer.withLock { [known] in $0 = known }
        return known
    }

    /// Reads the labels of a Swarm's services, including those that are scaled to zero, and of containers, including stopped
    /// ones, without those of the services' tasks.
    package static func read(
        _ services: [Service],
        _ containers: [Container] = [],
        environments: [String: [String]] = [:],
        folder: DeclarationFolders.Reading = .init(),
        rules: DiscoveryRules
    ) -> Discovered {
        let services = services.filter { !$0.isHelper }
        let containers = containers.filter { $0.service == nil && !$0.isBeingRemoved }
        let objects =
            services.map(DeclaringObject.init)
            + containers.map { DeclaringObject($0, environment: environments[$0.id] ?? []) }
        let declared = rules.sources.read(objects, folder.files)
        let ofServices = services.enumerated().map { place, service in
            var subject = Labelled(
                origin: Origin(kind: .service, id: service.id, name: service.name),
                labels: service.labels,
                defaultLineage: service.name,
                mounts: service.mounts
            )
            subject.add(declared.at(.object(place)))
            subject.hints = Hints(rules: rules)
                .hints(on: service, isDeclaredElsewhere: subject.isDeclaredElsewhere)
            return subject
        }
        let ofContainers = containers.enumerated().map { place, container in
            var subject = Labelled(
                origin: Origin(kind: .container, id: container.id, name: container.name),
                labels: container.labels,
                defaultLineage: container.stableName,
                mounts: container.mounts
            )
            subject.add(declared.at(.object(services.count + place)))
            subject.hints = Hints(rules: rules)
                .hints(on: container, isDeclaredElsewhere: subject.isDeclaredElsewhere)
            return subject
        }
        return read(ofServices + ofContainers, declared, folder, rules: rules)
    }

    /// Reads the labels of a plain engine's containers.
    package static func read(
        _ containers: [Container],
        environments: [String: [String]] = [:],
        folder: DeclarationFolders.Reading = .init(),
        rules: DiscoveryRules
    ) -> Discovered {
        read([], containers, environments: environments, folder: folder, rules: rules)
    }

    private static func read(
        _ subjects: [Labelled],
        _ declared: DeclarationsByPlace,
        _ folder: DeclarationFolders.Reading,
        rules: DiscoveryRules
    ) -> Discovered {
        let files = declared.files.map { path in
            var subject = Labelled(origin: Origin(kind: .file, id: path, name: path), defaultLineage: path)
            subject.add(declared.at(.file(path)))
            return subject
        }
        var hosts: [DesiredHost] = []
        var refusals = folder.refusals
        var hints: Set<Hint> = []
        var mounts: [PartialMount] = []
        var (waiting, notes): ([Refusal], [Refusal]) = ([], [])
        for subject in (subjects + files).sorted(by: { $0.origin.precedes($1.origin) }) {
            var reader = LabelReader(subject, rules: rules)
            let found = reader.hosts()
            hosts += found
            refusals += reader.refusals
            mounts += PartialMount.all(among: subject.mounts, of: subject.origin)
            hints.formUnion(subject.hints.map { Hint($0, about: Set(found.map(\.name))) })
            hints.formUnion(reader.hints.map { Hint($0.text, about: [$0.host]) })
            waiting += subject.refusals(.waiting)
            notes += subject.refusals(.note)
        }
        hosts.sort { $0.name == $1.name ? $0.origin.precedes($1.origin) : $0.name < $1.name }
        return Discovered(
            hosts: hosts,
            refusals: refusals,
            hints: hints.sorted(),
            mounts: mounts,
            waiting: waiting + folder.missing,
            notes: notes,
            problems: folder.problems
        )
    }
}

extension Labelled {
    fileprivate mutating func add(_ found: (hosts: [DeclaredHost], unused: [UnusedDeclaration])) {
        (declared, unused) = found
    }

    fileprivate func refusals(_ kind: UnusedDeclaration.Kind) -> [Refusal] {
        unused.filter { $0.kind == kind }.map {
            Refusal(origin: origin, label: $0.key, value: $0.value, reason: $0.reason)
        }
    }
}

/// What the sources found, by where it stands.
private struct DeclarationsByPlace {
    private let hosts: [DeclarationPlace: [DeclaredHost]]
    private let unused: [DeclarationPlace: [UnusedDeclaration]]

    init(_ all: Declarations) {
        hosts = Dictionary(grouping: all.hosts, by: \.place)
        unused = Dictionary(grouping: all.unused, by: \.place)
    }

    func at(_ place: DeclarationPlace) -> (hosts: [DeclaredHost], unused: [UnusedDeclaration]) {
        (hosts[place] ?? [], unused[place] ?? [])
    }

    /// The files that declare anything.
    var files: [String] {
        Set((Array(hosts.keys) + unused.keys).compactMap { if case .file(let path) = $0 { path } else { nil } })
            .sorted()
    }
}

extension SourceSettings {
    fileprivate func read(_ objects: [DeclaringObject], _ files: [DeclaringFile]) -> DeclarationsByPlace {
        DeclarationsByPlace(readsMore ? declarations(objects, files) : Declarations())
    }
}

extension DeclaringObject {
    fileprivate init(_ service: Service) {
        self.init(
            kind: .service,
            id: service.id,
            name: service.name,
            labels: service.labels,
            containerLabels: service.containerLabels,
            environment: service.declaringEnvironment,
            state: service.isWithoutTasks ? "without a task" : "running"
        )
    }

    fileprivate init(_ container: Container, environment: [String]) {
        self.init(
            kind: .container,
            id: container.id,
            name: container.name,
            labels: container.labels,
            environment: environment,
            ports: container.ports,
            state: container.state
        )
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

/// The requests of all labels and of what else declares hosts, and what else is seen of the objects that have them.
package struct Discovered: Sendable, Equatable {
    /// Sorted by name, then by origin; a name appears once per origin that requests it.
    package let hosts: [DesiredHost]
    package let refusals: [Refusal]
    /// Labels in a place where they do nothing, each a sentence that names the right place.
    package var hints: [Hint]
    package let mounts: [PartialMount]
    /// What is right and does not count now; the records that it had stay.
    package let waiting: [Refusal]
    /// What is not used, and is meant so.
    package let notes: [Refusal]
    /// What could not be read besides the engine, a sentence each.
    package let problems: [String]

    package init(
        hosts: [DesiredHost],
        refusals: [Refusal] = [],
        hints: [Hint] = [],
        mounts: [PartialMount] = [],
        waiting: [Refusal] = [],
        notes: [Refusal] = [],
        problems: [String] = []
    ) {
        (self.hosts, self.refusals, self.hints, self.mounts) = (hosts, refusals, hints, mounts)
        (self.waiting, self.notes, self.problems) = (waiting, notes, problems)
    }
}

import Docker
import Model

/// The containers whose labels request a signal, on this node and on others.
struct SignalTargets {
    struct Candidate: Sendable, Hashable {
        /// Without lineages yet.
        let target: SignalTarget
        let request: RequestedSignal
        /// When it was created, and so started at the earliest; nil where Docker must be asked for its start.
        let created: Timestamp?
    }

    private(set) var candidates: [Candidate] = []
    private(set) var refusals: [Refusal] = []
    private var knownRefusals: Set<Refusal> = []
    /// The IDs of all containers, whether or not they request a signal.
    private(set) var containers: Set<String> = []
    /// The versions of the Swarm's services, where they were read.
    private(set) var versions: [String: UInt64]?
    private let rules: SignalRules

    init(rules: SignalRules) { self.rules = rules }

    /// Adds the running containers of this node; one that starts later reads the new files by itself.
    mutating func add(_ found: [Container]) {
        containers.formUnion(found.map(\.id))
        for container in found.filter(\.isRunning).sorted(by: { ($0.name, $0.id) < ($1.name, $1.id) }) {
            // A wrong label of a service is one mistake, however many tasks it has.
            let origin =
                container.service.map { Origin(kind: .service, id: $0, name: $0) }
                ?? Origin(kind: .container, id: container.id, name: container.name)
            let isTask = container.service != nil
            add(
                container.labels,
                origin,
                created: isTask ? container.created : nil
            ) { signal in
                SignalTarget(
                    container: container.id,
                    name: container.name,
                    signal: signal,
                    node: nil,
                    isTask: isTask,
                    group: container.service ?? container.composeService.map { "compose \($0)" } ?? container.id,
                    service: container.service ?? container.composeService
                )
            }
        }
    }

    mutating func set(versionsOf services: [Service]) {
        versions = Dictionary(services.map { ($0.name, $0.versionIndex ?? 0) }) { first, _ in first }
    }

    /// Adds the tasks of other nodes.
    mutating func add(_ tasks: [ServiceTask], of services: [Service], except here: String?) {
        let names = services.reduce(into: [:]) { $0[$1.id] = $1.name }
        let found = tasks.compactMap { task -> (task: ServiceTask, container: String, node: String, service: String)? in
            guard let container = task.container, let node = task.node, node != here, let service = names[task.service]
            else { return nil }
            return (task, container, node, service)
        }
        containers.formUnion(found.map(\.container))
        let running = found.filter { $0.task.state == "running" }
        for (task, container, node, service) in running.sorted(by: {
            ($0.service, $0.task.slot, $0.task.id) < ($1.service, $1.task.slot, $1.task.id)
        }) {
            let origin = Origin(kind: .service, id: service, name: service)
            add(task.containerLabels, origin, created: task.created) { signal in
                SignalTarget(
                    container: container,
                    name: task.containerName(ofService: service),
                    signal: signal,
                    node: node,
                    isTask: true,
                    group: service,
                    service: service
                )
            }
        }
    }

    private mutating func add(
        _ labels: [String: String],
        _ origin: Origin,
        created: Timestamp?,
        _ target: (SignalName) -> SignalTarget
    ) {
        do throws(SignalRejection) {
            guard let request = try rules.requestedSignal(in: labels) else { return }
            candidates.append(Candidate(target: target(request.signal), request: request, created: created))
        } catch {
            let refusal = Refusal(origin: origin, label: error.label, value: error.value, reason: error.reason)
            if knownRefusals.insert(refusal).inserted { refusals.append(refusal) }
        }
    }
}

import Docker
import Model

/// The containers that want a signal, on this node and on others, read from their labels.
struct SignalTargets {
    struct Listener: Sendable, Hashable {
        let container: String
        let name: String
        let wish: SignalWish
        /// Nil: this one.
        let node: String?
        /// It started no earlier; nil where that is not all that is known of it.
        let created: Timestamp?
        /// Whether a Swarm sees to its restarts.
        let isTask: Bool
    }

    private(set) var listeners: [Listener] = []
    private(set) var refusals: [Refusal] = []
    /// All that were seen, whether or not they want anything.
    private(set) var containers: Set<String> = []
    private let rules: SignalRules

    init(rules: SignalRules) {
        self.rules = rules
    }

    /// Only running containers can be signalled; one that starts later reads the new files by itself.
    mutating func add(_ found: [Container]) {
        containers.formUnion(found.map(\.id))
        for container in found.filter(\.isRunning).sorted(by: { ($0.name, $0.id) < ($1.name, $1.id) }) {
            // A service's tasks come and go; its label is one mistake.
            let origin =
                container.service.map { Origin(kind: .service, id: $0, name: $0) }
                ?? Origin(kind: .container, id: container.id, name: container.name)
            let isTask = container.service != nil
            add(
                container.id,
                container.name,
                container.labels,
                origin,
                node: nil,
                created: isTask ? container.created : nil,
                isTask: isTask
            )
        }
    }

    /// The tasks of other nodes.
    mutating func add(_ tasks: [ServiceTask], of services: [Service], but here: String?) {
        let names = services.reduce(into: [:]) { $0[$1.id] = $1.name }
        let found = tasks.compactMap { task -> (task: ServiceTask, container: String, node: String, service: String)? in
            guard let container = task.container, let node = task.node, node != here, let service = names[task.service]
            else { return nil }
            return (task, container, node, service)
        }
        containers.formUnion(found.map(\.container))
        for (task, container, node, service) in found.sorted(by: { ($0.service, $0.task.id) < ($1.service, $1.task.id) }
        )
        where task.state == "running" {
            let origin = Origin(kind: .service, id: service, name: service)
            let name = task.containerName(ofService: service)
            add(container, name, task.containerLabels, origin, node: node, created: task.created, isTask: true)
        }
    }

    private mutating func add(
        _ container: String,
        _ name: String,
        _ labels: [String: String],
        _ origin: Origin,
        node: String?,
        created: Timestamp?,
        isTask: Bool
    ) {
        do throws(WishProblem) {
            guard let wish = try rules.wish(in: labels) else { return }
            listeners.append(
                Listener(container: container, name: name, wish: wish, node: node, created: created, isTask: isTask)
            )
        } catch {
            let refusal = Refusal(origin: origin, label: error.label, value: error.value, reason: error.reason)
            if !refusals.contains(refusal) { refusals.append(refusal) }
        }
    }
}

import Docker
import Model

/// The containers that want a signal, read from their labels.
struct SignalSurvey {
    struct Listener: Sendable, Hashable {
        let container: String
        let name: String
        let signal: SignalName
    }

    private(set) var listeners: [Listener] = []
    private(set) var refusals: [Refusal] = []

    /// Only running containers can be signalled; one that starts later reads the new files by itself.
    init(_ containers: [Container], labels: [String]) {
        for container in containers.filter(\.isRunning).sorted(by: { ($0.name, $0.id) < ($1.name, $1.id) }) {
            guard let label = labels.first(where: { container.labels[$0] != nil }), let value = container.labels[label]
            else { continue }
            if let signal = SignalName(value) {
                listeners.append(Listener(container: container.id, name: container.name, signal: signal))
            } else {
                // A service's tasks come and go; its label is one mistake.
                let origin =
                    container.service.map { Origin(kind: .service, id: $0, name: $0) }
                    ?? Origin(kind: .container, id: container.id, name: container.name)
                let reason = "not a signal that a server reloads on; it takes \(SignalName.choices)"
                let refusal = Refusal(origin: origin, label: label, value: value, reason: reason)
                if !refusals.contains(refusal) { refusals.append(refusal) }
            }
        }
    }
}

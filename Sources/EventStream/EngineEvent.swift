package import Docker
package import Model
import Synchronization
package import Timing

/// What is read of one event, the same from every engine from API 1.41 on. `status`, `id` and `from` on its top level went
/// with API 1.52 and are never read; unknown types, actions and fields are allowed.
package struct EngineEvent: Hashable, Sendable {
    /// `service`, `container`, …
    package let type: String
    /// `create`, `update`, …; some carry more after a colon.
    package let action: String
    package let id: String
    /// Of the service or container; the beginning of its id where the engine gives none.
    package let name: String
    /// Whether it has a label that requests hosts. Services' events carry no labels.
    package let hasHostLabel: Bool
    /// Whether it is a container that a Swarm service's task runs in.
    package let isOfSwarmTask: Bool
    /// The engine's own; may be long past.
    package let time: Timestamp

    package init(
        type: String,
        action: String,
        id: String,
        name: String? = nil,
        hasHostLabel: Bool = false,
        isOfSwarmTask: Bool = false,
        time: Timestamp
    ) {
        (self.type, self.action, self.id, self.time) = (type, action, id, time)
        (self.hasHostLabel, self.isOfSwarmTask) = (hasHostLabel, isOfSwarmTask)
        self.name = name ?? String(id.prefix(12))
    }

    /// The trigger for a run; its words come from outside.
    package var trigger: Trigger {
        let reason = sanitized("\(type) \(action)", limit: 60)
        return Trigger(.event, reason, subject: sanitized(name, limit: 100), at: time)
    }
}

/// Which events may change what is desired. Anything more would only cost runs; anything less is made up for by the timer.
package struct Relevance: Sendable {
    private let mode: EngineMode
    private let readsEveryContainer: Bool

    /// - Parameter readsEveryContainer: whether containers without a label that requests hosts matter as well.
    package init(mode: EngineMode, readsEveryContainer: Bool = false) {
        (self.mode, self.readsEveryContainer) = (mode, readsEveryContainer)
    }

    /// What the engine is asked to send in this mode.
    var filter: EventFilter { mode == .plain ? .containers : .all }

    package func isRelevant(_ event: EngineEvent) -> Bool {
        switch (mode, event.type) {
        case (.plain, "container"), (.manager, "container"):
            (event.hasHostLabel || readsEveryContainer) && Self.isOfContainer(event)
        case (.manager, "service"):
            Self.serviceActions.contains(event.action) && !event.name.hasPrefix(Service.helperPrefix)
        default: false
        }
    }

    /// Whether it may be relevant in any mode: a container's health checks are most of what an engine has to tell.
    static func mayBeRelevant(_ event: EngineEvent) -> Bool { event.type == "service" || isOfContainer(event) }

    private static func isOfContainer(_ event: EngineEvent) -> Bool {
        event.type == "container" && !event.isOfSwarmTask && containerActions.contains(event.action)
    }

    private static let serviceActions = ["create", "update", "remove"]
    /// Podman says `died` and `remove` for `die` and `destroy`.
    private static let containerActions = ["create", "start", "die", "died", "destroy", "remove", "rename"]
}

/// The lines of one event stream as a recording may hold them: what an `EngineEvent` holds of every event that may matter.
package final class EventExtract: Sendable {
    private let decoder: Mutex<EventDecoder>
    private let hostLabel: String?

    /// - Parameter hostLabels: the labels that request hosts; the first represents all.
    package init(hostLabels: [String]) {
        decoder = Mutex(EventDecoder(hostLabels: hostLabels))
        hostLabel = hostLabels.first
    }

    /// The events that `chunk` completes, a line of JSON each, and how many lines were none.
    package func lines(in chunk: [UInt8]) -> (events: [String], unreadable: Int) {
        decoder.withLock { decoder in
            let before = decoder.unreadable
            let events = decoder.events(in: chunk)
            return (events.filter(Relevance.mayBeRelevant).map(line), decoder.unreadable - before)
        }
    }

    private func line(of event: EngineEvent) -> String {
        var attributes = ["name": event.name]
        if event.hasHostLabel, let hostLabel { attributes[hostLabel] = "" }
        if event.isOfSwarmTask { attributes[EventReader.swarmTaskLabel] = "" }
        let form: JSONValue = [
            "Type": .string(event.type), "Action": .string(event.action), "timeNano": .integer(event.time.nanoseconds),
            "Actor": ["ID": .string(event.id), "Attributes": .strings(attributes)],
        ]
        return form.description
    }
}

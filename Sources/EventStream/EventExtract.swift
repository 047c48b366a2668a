import Model
import Synchronization

/// The lines of one event stream as a recording may hold them: what an `EngineEvent` holds of every event.
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
            return (events.map(line), decoder.unreadable - before)
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

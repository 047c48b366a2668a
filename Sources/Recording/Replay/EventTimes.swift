import EventStream
import Ports
import Timing

extension RecordedSession {
    /// The parts of its streams, an event's at the moment at which it asked for a run: by that the debounce decided, and
    /// it was a little after the bytes had come.
    var partsInTime: [StreamPart] {
        var decoder = EventDecoder()
        var asked = decisions.compactMap { decision -> (at: Nanoseconds, reason: String)? in
            guard case .triggered(let reason) = decision.content else { return nil }
            return (decision.at, reason)
        }[...]
        var result: [StreamPart] = []
        for (index, part) in parts.enumerated() {
            // What a chunk asks for, it asks for in the order of its lines and before the next one is read.
            let next = parts[(index + 1)...].first { $0.at > part.at }?.at ?? .max
            asked = asked.drop { $0.at < part.at }
            guard case .line(let line) = part.content,
                let reason = decoder.events(in: Array("\(line)\n".utf8)).first?.trigger.description,
                let place = asked.prefix(while: { $0.at < next }).firstIndex(where: { $0.reason == reason })
            else {
                result.append(part)
                continue
            }
            result.append(StreamPart(at: asked[place].at, stream: part.stream, content: part.content))
            asked = asked[(place + 1)...]
        }
        return result
    }
}

import FoundationEssentials
import Model

extension RecordedSession {
    /// The engine's events in words, with the times at which they were read.
    package var engineEvents: [(at: Nanoseconds, text: String)] {
        parts.compactMap { part in
            guard case .line(let line) = part.content,
                let event = try? JSONDecoder().decode(RecordedEvent.self, from: Data(line.utf8))
            else { return nil }
            return (part.at, sanitized("\(event.type) \(event.action) \(event.name)", limit: 120))
        }
    }
}

private struct RecordedEvent: Decodable {
    struct Actor: Decodable {
        let id: String?
        let attributes: [String: String]?

        enum CodingKeys: String, CodingKey { case id = "ID", attributes = "Attributes" }
    }

    let type: String
    let action: String
    let actor: Actor?

    var name: String { actor?.attributes?["name"] ?? String((actor?.id ?? "").prefix(12)) }

    enum CodingKeys: String, CodingKey { case type = "Type", action = "Action", actor = "Actor" }
}

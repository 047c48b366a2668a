import Model
import Ports
import Report
package import Timing

extension RecordedSession {
    package struct Run: Sendable {
        package let cause: RunCause
        package let span: ClosedRange<Nanoseconds>
        package let hasChanges: Bool
    }

    /// The runs in order; the last one may have been cut off.
    package var runs: [Run] {
        var runs: [Run] = []
        var open: (at: Nanoseconds, cause: RunCause)?
        for decision in decisions {
            switch decision.content {
            case .triggered: break
            case .began(let cause): open = (decision.at, cause)
            case .ended(let report):
                guard let begin = open else { continue }
                let span = begin.at...max(begin.at, decision.at)
                runs.append(Run(cause: begin.cause, span: span, hasChanges: report.changes > 0))
                open = nil
            }
        }
        if let open { runs.append(Run(cause: open.cause, span: open.at...max(open.at, length), hasChanges: false)) }
        return runs
    }

    /// When the session had to end, or the recording ends; or earlier, if a limit is given.
    package func end(_ limit: ReplayEnd?) -> Nanoseconds {
        min(sessionEnd.map { $0 - 1 } ?? length, limit?.elapsed(since: header.started).nanoseconds ?? .max)
    }

    /// How often a replay may sleep: for every exchange and part that was recorded, and between them, and more.
    package var sleepLimit: Int { 20_000 + 50 * (exchanges.count + parts.count + decisions.count) }

    /// Whether it ends before its session did, as after a power failure: then the answers to the last questions may be missing.
    package var wasCutOff: Bool { sessionEnd == nil }

    private var sessionEnd: Nanoseconds? { arrivals.first { if case .end = $0.content { true } else { false } }?.at }

    /// The engine's events in words, with the times at which they were read.
    package var engineEvents: [(at: Nanoseconds, text: String)] {
        parts.compactMap { part in
            guard case .line(let line) = part.content,
                let event = try? decodeJSON(RecordedEvent.self, from: Array(line.utf8))
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

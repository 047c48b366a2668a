import Model
import Ports
import Timing

/// One run as a sequence diagram, from the messages that were really exchanged.
package struct SequenceDiagram: Sendable, CustomStringConvertible {
    package enum Language: String, Sendable, CaseIterable { case mermaid, plantuml }

    package let description: String

    /// Nil if there is no such run. 1 is the first run of all; nil is the last one that changed something, or else the
    /// last.
    package init?(of sessions: [RecordedSession], run number: Int?, in language: Language) {
        let runs = sessions.flatMap { session in session.runs.map { (session, $0) } }
        let last = runs.lastIndex { $0.1.hasChanges } ?? runs.count - 1
        let index = number.map { $0 - 1 } ?? last
        guard runs.indices.contains(index) else { return nil }
        let (session, run) = runs[index]
        let title = "run \(index + 1): \(run.cause.reasons.joined(separator: ", "))"
        description = Self.text(RunMessages(session, run, title: title), language).joined(separator: "\n")
    }

    private static func text(_ messages: RunMessages, _ language: Language) -> [String] {
        let names = messages.messages.flatMap { [$0.message.from, $0.message.to] }
        var participants = [RunMessages.landfall]
        var seen = Set(participants)
        for name in names where seen.insert(name).inserted { participants.append(name) }
        let alias = Dictionary(uniqueKeysWithValues: participants.enumerated().map { ($1, "p\($0)") })
        let declarations = participants.map { declaration($0, alias[$0] ?? "", language) }
        let arrows = messages.messages.map { message, count in
            arrow(message, count, from: alias[message.from] ?? "", to: alias[message.to] ?? "", language)
        }
        let title = safe(messages.title)
        return switch language {
        case .mermaid:
            ["---", "title: \"\(title)\"", "---", "sequenceDiagram"] + (declarations + arrows).map { "  " + $0 }
        case .plantuml: ["@startuml", "title \(title)"] + declarations + arrows + ["@enduml"]
        }
    }

    private static func declaration(_ name: String, _ alias: String, _ language: Language) -> String {
        switch language {
        case .mermaid: "participant \(alias) as \(safe(name))"
        case .plantuml: "participant \"\(safe(name))\" as \(alias)"
        }
    }

    private static func arrow(
        _ message: RunMessages.Message,
        _ count: Int,
        from: String,
        to: String,
        _ language: Language
    ) -> String {
        let head = language == .mermaid ? ">>" : ">"
        let text = safe(message.text) + (count > 1 ? " × \(count)" : "")
        return "\(from)\(message.isReply ? "--" : "-")\(head)\(to): \(text)"
    }

    /// Neither language has a way to quote these.
    private static func safe(_ text: String) -> String {
        String(sanitized(text, limit: 120).map { "\";#{}<>%".contains($0) ? " " : $0 })
    }
}

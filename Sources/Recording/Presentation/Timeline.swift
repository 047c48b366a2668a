package import Model

/// What happened in a replay, in order: events, the decisions of the debounce, runs, their stages and outcomes.
package struct Timeline: Sendable {
    package struct Item: Sendable, Codable {
        package enum Kind: String, Sendable, Codable {
            case event, trigger, wait, run, plan, stage, outcome, ended, note
        }

        package let at: Timestamp
        package let kind: Kind
        package let text: String

        package init(at: Timestamp, _ kind: Kind, _ text: String) {
            (self.at, self.kind, self.text) = (at, kind, text)
        }
    }

    package private(set) var items: [Item] = []

    package init() {}

    package mutating func append(_ item: Item) { items.append(item) }

    /// Several timelines as one; what happened at the same time stays in the order of the files.
    package static func merged(_ timelines: [Timeline]) -> Timeline {
        var merged = Timeline()
        let items = timelines.enumerated().flatMap { file, timeline in
            timeline.items.enumerated().map { (file, $0.offset, $0.element) }
        }
        merged.items = items.sorted { ($0.2.at, $0.0, $0.1) < ($1.2.at, $1.0, $1.1) }.map(\.2)
        return merged
    }
}

extension Timeline: CustomStringConvertible {
    package var description: String {
        var writer = TimelineWriter()
        return items.flatMap { writer.lines($0) }.joined(separator: "\n")
    }
}

/// A timeline for people: a line per item under the day it happened on, in UTC.
package struct TimelineWriter {
    private var day = ""

    package init() {}

    package mutating func lines(_ item: Timeline.Item) -> [String] {
        let line = "\(item.at.timeOfDay)  \(item.kind.column)\(item.text)"
        guard item.at.day != day else { return [line] }
        day = item.at.day
        return ["\(day) (UTC)", line]
    }
}

extension Timestamp {
    /// `03:37:00.000`, in UTC.
    package var timeOfDay: String { String(description.dropFirst("2026-11-24T".count).dropLast()) }
}

extension Timeline.Item.Kind {
    fileprivate var column: String { rawValue + String(repeating: " ", count: 9 - rawValue.count) }
}

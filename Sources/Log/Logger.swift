import FoundationEssentials
import Glibc
public import Model

/// Writes one line per fact: a constant message, and what varies as fields.
///
/// JSON lines follow the Elastic Common Schema (https://www.elastic.co/guide/en/ecs/current/), so Fluentd, Elasticsearch
/// and Kibana need no parser of their own; text lines are for people.
public struct Logger: Sendable {
    public enum Level: String, Sendable, Comparable, CaseIterable {
        case debug, info, warning, error

        public static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    public enum Format: String, Sendable, CaseIterable { case json, text }

    public typealias Fields = KeyValuePairs<String, String>

    private let level: Level
    private let format: Format
    private let now: @Sendable () -> Timestamp
    private let write: @Sendable (String) -> Void

    public init(
        level: Level,
        format: Format,
        now: @escaping @Sendable () -> Timestamp,
        write: @escaping @Sendable (String) -> Void
    ) {
        (self.level, self.format, self.now, self.write) = (level, format, now, write)
    }

    /// A logger that writes nothing.
    public static let silent = Logger(level: .error, format: .text, now: { Timestamp(seconds: 0) }, write: { _ in })

    public func debug(_ message: StaticString, _ fields: Fields = [:]) { log(.debug, message, fields) }
    public func info(_ message: StaticString, _ fields: Fields = [:]) { log(.info, message, fields) }
    public func warning(_ message: StaticString, _ fields: Fields = [:]) { log(.warning, message, fields) }
    public func error(_ message: StaticString, _ fields: Fields = [:]) { log(.error, message, fields) }

    public func log(_ level: Level, _ message: StaticString, _ fields: Fields) {
        guard level >= self.level else { return }
        switch format {
        case .json: write(json(level, message, fields))
        case .text: write(text(level, message, fields))
        }
    }

    private func json(_ level: Level, _ message: StaticString, _ fields: Fields) -> String {
        var object = [
            "@timestamp": now().description, "log.level": level.rawValue, "message": "\(message)",
            "ecs.version": "8.11", "service.name": "landfall", "event.dataset": "landfall.log",
        ]
        for (name, value) in fields { object[name] = sanitized(value, limit: 2000) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let line = try? encoder.encode(object) else { return "{}" }
        return String(decoding: line, as: UTF8.self)
    }

    private func text(_ level: Level, _ message: StaticString, _ fields: Fields) -> String {
        let time = now().description.dropFirst(11).prefix(12)
        let word = level.rawValue.uppercased()
        let head = "\(time) \(word)\(String(repeating: " ", count: 7 - word.count)) \(message)"
        return fields.reduce(head) { $0 + "  \($1.key)=\(sanitized($1.value, limit: 2000))" }
    }
}

/// Writes a line to a descriptor in one call, so that lines of several threads never mix.
public func writeLine(_ line: String, to descriptor: Int32) {
    let bytes = Array((line + "\n").utf8)
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard count > 0 || errno == EINTR else { return }
        rest = rest.dropFirst(max(0, count))
    }
}

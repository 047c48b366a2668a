package import Model

/// Writes log lines, each a constant message with what varies as fields: JSON lines by the Elastic Common Schema, which
/// Fluentd, Elasticsearch and Kibana read without a parser, or text lines for people.
package struct Logger: Sendable {
    package enum Level: String, Sendable, Comparable, CaseIterable {
        case debug, info, warning, error

        package static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    package enum Format: String, Sendable, CaseIterable { case json, text }

    package typealias Fields = KeyValuePairs<LogField, LogValue>

    private let level: Level
    private let format: Format
    private let now: @Sendable () -> Timestamp
    private let write: @Sendable (String) -> Void

    package init(
        level: Level,
        format: Format,
        now: @escaping @Sendable () -> Timestamp,
        write: @escaping @Sendable (String) -> Void
    ) {
        (self.level, self.format, self.now, self.write) = (level, format, now, write)
    }

    /// A logger that writes nothing.
    package static let silent = Logger(level: .error, format: .text, now: { Timestamp(seconds: 0) }, write: { _ in })

    package func debug(_ message: StaticString, _ fields: Fields = [:]) { log(.debug, message, fields) }
    package func info(_ message: StaticString, _ fields: Fields = [:]) { log(.info, message, fields) }
    package func warning(_ message: StaticString, _ fields: Fields = [:]) { log(.warning, message, fields) }
    package func error(_ message: StaticString, _ fields: Fields = [:]) { log(.error, message, fields) }

    package func log(_ level: Level, _ message: StaticString, _ fields: Fields) {
        assert(fields.allSatisfy { $0.value.fits($0.key.kind) }, "a field of \(message) has a value of another type")
        guard level >= self.level else { return }
        switch format {
        case .json: write(json(level, message, fields))
        case .text: write(text(level, message, fields))
        }
    }

    private func json(_ level: Level, _ message: StaticString, _ fields: Fields) -> String {
        var object: [LogField: LogValue] = [
            .timestamp: .string(now().description), .level: .string(level.rawValue), .message: "\(message)",
            .ecsVersion: "8.11", .serviceName: "landfall", .dataset: "landfall.log",
        ]
        for (field, value) in fields { object[field] = value }
        let named = Dictionary(uniqueKeysWithValues: object.map { ($0.key.rawValue, $0.value) })
        guard let line = try? encodeJSON(named) else { return "{}" }
        return String(decoding: line, as: UTF8.self)
    }

    private func text(_ level: Level, _ message: StaticString, _ fields: Fields) -> String {
        let time = now().description.dropFirst(11).prefix(12)
        let word = level.rawValue.uppercased()
        let head = "\(time) \(word)\(String(repeating: " ", count: 7 - word.count)) \(message)"
        return fields.reduce(head) { $0 + "  \($1.key.shortName)=\($1.value)" }
    }
}

extension LogValue: Encodable, CustomStringConvertible {
    private static let longestText = 2000
    /// Docker splits a line of more than 16 KiB, and its parts are no JSON. Four fields of a line may be this long.
    private static let mostBytes = 3 << 10

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .string(let text): try container.encode(Self.shortened([text])[0])
        case .strings(let texts): try container.encode(Self.shortened(texts))
        case .int(let number): try container.encode(number)
        case .duration(let duration): try container.encode(duration.nanoseconds)
        case .bool(let flag): try container.encode(flag)
        }
    }

    /// The first texts that fit, and how many more there are.
    private static func shortened(_ texts: [String]) -> [String] {
        let texts = texts.map { cut(sanitized($0, limit: longestText)) }
        var left = mostBytes
        let fitting = texts.prefix { text in
            left -= size(text) + 3
            return left >= 0
        }
        let shown = fitting.isEmpty ? texts.prefix(1) : fitting
        return shown.count == texts.count ? texts : shown + ["\(texts.count - shown.count) more"]
    }

    private static func cut(_ text: String) -> String {
        // A link that is cut leads nowhere.
        var left = text.contains("://") ? 2 * mostBytes : mostBytes
        guard size(text) > left else { return text }
        let scalars = text.unicodeScalars.prefix { scalar in
            left -= size(String(scalar))
            return left >= 0
        }
        return String(scalars) + "…"
    }

    /// The bytes of a text in a JSON string.
    private static func size(_ text: String) -> Int {
        text.utf8.reduce(0) { size, byte in size + ([0x22, 0x2F, 0x5C].contains(byte) ? 2 : 1) }
    }

    package var description: String {
        switch self {
        case .string(let text): sanitized(text, limit: Self.longestText)
        case .strings(let texts): sanitized(texts.joined(separator: "; "), limit: Self.longestText)
        case .int(let number): "\(number)"
        case .duration(let duration): duration.readable
        case .bool(let flag): "\(flag)"
        }
    }
}

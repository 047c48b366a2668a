import FoundationEssentials
import Model

/// What was last said of one key.
struct AnnouncedCondition: Codable, Equatable {
    let value: String
    let isProblem: Bool
    let recovery: String?
    /// Of a problem: whoever was told of it is told of its end.
    let level: NoticeLevel?
    let hosts: [DomainName]?

    init(_ standing: Condition) {
        value = standing.value
        isProblem = standing.isProblem
        recovery = standing.recovery
        level = standing.isProblem ? standing.level : nil
        hosts = standing.isProblem ? standing.hosts : nil
    }

    init?(_ text: String?) {
        guard let text, let told = Stored.value(text, AnnouncedCondition.self) else { return nil }
        self = told
    }

    var text: String? { Stored.text(self) }
}

/// A value as the state store keeps it.
enum Stored {
    static func text(_ value: some Encodable) -> String? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) }
    }

    static func value<Value: Decodable>(_ text: String, _ type: Value.Type = Value.self) -> Value? {
        try? JSONDecoder().decode(type, from: Data(text.utf8))
    }
}

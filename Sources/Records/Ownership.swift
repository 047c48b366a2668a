import Model

/// Whose a record is, told by its comment: `landfall:INSTANCE`, alone or among other words.
enum Ownership: Hashable {
    case ours
    case otherInstance(String)
    /// Nobody's mark: a person or another program made it.
    case unmarked

    private static let prefix = "landfall:"

    static func mark(of instance: String) -> String { prefix + instance }

    init(of record: DNSRecord, seenBy instance: String) {
        let words = (record.comment ?? "").split(whereSeparator: \.isWhitespace)
        guard let mark = words.first(where: { $0.hasPrefix(Self.prefix) }) else {
            self = .unmarked
            return
        }
        let trailing: Set<Character> = [",", ";"]
        let other = String(mark.dropFirst(Self.prefix.count).prefix { !trailing.contains($0) })
        self = other == instance ? .ours : .otherInstance(other)
    }
}

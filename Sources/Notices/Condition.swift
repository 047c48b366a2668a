public import Model

/// Something that holds now and that people may want to know. Notices are made of differences between what holds and
/// what was last said, so nothing is said twice and nothing is lost.
public struct Condition: Sendable, Hashable {
    /// What it is about, stable from run to run: `record/www.example.test`.
    public let key: String
    /// What is compared: a new one is said. It holds nothing that varies without meaning, such as durations.
    public let value: String
    /// How it is said, as a sentence or clause that stands alone.
    public let line: String
    public let level: NoticeLevel
    /// Whether its end is worth a word.
    public let isProblem: Bool
    /// How the end of a problem is said; nil says the line that holds instead, or that the problem is over.
    public let recovery: String?
    public let hosts: [DomainName]

    public init(
        key: String,
        value: String,
        line: String,
        level: NoticeLevel = .info,
        isProblem: Bool = false,
        recovery: String? = nil,
        hosts: [DomainName] = []
    ) {
        self.key = key
        self.value = value
        self.line = line
        self.level = level
        self.isProblem = isProblem
        self.recovery = recovery
        self.hosts = hosts
    }
}

public enum NoticeLevel: String, Sendable, Codable, Comparable, CaseIterable {
    case info, warning, error

    public static func < (left: NoticeLevel, right: NoticeLevel) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

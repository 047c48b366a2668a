package import Model
import State

/// Something that holds now and that people may want to know. A notice reports the difference between the present
/// conditions and those last announced, so nothing is announced twice and nothing is lost.
package struct Condition: Sendable, Hashable {
    /// What it is about, stable from run to run: `record/www.example.test`.
    package let key: String
    /// Compared with the value last announced: a new one is announced. It must not vary without meaning, as durations do.
    package let value: String
    /// The text of the announcement, a sentence or clause that stands alone.
    package let line: String
    package let level: NoticeLevel
    /// Whether its end is announced too.
    package let isProblem: Bool
    /// The text that announces the end of a problem. Nil: the line of the condition that replaces it, or a general text.
    package let recovery: String?
    package let hosts: [DomainName]

    /// - Parameter isProblem: by default, whether it has a recovery.
    package init(
        key: String,
        value: String,
        line: String,
        level: NoticeLevel = .info,
        isProblem: Bool? = nil,
        recovery: String? = nil,
        hosts: [DomainName] = []
    ) {
        (self.key, self.value, self.line, self.level) = (key, value, line, level)
        (self.recovery, self.hosts) = (recovery, hosts)
        self.isProblem = isProblem ?? (recovery != nil)
    }
}

package enum NoticeLevel: String, Sendable, Codable, Comparable, CaseIterable {
    case info, warning, error

    package static func < (left: NoticeLevel, right: NoticeLevel) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// The conditions that a run could not observe: where they are missing, they are neither over nor forgotten.
package struct Unobserved: Sendable, Hashable {
    package static let nothing = Unobserved()
    package static let everything = Unobserved(prefixes: [""])

    private let prefixes: Set<String>
    private let keys: Set<String>
    /// The only keys that were observed after all.
    private let observed: Set<String>

    /// - Parameter prefixes: of keys: `record/` means all records.
    package init(prefixes: Set<String> = [], keys: Set<String> = []) {
        self.init(prefixes, keys, observed: [])
    }

    private init(_ prefixes: Set<String>, _ keys: Set<String>, observed: Set<String>) {
        (self.prefixes, self.keys, self.observed) = (prefixes, keys, observed)
    }

    static func everything(but key: String) -> Unobserved { Unobserved([""], [], observed: [key]) }

    var isEverything: Bool { prefixes.contains("") }

    func adding(keys more: [String]) -> Unobserved { Unobserved(prefixes, keys.union(more), observed: observed) }

    func contains(_ key: String) -> Bool {
        !observed.contains(key) && (keys.contains(key) || prefixes.contains { key.hasPrefix($0) })
    }
}

/// A condition as it was last announced to one receiver, kept in the state store under the condition's key.
struct AnnouncedCondition: Codable, Equatable {
    let value: String
    let isProblem: Bool
    let recovery: String?
    /// Of a problem, so that its end is announced to the same receivers.
    let level: NoticeLevel?
    let hosts: [DomainName]?

    init(_ condition: Condition) {
        value = condition.value
        isProblem = condition.isProblem
        recovery = condition.recovery
        level = condition.isProblem ? condition.level : nil
        hosts = condition.isProblem ? condition.hosts : nil
    }

    static func namespace(of receiver: String, in state: StateStore) -> StateStore.Namespace<AnnouncedCondition> {
        StateStore.Namespace("notices/" + receiver, in: state)
    }
}

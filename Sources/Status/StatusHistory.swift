import FoundationEssentials
import Model
import State

/// What outlives the process: the latest runs, and the last signal and error of each host.
struct StatusHistory {
    /// How many runs are remembered.
    static let runLimit = 50

    /// The latest first.
    var runs: [RunSummary] = []
    var hosts: [DomainName: HostHistory] = [:]
}

/// What a run changes in the history.
struct StatusHistoryChange {
    let run: RunSummary
    /// The histories that changed; nil where nothing is remembered any more.
    let hosts: [DomainName: HostHistory?]

    init(_ run: RunSummary, from before: [DomainName: HostHistory], to now: [DomainName: HostHistory]) {
        self.run = run
        var changes: [DomainName: HostHistory?] = [:]
        for (name, history) in now where !history.isEquivalent(to: before[name]) { changes[name] = history }
        for name in before.keys where now[name] == nil { changes[name] = .some(nil) }
        hosts = changes
    }
}

extension HostHistory {
    /// Whether they differ at most in the time of the last error: one that persists is not written with every run.
    fileprivate func isEquivalent(to other: HostHistory?) -> Bool {
        let (error, otherError) = (lastError, other?.lastError)
        return signal == other?.signal && error?.text == otherError?.text && error?.isOver == otherError?.isOver
            && error?.since == otherError?.since
    }
}

/// The history in the state store, namespace `status`: each run has a key of its own, which the fiftieth run after it reuses.
struct StatusHistoryStore {
    static let namespace = "status"
    let state: StateStore

    /// What cannot be read or decoded is left out.
    func load() -> StatusHistory {
        var history = StatusHistory()
        for (key, text) in (try? state.facts(in: Self.namespace)) ?? [:] {
            let data = Data(text.utf8)
            if key.hasPrefix(Self.runPrefix) {
                (try? JSONDecoder().decode(RunSummary.self, from: data)).map { history.runs.append($0) }
            } else if let name = try? DomainName(key.dropFirst(Self.hostPrefix.count)),
                let host = try? JSONDecoder().decode(HostHistory.self, from: data)
            {
                history.hosts[name] = host
            }
        }
        history.runs.sort { $0.number > $1.number }
        return history
    }

    /// A store that cannot be written says so in the next report.
    func save(_ change: StatusHistoryChange) {
        var facts: [String: String?] = [
            "\(Self.runPrefix)\(change.run.number % StatusHistory.runLimit)": Self.text(change.run)
        ]
        for (name, history) in change.hosts {
            facts["\(Self.hostPrefix)\(name)"] = history.flatMap { Self.text($0) }
        }
        try? state.commit(facts, in: Self.namespace)
    }

    private static let runPrefix = "run/"
    private static let hostPrefix = "host/"

    private static func text(_ value: some Encodable) -> String? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) }
    }
}

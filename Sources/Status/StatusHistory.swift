import FoundationEssentials
import Model
import State

/// What outlives the process: the latest runs, and what was last the matter with each host.
struct StatusHistory {
    /// So many are remembered.
    static let runs = 50

    /// The latest first.
    var runs: [RunSummary] = []
    var histories: [DomainName: HostHistory] = [:]
}

/// What a run adds to it.
struct StatusHistoryChange {
    let run: RunSummary
    /// Those that became others; nil where nothing is remembered any more.
    let histories: [DomainName: HostHistory?]

    init(_ run: RunSummary, from before: [DomainName: HostHistory], to now: [DomainName: HostHistory]) {
        self.run = run
        var changes: [DomainName: HostHistory?] = [:]
        for (name, history) in now where !history.isAsGood(as: before[name]) { changes[name] = history }
        for name in before.keys where now[name] == nil { changes[name] = .some(nil) }
        histories = changes
    }
}

extension HostHistory {
    /// A trouble that goes on is not written down anew with every run.
    fileprivate func isAsGood(as other: HostHistory?) -> Bool {
        signal == other?.signal && trouble?.text == other?.trouble?.text && trouble?.isOver == other?.trouble?.isOver
            && trouble?.since == other?.trouble?.since
    }
}

/// The past in the state store, room `status`: each run in a place of its own, which the fiftieth after it takes over.
struct StatusHistoryStore {
    static let room = "status"
    let state: StateStore

    /// What cannot be read or understood is as good as forgotten.
    func read() -> StatusHistory {
        var past = StatusHistory()
        for (key, text) in (try? state.facts(in: Self.room)) ?? [:] {
            let data = Data(text.utf8)
            if key.hasPrefix(Self.runPrefix) {
                (try? JSONDecoder().decode(RunSummary.self, from: data)).map { past.runs.append($0) }
            } else if let name = try? DomainName(key.dropFirst(Self.hostPrefix.count)),
                let history = try? JSONDecoder().decode(HostHistory.self, from: data)
            {
                past.histories[name] = history
            }
        }
        past.runs.sort { $0.number > $1.number }
        return past
    }

    /// A store that cannot be written says so in the next report.
    func write(_ news: StatusHistoryChange) {
        var facts: [String: String?] = [
            "\(Self.runPrefix)\(news.run.number % StatusHistory.runs)": Self.text(news.run)
        ]
        for (name, history) in news.histories {
            facts["\(Self.hostPrefix)\(name)"] = history.flatMap { Self.text($0) }
        }
        try? state.commit(facts, in: Self.room)
    }

    private static let runPrefix = "run/"
    private static let hostPrefix = "host/"

    private static func text(_ value: some Encodable) -> String? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) }
    }
}

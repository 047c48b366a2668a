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

/// The history in the state store. Each run has a key, which the fiftieth run after it reuses.
struct StatusHistoryStore {
    static let namespaces: Set = [runs, hosts]
    private static let runs = "status/runs"
    private static let hosts = "status/hosts"

    private let state: StateStore
    private let runs: StateStore.Namespace<RunSummary>
    private let hosts: StateStore.Namespace<HostHistory>

    init(state: StateStore) {
        self.state = state
        runs = StateStore.Namespace(Self.runs, in: state)
        hosts = StateStore.Namespace(Self.hosts, in: state)
    }

    /// What cannot be read or decoded is left out.
    func load() -> StatusHistory {
        var history = StatusHistory()
        history.runs = runs.allIfReadable().values.sorted { $0.number > $1.number }
        for (key, host) in hosts.allIfReadable() {
            if let name = try? DomainName(served: key) { history.hosts[name] = host }
        }
        return history
    }

    /// A store that cannot be written says so in the next report.
    func save(_ change: StatusHistoryChange) {
        var changes = StateStore.Changes()
        changes.save(change.run, for: "\(change.run.number % StatusHistory.runLimit)", in: runs)
        changes.add(Dictionary(uniqueKeysWithValues: change.hosts.map { ($0.key.text, $0.value) }), in: hosts)
        try? state.commit(changes)
    }
}

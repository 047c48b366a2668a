import FoundationEssentials
import Model
import State

/// Which certificates each container was last told of, as the state store holds it: room "signals", one fact per container
/// id, and one for the baseline.
struct SignalStore: Sendable {
    typealias Told = [String: Fingerprint]

    private static let room = "signals"
    /// No container has this id.
    private static let baselineKey = "baseline"

    /// What was on disk when there was no state: everybody counts as told of it. Nil when no baseline was ever taken.
    private let baseline: Told?
    private let told: [String: Told]

    init(from state: StateStore) throws(StateError) {
        var told = try state.facts(in: Self.room).mapValues(Self.decode)
        baseline = told.removeValue(forKey: Self.baselineKey)
        self.told = told
    }

    /// As it would be, were a baseline taken now.
    init(baseline: Told) {
        (self.baseline, told) = (baseline, [:])
    }

    var isEmpty: Bool { baseline == nil && told.isEmpty }

    /// Containers of which something is noted.
    var containers: Set<String> { Set(told.keys) }

    func told(to container: String) -> Told { told[container] ?? [:] }

    /// Whether the container is known to have this very certificate.
    func knows(_ certificate: CertificateOnDisk, container: String) -> Bool {
        let last = told[container]?[certificate.lineage] ?? baseline?[certificate.lineage]
        return last == certificate.fingerprint
    }
}

extension SignalStore {
    static func takeBaseline(_ told: Told, in state: StateStore) throws(StateError) {
        try state.commit([baselineKey: encode(told)], in: room)
    }

    /// Adds to what is noted of containers, and forgets the `gone` ones.
    static func note(
        _ news: [String: Told],
        forgetting gone: some Collection<String> = [],
        in state: StateStore
    ) throws(StateError) {
        var changes: [String: String?] = [:]
        for (container, told) in news {
            let before = try state.fact(container, in: room).map(decode) ?? [:]
            changes[container] = encode(before.merging(told) { $1 })
        }
        for container in gone { changes[container] = .some(nil) }
        try state.commit(changes, in: room)
    }

    private static func encode(_ told: Told) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(told)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    /// What cannot be read counts as not told: a second signal is harmless, a missing one is not.
    private static func decode(_ text: String) -> Told {
        (try? JSONDecoder().decode(Told.self, from: Data(text.utf8))) ?? [:]
    }
}

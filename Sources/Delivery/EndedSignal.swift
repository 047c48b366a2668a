import Log
import Model
import State

/// A container that ended at its signal. The containers of its service are not signalled for these certificates again.
struct EndedSignal: Hashable, Sendable, Codable {
    let container: String
    /// What it was called.
    let name: String
    /// `ended at HUP (129)`
    let end: String
    let signal: String
    /// The service of the Swarm or of Compose that it belonged to; nil where it belonged to none.
    let service: String?
    /// Whether the Swarm replaced it.
    let isTask: Bool
    /// The version of the service then; nil where it is not known.
    let version: UInt64?
    /// What it was told of.
    var fingerprints: DeliveredFingerprints.Fingerprints

    /// Whether it matters no longer: its service was changed or removed since, or, where nothing replaced it, it is gone.
    func isOver(_ targets: SignalTargets, group: String) -> Bool {
        guard isTask else { return !targets.containers.contains(container) }
        guard let versions = targets.versions else { return !targets.candidates.contains { $0.target.group == group } }
        guard let now = versions[group] else { return true }
        return version != nil && version != now
    }

    func covers(_ certificate: CertificateOnDisk) -> Bool {
        fingerprints[certificate.lineage] == certificate.fingerprint
    }

    /// What a person should know of it, as long as it holds.
    func hint(_ certificates: [CertificateOnDisk]) -> Hint {
        let names = certificates.filter { fingerprints[$0.lineage] != nil }.flatMap(\.names)
        let lineages = fingerprints.keys.sorted().joined(separator: ", ")
        let others = service.map { "no container of service \(sanitized($0, limit: 100))" } ?? "it"
        let negation = service == nil ? "is not signalled for this again" : "is signalled for this again"
        return Hint(
            "\(displayName(ofContainer: sanitized(name, limit: 100))) \(end), which told it of \(lineages); "
                + "\(others) \(negation); let its server handle \(signal), or take its signal label away",
            about: Set(names)
        )
    }
}

/// The containers that ended at their signal, by what those of their service share.
struct EndedSignalStore: Sendable {
    private let namespace: StateStore.Namespace<EndedSignal>
    private let log: Logger

    init(in state: StateStore, log: Logger) {
        (namespace, self.log) = (StateStore.Namespace("ended-signals", in: state), log)
    }

    /// What cannot be read is left out: one signal too many may follow.
    func load() -> [String: EndedSignal] { namespace.allIfReadable() }

    /// Nil removes.
    func commit(_ changes: [String: EndedSignal?]) {
        guard !changes.isEmpty else { return }
        do throws(StateError) {
            try namespace.commit(changes)
        } catch {
            log.error("cannot save which containers ended at their signal", [.error: "\(error)"])
        }
    }
}

import Model
import State
import Synchronization

/// Stores in which order services came to request hosts, and names of shared certificates.
///
/// A service that is gone keeps its place for an hour, so that no other can take its host while it is deployed anew.
final class RequesterStore: Sendable {
    private static let grace = Duration.seconds(3600)

    struct Requester: Hashable, Sendable, Codable {
        /// `service web`: by the name, because a service that is deployed anew has another ID.
        let name: String
        /// The same for services that came at once.
        let rank: Int
        /// Since when it requests it no more.
        var absent: Timestamp?
    }

    private let namespace: StateStore.Namespace<[Requester]>
    /// What the store holds, by `FirstRequesters.key`; nil until it is read.
    private let known = Mutex<[String: [Requester]]?>(nil)

    init(state: StateStore) { namespace = StateStore.Namespace("requesters", in: state) }

    /// The first requesters as of now.
    ///
    /// - Parameter saves: whether the services that came and went are remembered.
    func firsts(_ hosts: [DesiredHost], saves: Bool, at now: Timestamp) -> FirstRequesters {
        known.withLock { known in
            if known == nil { known = try? namespace.all() }
            // While it is unknown which came first, none did.
            guard let stored = known else { return FirstRequesters() }
            let present = Self.requests(of: hosts)
            var next = present.reduce(into: [String: [Requester]]()) { next, request in
                next[request.key] = Self.merged(stored[request.key] ?? [], request.value, at: now)
            }
            let left = stored.filter { next[$0.key] == nil }.mapValues { Self.merged($0, [], at: now) }
                .filter { !$0.value.isEmpty }
            if saves {
                next.merge(left) { present, _ in present }
                save(next, over: stored)
                known = next
            }
            let firsts = present.keys.reduce(into: [String: String]()) { firsts, key in
                // A certificate on disk outlives its service: no other may replace it in the meantime.
                let isCertificate = key.hasPrefix(FirstRequesters.key(ofCertificate: ""))
                let counting = (next[key] ?? []).filter { isCertificate || $0.absent == nil }
                firsts[key] = Self.first(counting)
            }
            let reserved = present.keys.filter { Self.isReserved(next[$0] ?? []) }
            return FirstRequesters(firsts, reserved: Set(reserved), left: Set(left.keys))
        }
    }

    private func save(_ next: [String: [Requester]], over stored: [String: [Requester]]) {
        var changes = next.filter { stored[$0.key] != $0.value }.mapValues(Optional.some)
        for key in stored.keys where next[key] == nil { changes[key] = .some(nil) }
        // The store itself reports that it cannot be written.
        try? namespace.commit(changes)
    }

    private static func requests(of hosts: [DesiredHost]) -> [String: Set<String>] {
        hosts.reduce(into: [:]) { requests, host in
            let name = host.origin.description
            requests[FirstRequesters.key(of: host.name), default: []].insert(name)
            guard case .shared(let lineage) = host.certificate else { return }
            requests[FirstRequesters.key(ofCertificate: lineage), default: []].insert(name)
        }
    }

    private static func merged(_ stored: [Requester], _ present: Set<String>, at now: Timestamp) -> [Requester] {
        let kept = stored.compactMap { requester -> Requester? in
            let since = requester.absent ?? now
            // A time that is still to come was noted by a clock that has been set back since.
            guard now < since + grace, since <= now + grace else { return nil }
            var requester = requester
            requester.absent = present.contains(requester.name) ? nil : since
            return requester
        }
        let rank = kept.map(\.rank).max()?.saturatingAdding(1) ?? 0
        let new = present.subtracting(kept.map(\.name)).sorted().map { Requester(name: $0, rank: rank) }
        return kept + new
    }

    /// The one that came before all others; nil where several came at once.
    private static func first(_ requesters: [Requester]) -> String? {
        guard let rank = requesters.map(\.rank).min() else { return nil }
        let first = requesters.filter { $0.rank == rank }
        return first.count == 1 ? first[0].name : nil
    }

    /// Whether one that is away came before all that are there, or at once with one of them.
    private static func isReserved(_ requesters: [Requester]) -> Bool {
        let first = requesters.map(\.rank).min()
        return requesters.contains { $0.rank == first && $0.absent != nil }
    }
}

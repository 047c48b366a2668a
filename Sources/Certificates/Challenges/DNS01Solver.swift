package import DNS
package import Log
package import Model
package import Ports
package import State
import Threads
import Timing

/// Waits until DNS shows what a provider was told to publish.
package protocol PropagationWaiting: Sendable {
    /// Returns as soon as every authoritative server of the first zone shows all `values` among the TXT records at `name`; of
    /// the other zones, where an alias leads there.
    func wait(for values: Set<String>, at name: String, zones: [Zone], limit: Duration, scope: Scope) async
        -> PropagationResult
    /// What `name`, in `zone`, is an alias of; nil where it is none.
    func alias(of name: String, zone: Zone, scope: Scope) async -> String?
    /// By zone, the name servers that were no use while others were, as of the last wait for the zone: a sentence each.
    var nameServerFaults: [String: [String]] { get }
}

extension PropagationWaiting {
    package var nameServerFaults: [String: [String]] { [:] }
}

extension Propagation: PropagationWaiting {}

/// Solves certbot's dns-01 challenges through the provider that serves the zone: publishes the TXT values, waits until DNS
/// shows them, and removes them.
///
/// Each certbot has a session, known by its token. The daemon passes on what certbot's hooks send to `POST /hook`.
package actor DNS01Solver {
    /// The wait where no name server can be asked, as where port 53 is closed.
    private static let blindWait = Duration.seconds(30)
    /// The time for removing values while everything shuts down.
    private static let removalLimit = Duration.seconds(3)
    /// All of a certificate's at once: a shutdown waits for them together.
    private static let removalWidth = 100

    let propagation: any PropagationWaiting
    private let limit: Duration
    let store: ChallengeStore
    private let clock: any Clock
    private let randomness: any Randomness
    private let log: Logger
    var sessions: [String: ChallengeSession] = [:]
    /// Values that were removed once although their publication was never confirmed.
    private var removedOnce: Set<String> = []

    /// - Parameter limit: the longest wait for DNS.
    package init(
        propagation: any PropagationWaiting,
        limit: Duration,
        state: StateStore,
        clock: any Clock,
        randomness: any Randomness,
        log: Logger
    ) {
        (self.propagation, self.limit, self.clock, self.randomness) = (propagation, limit, clock, randomness)
        (store, self.log) = (ChallengeStore(state: state), log)
    }

    /// Opens a session for a certbot that is about to be started, and returns its token.
    package func openSession(
        lineage: String,
        names: [DomainName],
        zones: ZoneDirectory,
        progress: @escaping @Sendable (String) -> Void
    ) -> String {
        let token = randomness.token(bytes: 32, for: .certificate(lineage))
        sessions[token] = ChallengeSession(lineage: lineage, names: names, zones: zones, progress: progress)
        return token
    }

    var nameServerFaults: [String: [String]] { propagation.nameServerFaults }

    /// The certificate for which the certbot with that token runs.
    package func lineage(of token: String) -> String? { sessions[token]?.lineage }

    /// Answers one call of a hook: `auth` presents a challenge, `cleanup` cleans it up.
    package func handle(_ request: HookRequest) async -> HookAnswer {
        guard let session = sessions[request.token] else {
            return .rejected("no running certbot has this token")
        }
        do throws(ChallengeError) {
            let challenge = try Challenge(request, allowed: session.names, zones: session.zones)
            switch request.action {
            case .cleanup:
                let values = sessions[request.token]?.published.filter { $0.answers(challenge) } ?? []
                await remove(values, session: request.token)
            case .auth:
                try await publish(challenge, session: request.token)
                // The last call of a session waits until DNS shows all its values.
                if request.remaining <= 0 { try await awaitPropagation(session: request.token) }
            }
            return .accepted
        } catch {
            if request.action == .auth, sessions[request.token]?.error == nil {
                let name = error.name ?? (try? DomainName(request.domain))?.withoutWildcard
                sessions[request.token]?.error = ChallengeError(error.reason, of: name)
            }
            return .rejected(error.reason)
        }
    }

    /// Removes what is still published, and returns why the session's challenges could not be solved, if so.
    package func closeSession(_ token: String) async -> ChallengeError? {
        await remove(sessions[token]?.published ?? [], session: token)
        return sessions.removeValue(forKey: token)?.error
    }

    /// Removes from DNS what interrupted sessions left there.
    ///
    /// - Parameter isBusy: whether a certbot is still at work on a lineage, and may need its values.
    package func removeLeftovers(_ zones: ZoneDirectory, isBusy: (String) -> Bool) async {
        let open = Set(sessions.values.flatMap(\.published).map(\.key))
        let left = store.load().filter { !open.contains($0.key) && !isBusy($0.lineage) }
        let values = left.compactMap { stored in
            zones.entries.first(where: stored.isIn).map { PublishedChallenge(stored: stored, entry: $0) }
        }
        await remove(values)
    }

    /// Waits for all values of the session, for all names at once.
    private func awaitPropagation(session token: String) async throws(ChallengeError) {
        sessions[token]?.progress("waiting for DNS")
        await followAliases(session: token)
        guard let session = sessions[token] else { return }
        let names = Dictionary(grouping: session.published, by: \.requested.name).sorted { $0.key < $1.key }
        let results = await concurrentMap(names, atMost: names.count) { [propagation, limit] name, values in
            let wanted = Set(values.map(\.stored.record.value))
            let zones = values.map(\.requested.entry.zone) + values.map(\.entry.zone)
            let scope = Scope.certificate(session.lineage)
            return (name, await propagation.wait(for: wanted, at: name, zones: zones, limit: limit, scope: scope))
        }
        try await judge(results, of: session)
    }

    private func judge(_ results: [(String, PropagationResult)], of session: ChallengeSession)
        async throws(ChallengeError)
    {
        for case (let name, .absent(let servers, let found)) in results {
            let silent = servers.map(\.description).joined(separator: ", ")
            let alias = session.barredAliases[name].map { "; \($0)" } ?? ""
            let host = try? DomainName(name.dropFirst("_acme-challenge.".count))
            throw ChallengeError(
                "after \(limit.readable) \(silent), \(found), did not show the challenge at \(name)\(alias)",
                of: host
            )
        }
        if results.contains(where: { $0.1 == .unreachable }) {
            log.warning(
                "no authoritative name server answered; waiting a fixed time instead",
                [.certificate: .string(session.lineage), .retryIn: .duration(Self.blindWait)]
            )
            session.progress("name servers cannot be asked, waiting \(Self.blindWait.readable)")
            try? await clock.sleep(for: Self.blindWait)
        }
        session.progress("asking the authority")
    }

    private func remove(_ values: [PublishedChallenge], session token: String) async {
        let removed = await remove(values)
        sessions[token]?.published.removeAll { removed.contains($0.key) }
    }

    /// Removes values from DNS, all at once, and from the store; returns the keys of those that are gone. A value that
    /// could not be removed stays in the store and is removed later.
    @discardableResult
    private func remove(_ values: [PublishedChallenge]) async -> Set<String> {
        guard !values.isEmpty else { return [] }
        let (clock, log) = (clock, log)
        // A task of its own: the run's may have been cancelled, and this must happen all the same.
        let removal = taskOnCurrentExecutor {
            await concurrentMap(values, atMost: Self.removalWidth) { value -> PublishedChallenge? in
                let (record, entry) = (value.stored.record, value.entry)
                let isGone = try? await withTimeout(Self.removalLimit, of: clock) {
                    try await entry.provider.removeChallenge(record, in: entry.zone)
                    return true
                }
                if isGone == true { return value }
                log.warning("a challenge could not be removed; trying again later", [.dnsName: .string(record.name)])
                return nil
            }
        }
        let removed = await removal.value.compactMap { $0 }
        for value in removed where isGoneForGood(value) { store.remove(value.stored) }
        return Set(removed.map(\.key))
    }

    /// A request that was cut off may still be on its way, so a value without a known identifier is removed twice.
    private func isGoneForGood(_ value: PublishedChallenge) -> Bool {
        guard value.stored.record.id.isEmpty, removedOnce.insert(value.key).inserted else {
            removedOnce.remove(value.key)
            return true
        }
        return false
    }
}

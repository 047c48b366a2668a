public import DNS
public import Log
public import Model
public import Ports
public import State
import Threads
import Timing

/// Answers certbot's dns-01 challenges through whatever provider serves the zone: publishes the TXT values, waits until
/// DNS shows them, and takes them back.
///
/// Each certbot gets a session, known by its token. The daemon hands the desk what arrives at `POST /hook`.
public actor DNS01Solver {
    /// In place of looking, where port 53 is closed to us.
    private static let blindWait = Duration.seconds(30)
    /// For taking values back while everything shuts down.
    private static let removalLimit = Duration.seconds(3)
    /// All of a certificate's at once: a shutdown waits for them together.
    private static let removalWidth = 100

    let propagation: any PropagationWaiting
    private let limit: Duration
    let notes: ChallengeStore
    private let clock: any Clock
    private let randomness: any Randomness
    private let log: Logger
    var sessions: [String: ChallengeSession] = [:]
    /// Values looked for once whose publication was never confirmed.
    private var lookedFor: Set<String> = []

    /// - Parameter limit: the longest wait for DNS.
    public init(
        propagation: any PropagationWaiting,
        limit: Duration,
        state: StateStore,
        clock: any Clock,
        randomness: any Randomness,
        log: Logger
    ) {
        self.propagation = propagation
        self.limit = limit
        notes = ChallengeStore(state: state)
        self.clock = clock
        self.randomness = randomness
        self.log = log
    }

    /// Opens a session for a certbot that is about to be started, and returns its token.
    public func open(
        lineage: String,
        names: [DomainName],
        zones: ZoneDirectory,
        progress: @escaping @Sendable (String) -> Void
    ) -> String {
        let token = randomness.token(bytes: 32, for: .certificate(lineage))
        sessions[token] = ChallengeSession(lineage: lineage, names: names, zones: zones, progress: progress)
        return token
    }

    /// The certificate for which a certbot with that token is at work.
    public func lineage(of token: String) -> String? { sessions[token]?.lineage }

    /// Answers one call of the hook. It is slow on purpose: the last `auth` of a session waits for DNS.
    public func serve(_ request: HookRequest) async -> HookAnswer {
        let token = request.token
        guard let session = sessions[token] else {
            return .refused("no certbot of this daemon has that token")
        }
        do throws(ChallengeRefusal) {
            let challenge = try Challenge(request, allowed: session.names, zones: session.zones)
            switch request.action {
            case .cleanup:
                await remove(session.published.filter { $0.isAnswer(to: challenge) }, session: token)
            case .auth:
                try await publish(challenge, session: token)
                if request.remaining <= 0 { try await awaitVisibility(session: token) }
            }
            return .accepted
        } catch {
            if request.action == .auth, sessions[token]?.refusal == nil { sessions[token]?.refusal = error.reason }
            return .refused(error.reason)
        }
    }

    /// Ends a session whose certbot is gone: takes back what is still published, and returns why the session's challenges
    /// could not be answered, if so.
    public func close(_ token: String) async -> String? {
        await remove(sessions[token]?.published ?? [], session: token)
        return sessions.removeValue(forKey: token)?.refusal
    }

    /// Takes back what earlier sessions left in DNS when they were cut off.
    ///
    /// - Parameter isBusy: whether a certbot is still at work on a lineage, and may need its values.
    public func sweep(_ zones: ZoneDirectory, isBusy: (String) -> Bool) async {
        let open = Set(sessions.values.flatMap(\.published).map(\.key))
        let left = notes.all().filter { !open.contains($0.key) && !isBusy($0.lineage) }
        await takeBack(
            left.compactMap { note in
                zones.entries.first(where: note.isIn).map { PublishedChallenge(note: note, entry: $0) }
            }
        )
    }
}

extension DNS01Solver {
    /// Waits for all values of the session, name by name side by side.
    private func awaitVisibility(session token: String) async throws(ChallengeRefusal) {
        sessions[token]?.progress("waiting for DNS")
        try await followAliases(session: token)
        guard let session = sessions[token] else { return }
        let byName = Dictionary(grouping: session.published, by: \.asked.name)
        let (propagation, limit, scope) = (propagation, limit, Scope.certificate(session.lineage))
        let results = await withTaskGroup(of: (String, PropagationResult).self) { group in
            for (name, values) in byName.sorted(by: { $0.key < $1.key }) {
                guard let zone = values.first?.asked.entry.zone else { continue }
                let wanted = Set(values.map(\.note.record.value))
                group.addTask {
                    (name, await propagation.wait(for: wanted, at: name, zone: zone, limit: limit, scope: scope))
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        try await judge(results.sorted { $0.0 < $1.0 }, of: session)
    }

    private func judge(_ results: [(String, PropagationResult)], of session: ChallengeSession)
        async throws(ChallengeRefusal)
    {
        for case (let name, .absent(let servers)) in results {
            let whoever = servers.map(\.description).joined(separator: ", ")
            let alias = session.strays[name].map { ", an alias of \($0), which is in no zone of ours" } ?? ""
            throw ChallengeRefusal("after \(limit.readable) \(whoever) did not show the challenge at \(name)\(alias)")
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
        let gone = await takeBack(values)
        sessions[token]?.published.removeAll { gone.contains($0.key) }
    }

    /// Removes values from DNS, side by side, and their notes; returns the keys of those that are gone. A failure leaves
    /// the note for a later sweep.
    @discardableResult
    func takeBack(_ values: [PublishedChallenge]) async -> Set<String> {
        guard !values.isEmpty else { return [] }
        let (clock, log) = (clock, log)
        // A task of its own: that of the run may have been cancelled, and this must happen all the same.
        let removal = taskOnCurrentExecutor {
            await concurrentMap(values, atMost: Self.removalWidth) { value -> PublishedChallenge? in
                let (record, entry) = (value.note.record, value.entry)
                let isGone = try? await withTimeout(Self.removalLimit, of: clock) {
                    try await entry.provider.removeChallenge(record, in: entry.zone)
                    return true
                }
                if isGone == true { return value }
                log.warning(
                    "a challenge could not be removed; trying again later",
                    [.dnsName: .string(record.name)]
                )
                return nil
            }
        }
        let gone = await removal.value.compactMap { $0 }
        for value in gone where isGoneForGood(value) { notes.forget(value.note) }
        return Set(gone.map(\.key))
    }

    /// A request that was cut off may still be on its way when the provider is asked what there is: a value of which no
    /// identifier is known is looked for once more, by a later run.
    private func isGoneForGood(_ value: PublishedChallenge) -> Bool {
        guard value.note.record.id.isEmpty, lookedFor.insert(value.key).inserted else {
            lookedFor.remove(value.key)
            return true
        }
        return false
    }
}

import DNS
import Model
import Threads

extension DNS01Solver {
    /// Names of one certificate that are looked up at a time.
    private static let lookupWidth = 16

    /// Publishes the value at its name; where an alias stands there, and nothing else can, where that leads.
    func publish(_ challenge: Challenge, session token: String) async throws(ChallengeRefusal) {
        guard let session = sessions[token], !session.published.contains(where: { $0.isAnswer(to: challenge) }) else {
            return
        }
        session.progress("publishing the challenge")
        try await publish(challenge, from: challenge.spot, session: token)
    }

    private func publish(
        _ challenge: Challenge,
        from start: ChallengeSpot,
        session token: String
    ) async throws(ChallengeRefusal) {
        var spot = start
        for _ in 0..<ChallengeSpot.longestChain {
            guard let session = sessions[token],
                let target = try await publish(challenge, at: spot, session: token)
            else { return }
            spot = try spot.following(target, in: session.zones)
        }
        throw ChallengeRefusal("the aliases at \(challenge.spot.name) lead nowhere")
    }

    /// Nil when it is published; else what stands in its way, an alias of the name returned.
    private func publish(
        _ challenge: Challenge,
        at spot: ChallengeSpot,
        session token: String
    ) async throws(ChallengeRefusal) -> String? {
        guard let lineage = sessions[token]?.lineage else { return nil }
        var value = PublishedChallenge(challenge, at: spot, lineage: lineage)
        // Noted first: a crash between the two leaves a note without a value, never a value without a note.
        try notes.keep(value.note)
        sessions[token]?.note(value)
        let (provider, zone) = (spot.entry.provider, spot.entry.zone)
        do throws(ProviderError) {
            value.note.record = try await provider.publishChallenge(challenge.value, at: spot.name, in: zone)
        } catch {
            let refusal = ChallengeRefusal("the challenge cannot be published at \(provider.name): \(error)")
            guard case .rejected = error, let target = await alias(at: spot, of: lineage) else { throw refusal }
            sessions[token]?.drop(value)
            notes.forget(value.note)
            return target
        }
        sessions[token]?.note(value)
        try notes.keep(value.note)
        return nil
    }

    /// Publishes once more where a name turns out to be an alias although its provider took the value: some let a TXT record
    /// stand beside a CNAME, and never show it. Looked for only now, for until the value stands a wildcard's alias is
    /// seen there as well; where the value is slow to appear, one too many is published, which harms nobody.
    func followAliases(session token: String) async throws(ChallengeRefusal) {
        guard let session = sessions[token] else { return }
        let values = session.published.filter { $0.asked.name == $0.note.record.name }
        let targets = await concurrentMap(values, atMost: Self.lookupWidth) { [self] value in
            await alias(at: value.asked, of: session.lineage)
        }
        for (value, target) in zip(values, targets) {
            guard let target else { continue }
            guard let spot = try? value.asked.following(target, in: session.zones) else {
                sessions[token]?.strays[value.asked.name] = target
                continue
            }
            try await publish(value.challenge, from: spot, session: token)
        }
    }

    func alias(at spot: ChallengeSpot, of lineage: String) async -> String? {
        await propagation.alias(of: spot.name, zone: spot.entry.zone, scope: .certificate(lineage))
    }
}

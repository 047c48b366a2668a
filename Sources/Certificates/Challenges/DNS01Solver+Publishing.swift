import DNS
import Model
import Threads

extension DNS01Solver {
    /// Names of one certificate that are looked up at a time.
    private static let lookupWidth = 16

    /// Publishes the value at its name; where an alias is in the way, where that leads.
    func publish(_ challenge: Challenge, session token: String) async throws(ChallengeError) {
        guard let session = sessions[token], !session.published.contains(where: { $0.answers(challenge) }) else {
            return
        }
        session.progress("publishing the challenge")
        try await publish(challenge, from: challenge.location, session: token)
    }

    private func publish(
        _ challenge: Challenge,
        from start: ChallengeLocation,
        session token: String
    ) async throws(ChallengeError) {
        var location = start
        for _ in 0..<ChallengeLocation.longestChain {
            guard let session = sessions[token], let target = try await publish(challenge, at: location, session: token)
            else { return }
            location = try follow(target, from: location, session.zones)
        }
        throw ChallengeError("the aliases at \(challenge.location.name) lead nowhere")
    }

    /// Returns nil when it is published, else the alias that is in the way.
    private func publish(
        _ challenge: Challenge,
        at location: ChallengeLocation,
        session token: String
    ) async throws(ChallengeError) -> String? {
        guard let lineage = sessions[token]?.lineage else { return nil }
        var value = PublishedChallenge(challenge, at: location, lineage: lineage)
        // Stored first: a crash between the two leaves an entry without a value, never a value without an entry.
        try store.save(value.stored)
        sessions[token]?.update(value)
        let (provider, zone) = (location.entry.provider, location.entry.zone)
        do throws(ProviderError) {
            value.stored.record = try await provider.publishChallenge(challenge.value, at: location.name, in: zone)
        } catch {
            if case .full(let words) = error, let full = sessions[token]?.zones.full {
                await full.note(location.entry, words)
                throw ChallengeError("the challenge cannot be published: \(full.sentence(of: zone.name) ?? words)")
            }
            let failure = ChallengeError("the challenge cannot be published at \(provider.name): \(error)")
            guard case .rejected = error, let target = await alias(at: location, of: lineage) else { throw failure }
            sessions[token]?.remove(value)
            store.remove(value.stored)
            return target
        }
        sessions[token]?.update(value)
        try store.save(value.stored)
        return nil
    }

    /// Publishes once more where a name is an alias: some providers accept a TXT record beside a CNAME, and never show it.
    /// Checked only now, because until the value is visible a wildcard's alias shows there as well.
    func followAliases(session token: String) async {
        guard let session = sessions[token] else { return }
        let values = session.published.filter { $0.requested.name == $0.stored.record.name }
        let targets = await concurrentMap(values, atMost: Self.lookupWidth) { [self] value in
            await alias(at: value.requested, of: session.lineage)
        }
        for (value, target) in zip(values, targets) {
            guard let target else { continue }
            do throws(ChallengeError) {
                let location = try follow(target, from: value.requested, session.zones)
                try await publish(value.challenge, from: location, session: token)
            } catch {
                // If it is a wildcard's alias, it is gone as soon as the value shows.
                sessions[token]?.barredAliases[value.requested.name] = error.reason
            }
        }
    }

    private func follow(
        _ target: String,
        from location: ChallengeLocation,
        _ zones: ZoneDirectory
    ) throws(ChallengeError) -> ChallengeLocation {
        switch location.following(target, in: zones) {
        case .success(let next): return next
        case .failure(let rejection): throw ChallengeError(rejection.reason)
        }
    }

    private func alias(at location: ChallengeLocation, of lineage: String) async -> String? {
        await propagation.alias(of: location.name, zone: location.entry.zone, scope: .certificate(lineage))
    }
}

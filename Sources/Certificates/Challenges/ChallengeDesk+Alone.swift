public import DNS
import Model

extension ChallengeDesk {
    /// Answers one call of the hook of a certbot that Landfall did not start, such as a timer's `certbot renew`. What `auth`
    /// publishes stays until `cleanup`, which is a call of its own: nothing is known then but what certbot says.
    public func serveAlone(_ request: HookRequest, zones: ZoneDirectory) async -> HookAnswer {
        do throws(ChallengeRefusal) {
            let name = try? DomainName(request.domain).withoutWildcard
            let challenge = try Challenge(request, allowed: name.map { [$0] } ?? [], zones: zones)
            switch request.action {
            case .auth: return await publishAlone(request, name.map { [$0] } ?? [], zones)
            case .cleanup:
                await takeBack([try await found(challenge, zones)])
                return .accepted
            }
        } catch {
            return .refused(error.reason)
        }
    }

    private func publishAlone(_ request: HookRequest, _ names: [DomainName], _ zones: ZoneDirectory) async -> HookAnswer
    {
        let token = open(lineage: request.domain, names: names, zones: zones) { _ in }
        // The last call knows nothing of the ones before it: each waits for its own value.
        let own = HookRequest(
            action: .auth,
            token: token,
            domain: request.domain,
            validation: request.validation,
            remaining: 0
        )
        let answer = await serve(own)
        if answer.accepted { leave(token) } else { _ = await close(token) }
        return answer
    }

    /// Where the value stands, at its name or where that leads.
    private func found(_ challenge: Challenge, _ zones: ZoneDirectory) async throws(ChallengeRefusal)
        -> PublishedChallenge
    {
        var spot = challenge.spot
        for _ in 0..<ChallengeSpot.longestChain {
            guard let target = await alias(at: spot) else { break }
            spot = try spot.following(target, in: zones)
        }
        return PublishedChallenge(challenge, at: spot, lineage: spot.name)
    }
}

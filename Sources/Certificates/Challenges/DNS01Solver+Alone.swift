public import DNS
import Model

extension DNS01Solver {
    /// Answers one call of the hook of a certbot that Landfall did not start, such as a timer's `certbot renew`. What `auth`
    /// publishes stays until `cleanup`, which is a call of its own: nothing is known then but what certbot says.
    public func serveAlone(_ request: HookRequest, zones: ZoneDirectory) async -> HookAnswer {
        do throws(ChallengeRefusal) {
            let name = try? DomainName(request.domain).withoutWildcard
            let challenge = try Challenge(request, allowed: name.map { [$0] } ?? [], zones: zones)
            switch request.action {
            case .auth: return await publishAlone(request, name.map { [$0] } ?? [], zones)
            case .cleanup:
                await takeBack(await places(of: challenge, zones))
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

    /// Where the value may stand: at its name, and where that leads.
    private func places(of challenge: Challenge, _ zones: ZoneDirectory) async -> [PublishedChallenge] {
        var spots = [challenge.spot]
        while spots.count < ChallengeSpot.longestChain, let last = spots.last,
            let target = await alias(at: last, of: last.name), let next = try? last.following(target, in: zones)
        {
            spots.append(next)
        }
        return spots.map { PublishedChallenge(challenge, at: $0, lineage: $0.name) }
    }
}

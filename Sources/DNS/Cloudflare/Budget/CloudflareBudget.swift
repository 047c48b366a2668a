import Model
import Ports
import Synchronization

/// Keeps one user's requests within Cloudflare's limit. Starts at zero: the API reports earlier requests, and those of other
/// programs of the user, with every answer (`Ratelimit`), or at the latest with its first 429.
final class CloudflareBudget: Sendable {
    /// A pause that does not delay a run noticeably.
    static let shortRest = Duration.seconds(2)
    /// The API's pause after one request too many.
    private static let usualRest = Duration.seconds(300)
    /// A longer pause than this is not observed, whatever the API says.
    private static let longestRest = Duration.seconds(600)

    private let window = Mutex(RequestWindow())
    private let provider: String
    private let clock: any Clock

    init(of provider: String, clock: any Clock) { (self.provider, self.clock) = (provider, clock) }

    var reading: RequestBudget {
        let now = clock.uptime
        let (used, rests) = window.withLock { ($0.used(at: now), $0.rests(at: now)) }
        return RequestBudget(
            provider: provider,
            used: used,
            limit: RequestWindow.limit,
            window: Int(RequestWindow.length.components.seconds),
            restsUntil: rests.map { clock.now + ($0 - now) }
        )
    }

    /// Returns when a request may be sent, after a short pause at most; else throws an error that says when.
    func pass(for purpose: RequestWindow.Purpose) async throws(CloudflareError) {
        guard let rest = try rest(before: purpose) else { return }
        guard rest <= Self.shortRest else { throw resting(for: rest) }
        guard (try? await clock.sleep(for: rest)) != nil else { throw .unavailable("cancelled", retryAfter: nil) }
        if let more = try self.rest(before: purpose) { throw resting(for: more) }
    }

    /// The pause before a request; nil if it may be sent now, and then it counts as sent.
    private func rest(before purpose: RequestWindow.Purpose) throws(CloudflareError) -> Duration? {
        let now = clock.uptime
        switch window.withLock({ $0.admit(purpose, at: now) }) {
        case .go: return nil
        case .rest(let end): return end - now
        case .spent(let end): throw spent(for: purpose, until: end)
        }
    }

    private func resting(for rest: Duration) -> CloudflareError {
        let end = wallClock(clock.uptime + rest)
        return .unavailable("the API asked for a pause; nothing is sent before \(end)", retryAfter: nil)
    }

    private func spent(for purpose: RequestWindow.Purpose, until end: Duration) -> CloudflareError {
        let rest = purpose == .reading ? "the rest is kept for writes and challenges" : "the rest is a reserve"
        return .unavailable("\(reading.summary) are used, and \(rest) until \(wallClock(end))", retryAfter: nil)
    }

    /// `17:21 UTC`: the next full minute, so that a replay, which is faster by some milliseconds, says the same.
    private func wallClock(_ uptime: Duration) -> String {
        let seconds = (clock.now + (uptime - clock.uptime)).seconds
        let minute = Timestamp(seconds: (seconds / 60 + 1) * 60).description
        return "\(minute.dropFirst("2026-11-24T".count).prefix("17:21".count)) UTC"
    }

    /// Notes what an answer says about later requests; an answer that asks for a pause is an error.
    func observe(_ response: HTTPResponse) throws(CloudflareError) {
        let now = clock.uptime
        if let reported = RateLimitHeaders(response.headers) {
            window.withLock { $0.report(used: reported.used(of: RequestWindow.limit), until: now + reported.reset) }
        }
        let asked = response.headers["retry-after"].flatMap { UInt32($0) }.map { Duration.seconds($0) }
        switch response.status {
        case 429:
            let end = rest(for: asked ?? Self.usualRest, from: now)
            let reason = "answered 429, too many requests; nothing is sent before \(wallClock(end))"
            throw .throttled(reason, rest: end - now)
        case 500...:
            guard let asked else { throw .unavailable("answered \(response.status)", retryAfter: .milliseconds(500)) }
            let end = rest(for: asked, from: now)
            let reason = "answered \(response.status); nothing is sent before \(wallClock(end))"
            throw .unavailable(reason, retryAfter: end - now)
        default: break
        }
    }

    private func rest(for asked: Duration, from now: Duration) -> Duration {
        let end = now + min(asked, Self.longestRest)
        window.withLock { $0.rest(until: end) }
        return end
    }
}

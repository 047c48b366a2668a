import Model
import Ports
import State
import Threads

/// Asks an authority when it would like its certificates renewed (RFC 9773), where its directory offers that.
///
/// It is asked about a certificate every six hours, or more rarely if it says so, and about few certificates in one run; if
/// it does not answer, not again for an hour.
struct RenewalInformation: Sendable {
    private typealias Suggestion = RenewalInformationStore.Suggestion
    private typealias Authority = RenewalInformationStore.Authority

    private static let interval = Duration.seconds(6 * 3600)
    private static let longestInterval = Duration.seconds(86_400)
    private static let pause = Duration.seconds(3600)
    private static let limitPerRun = 48
    private static let width = 8
    private static let timeLimit = Duration.seconds(5)
    private static let bodyLimit = 64 << 10

    let server: String
    let transport: any HTTPTransport
    let store: RenewalInformationStore
    let clock: any Clock

    /// Asks about the certificates whose turn it is, and saves the answers. The store itself reports a failure to save.
    func update(for certificates: [CertificateOnDisk]) async {
        let (known, authorities) = (store.suggestions.allIfReadable(), store.authorities.allIfReadable())
        let askable = certificates.filter { $0.renewalID != nil && ($0.server ?? server) == server }
        let kept = Set(askable.compactMap(\.renewalID))
        var changes: [String: Suggestion?] = known.filter { !kept.contains($0.key) }.mapValues { _ in nil }
        var authority = authorities.filter { $0.key != server }.mapValues { _ in Authority?.none }
        let due = askable.filter { isDue(known[$0.renewalID ?? ""]) }.prefix(Self.limitPerRun)
        if !due.isEmpty {
            let current = await current(authorities[server])
            authority[server] = current
            // Also a stored one, which an earlier version may have stored.
            if current.quietUntil <= clock.now,
                let url = current.url.flatMap({ RenewalInformationURL.checked($0, directory: server) }),
                await !ask(about: Array(due), at: url, known, &changes)
            {
                let quietUntil = clock.now + Self.pause
                authority[server] = Authority(url: url, quietUntil: quietUntil, validUntil: current.validUntil)
            }
        }
        try? store.suggestions.commit(changes)
        try? store.authorities.commit(authority)
    }

    private func isDue(_ suggestion: Suggestion?) -> Bool {
        guard let next = suggestion?.next else { return true }
        // A time further ahead than the longest interval was dated by a clock that has been set back since.
        return next <= clock.now || next > clock.now + Self.longestInterval
    }

    /// What is known of the authority, read from its directory where it is outdated.
    private func current(_ known: Authority?) async -> Authority {
        let now = clock.now
        if let known, known.validUntil > now, known.validUntil <= now + Self.longestInterval { return known }
        do {
            let body = try await get(server, for: .run).body
            let url = try decodeJSON(Directory.self, from: body).renewalInfo
            let usable = url.flatMap { RenewalInformationURL.checked($0, directory: server) }
            return Authority(url: usable, quietUntil: now, validUntil: now + Self.longestInterval)
        } catch {
            return Authority(url: nil, quietUntil: now + Self.pause, validUntil: now + Self.pause)
        }
    }

    private struct Directory: Decodable {
        let renewalInfo: String?
    }

    /// Returns false where the authority no longer answers.
    private func ask(
        about certificates: [CertificateOnDisk],
        at url: String,
        _ known: [String: Suggestion],
        _ changes: inout [String: Suggestion?]
    ) async -> Bool {
        var rest = certificates[...]
        while !rest.isEmpty {
            let batch = Array(rest.prefix(Self.width))
            rest = rest.dropFirst(batch.count)
            let answers = await concurrentMap(batch, atMost: Self.width) { await suggestion(for: $0, at: url) }
            for (certificate, answer) in zip(batch, answers) {
                guard let id = certificate.renewalID else { continue }
                changes[id] = answer ?? Suggestion(window: known[id]?.window, next: clock.now + Self.pause)
            }
            guard answers.contains(where: { $0 != nil }) else { return false }
        }
        return true
    }

    private struct Answer: Decodable {
        struct Window: Decodable {
            let start: String
            let end: String
        }

        let suggestedWindow: Window
    }

    /// Nil where the authority gave none that can be used.
    private func suggestion(for certificate: CertificateOnDisk, at url: String) async -> Suggestion? {
        let address = "\(url.hasSuffix("/") ? url.dropLast() : url[...])/\(certificate.renewalID ?? "")"
        do {
            let response = try await get(address, for: .certificate(certificate.lineage))
            let window = try decodeJSON(Answer.self, from: response.body).suggestedWindow
            guard let start = Timestamp(rfc3339: window.start.uppercased()),
                let end = Timestamp(rfc3339: window.end.uppercased()), let usable = RenewalWindow(from: start, to: end)
            else { return nil }
            return Suggestion(window: usable, next: clock.now + Self.interval(response.headers["retry-after"]))
        } catch {
            return nil
        }
    }

    /// RFC 9773 §4.3.3.
    private static func interval(_ retryAfter: String?) -> Duration {
        let requested = retryAfter.flatMap { Int64($0.trimmed) }.map { Duration.seconds($0) } ?? .zero
        return min(max(interval, requested), longestInterval)
    }

    private struct NoAnswer: Error {}

    private func get(_ url: String, for scope: Scope) async throws -> HTTPResponse {
        let limit = Self.timeLimit
        let request = HTTPRequest(.get, url, timeLimit: limit, connectLimit: limit, bodyLimit: Self.bodyLimit)
        let response = try await transport.send(request, for: scope)
        guard response.status == 200 else { throw NoAnswer() }
        return response
    }
}

/// Keeps what authorities said about renewal times, so that most runs ask nothing.
struct RenewalInformationStore: Sendable {
    struct Suggestion: Hashable, Codable {
        /// Nil where the authority has given none that can be used.
        let window: RenewalWindow?
        let next: Timestamp
    }

    /// What is known of an authority.
    struct Authority: Hashable, Codable {
        /// Where to ask for renewal information; nil where it offers none, or could not be asked.
        let url: String?
        let quietUntil: Timestamp
        /// Its directory need not be read again before this time.
        let validUntil: Timestamp
    }

    /// By certificates' renewal IDs.
    let suggestions: StateStore.Namespace<Suggestion>
    /// By directories' URLs.
    let authorities: StateStore.Namespace<Authority>

    init(state: StateStore) {
        suggestions = StateStore.Namespace("renewal-windows", in: state)
        authorities = StateStore.Namespace("acme-directories", in: state)
    }

    /// The suggested windows, by renewal ID. Where the store cannot be read, the lifetimes alone decide.
    func windows() -> [String: RenewalWindow] { suggestions.allIfReadable().compactMapValues(\.window) }
}

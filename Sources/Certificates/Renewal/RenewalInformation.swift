import FoundationEssentials
import Model
import Ports
import Threads

/// Asks an authority when it would like its certificates renewed (RFC 9773), where its directory offers that.
///
/// It is asked about a certificate every six hours, or more rarely if it says so, and about few in one run; one that does
/// not answer is left alone for an hour.
struct RenewalInformation: Sendable {
    private static let interval = Duration.seconds(6 * 3600)
    private static let longestInterval = Duration.seconds(86_400)
    private static let pause = Duration.seconds(3600)
    private static let perRun = 48
    private static let width = 8
    private static let timeLimit = Duration.seconds(5)
    private static let bodyLimit = 64 << 10

    /// The ACME directory's URL.
    let server: String
    let transport: any HTTPTransport
    let memory: RenewalInformationStore
    let clock: any Clock

    /// Asks about those whose time has come, and remembers the answers.
    func ask(about certificates: [CertificateOnDisk]) async {
        let known = memory.facts()
        let askable = certificates.filter { $0.renewalID != nil && ($0.server ?? server) == server }
        var changes = forgotten(known, but: askable)
        let due = askable.filter { isDue(known[$0.renewalID ?? ""]) }.prefix(Self.perRun)
        if !due.isEmpty, let authority = await authority(known[server], &changes), let url = authority.url {
            await ask(about: Array(due), at: url, authority, known, &changes)
        }
        memory.commit(changes)
    }

    private func isDue(_ text: String?) -> Bool {
        guard let next = text.flatMap(RenewalInformationStore.Suggestion.init)?.next else { return true }
        // One that lies further ahead than any may was dated by a clock that has been set back since.
        return next <= clock.now || next > clock.now + Self.longestInterval
    }

    private func forgotten(_ known: [String: String], but certificates: [CertificateOnDisk]) -> [String: String?] {
        let kept = Set(certificates.compactMap(\.renewalID) + [server])
        return known.filter { !kept.contains($0.key) }.mapValues { _ in nil }
    }

    /// Where to ask; nil while it is not to be asked.
    private func authority(_ text: String?, _ changes: inout [String: String?]) async -> RenewalInformationStore
        .Authority?
    {
        let now = clock.now
        let known = text.flatMap(RenewalInformationStore.Authority.init)
        if let known, known.validUntil > now, known.validUntil <= now + Self.longestInterval {
            return known.quietUntil > now ? nil : known
        }
        let read: RenewalInformationStore.Authority
        do {
            let url = try await directory().renewalInfo.flatMap { $0.hasPrefix("http") ? $0 : nil }
            read = .init(url: url, quietUntil: now, validUntil: now + Self.longestInterval)
        } catch {
            read = .init(url: nil, quietUntil: now + Self.pause, validUntil: now + Self.pause)
        }
        changes[server] = read.text
        return read.quietUntil > now ? nil : read
    }

    private struct Directory: Decodable {
        let renewalInfo: String?
    }

    private func directory() async throws -> Directory {
        let response = try await get(server, for: .run)
        return try JSONDecoder().decode(Directory.self, from: Data(response.body))
    }

    private func ask(
        about certificates: [CertificateOnDisk],
        at url: String,
        _ authority: RenewalInformationStore.Authority,
        _ known: [String: String],
        _ changes: inout [String: String?]
    ) async {
        var rest = certificates[...]
        while !rest.isEmpty {
            let batch = Array(rest.prefix(Self.width))
            rest = rest.dropFirst(batch.count)
            let answers = await concurrentMap(batch, atMost: Self.width) { await suggestion(for: $0, at: url) }
            for (certificate, answer) in zip(batch, answers) {
                guard let id = certificate.renewalID else { continue }
                let earlier = known[id].flatMap(RenewalInformationStore.Suggestion.init)?.window
                let failed = RenewalInformationStore.Suggestion(window: earlier, next: clock.now + Self.pause)
                changes[id] = (answer ?? failed).text
            }
            guard answers.contains(where: { $0 != nil }) else {
                let quiet = clock.now + Self.pause
                changes[server] =
                    RenewalInformationStore.Authority(url: url, quietUntil: quiet, validUntil: authority.validUntil)
                    .text
                return
            }
        }
    }

    private struct Answer: Decodable {
        struct Window: Decodable {
            let start: String
            let end: String
        }

        let suggestedWindow: Window
    }

    /// Nil where it gave none that can be used.
    private func suggestion(for certificate: CertificateOnDisk, at url: String) async -> RenewalInformationStore
        .Suggestion?
    {
        let address = "\(url.hasSuffix("/") ? url.dropLast() : url[...])/\(certificate.renewalID ?? "")"
        do {
            let response = try await get(address, for: .certificate(certificate.lineage))
            let window = try JSONDecoder().decode(Answer.self, from: Data(response.body)).suggestedWindow
            guard let start = InternetTime(window.start)?.timestamp, let end = InternetTime(window.end)?.timestamp,
                let usable = RenewalWindow(from: start, to: end)
            else { return nil }
            return .init(window: usable, next: clock.now + Self.interval(response.headers["retry-after"]))
        } catch {
            return nil
        }
    }

    /// RFC 9773 §4.3.3.
    private static func interval(_ retryAfter: String?) -> Duration {
        let asked = retryAfter.flatMap { Int64($0.trimmed) }.map { Duration.seconds(max(0, $0)) } ?? .zero
        return min(max(interval, asked), longestInterval)
    }

    private struct NoAnswer: Error {}

    private func get(_ url: String, for scope: Scope) async throws -> HTTPResponse {
        let request = HTTPRequest(
            .get,
            url,
            timeLimit: Self.timeLimit,
            connectLimit: Self.timeLimit,
            bodyLimit: Self.bodyLimit
        )
        let response = try await transport.send(request, for: scope)
        guard response.status == 200 else { throw NoAnswer() }
        return response
    }
}

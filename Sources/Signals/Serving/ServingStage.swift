public import Model
public import Ports
public import State
import Synchronization
import Threads

/// Whether what was issued is what is shown: that a server took a signal does not mean that it took the files. nginx, for
/// one, rejects a whole reload when a single file is missing.
public struct ServingStage: Sendable {
    private static let room = "serving"
    /// How long a server may take to reload, and how often it is looked at meanwhile.
    private static let patience: Duration = .seconds(10)
    private static let interval: Duration = .milliseconds(500)
    private static let width = 16

    private let probe: any TLSProbe
    private let everybody: ProbeEndpoint?
    private let state: StateStore
    private let clock: any Clock
    private let read: @Sendable ([UInt8]) -> Fingerprint?
    private let left = LeftForLater()

    /// - Parameters:
    ///   - everybody: where hosts are asked for that say nothing of it; `LANDFALL_PROBE`.
    ///   - read: the fingerprint of a certificate in PEM; nil for what is none.
    public init(
        probe: any TLSProbe,
        everybody: ProbeEndpoint?,
        state: StateStore,
        clock: any Clock,
        read: @escaping @Sendable ([UInt8]) -> Fingerprint?
    ) {
        self.probe = probe
        self.everybody = everybody
        self.state = state
        self.clock = clock
        self.read = read
    }

    /// What there is to ask: each host once at each place.
    ///
    /// - Parameter certificates: host → the fingerprint on disk.
    public func questions(_ hosts: [DesiredHost], _ certificates: [DomainName: Fingerprint]) -> [ServingQuestion] {
        let all = hosts.compactMap { host -> ServingQuestion? in
            let endpoint: ProbeEndpoint? =
                switch host.probe {
                case .standard: everybody
                case .off: nil
                case .at(let endpoint): endpoint
                }
            guard let endpoint, let fingerprint = certificates[host.name] else { return nil }
            return ServingQuestion(host: host.name, endpoint: endpoint, fingerprint: fingerprint)
        }
        return Set(all).sorted { ($0.host.text, "\($0.endpoint)") < ($1.host.text, "\($1.endpoint)") }
    }

    /// Asks the servers, and remembers what they do not serve.
    ///
    /// - Parameters:
    ///   - isFresh: whether there is something new, and so they are given time.
    ///   - later: hosts that are not asked for before the next look, for what is new is still on its way to them.
    public func look(
        _ questions: [ServingQuestion],
        isFresh: Bool,
        leaving later: Set<DomainName> = []
    ) async -> [ServingResult] {
        let deadline = clock.uptime + (isFresh ? Self.patience : .zero)
        let results = await concurrentMap(recall(questions), atMost: Self.width) { known in
            let question = known.question
            guard !later.contains(question.host) else { return known }
            var result = ServingResult(question, trouble: await self.trouble(with: question))
            while result.trouble != nil, self.clock.uptime < deadline,
                (try? await self.clock.sleep(for: Self.interval)) != nil
            {
                result = ServingResult(question, trouble: await self.trouble(with: question))
            }
            return result
        }
        guard !Task.isCancelled else { return results }
        remember(results)
        left.set(questions.contains { later.contains($0.host) })
        return results
    }

    /// Whether something was left for later, or found wrong, and so is to be looked at whatever happened.
    public func owesLook(at questions: [ServingQuestion]) -> Bool {
        left.isAnything || recall(questions).contains { $0.trouble != nil }
    }

    /// As the last look found it; what is asked for since then counts as served.
    public func recall(_ questions: [ServingQuestion]) -> [ServingResult] {
        let known = (try? state.facts(in: Self.room)) ?? [:]
        return questions.map { ServingResult($0, trouble: known[$0.key]) }
    }

    /// A store that cannot be written says so itself.
    private func remember(_ results: [ServingResult]) {
        let known = (try? state.facts(in: Self.room)) ?? [:]
        var changes: [String: String?] = [:]
        for key in known.keys { changes.updateValue(nil, forKey: key) }
        for result in results { changes.updateValue(result.trouble, forKey: result.question.key) }
        try? state.commit(changes.filter { known[$0.key] != $0.value }, in: Self.room)
    }

    /// Why the certificate is not served; nil when it is.
    private func trouble(with question: ServingQuestion) async -> String? {
        do throws(TransportError) {
            let name = question.host.text.hasPrefix("*.") ? "any" + question.host.text.dropFirst() : question.host.text
            let scope = Scope.host(question.host)
            let shown = read(try await probe.certificate(for: name, at: question.endpoint, for: scope))
            if shown == question.fingerprint { return nil }
            return "\(question.endpoint) serves another certificate than the one on disk"
        } catch {
            return "\(question.endpoint) serves no certificate: \(error)"
        }
    }
}

/// What a host should be served with, and where that is asked.
public struct ServingQuestion: Hashable, Sendable {
    public let host: DomainName
    public let endpoint: ProbeEndpoint
    public let fingerprint: Fingerprint

    fileprivate var key: String { "\(host) \(endpoint)" }
}

public struct ServingResult: Hashable, Sendable {
    public let question: ServingQuestion
    /// Why the certificate on disk is not served there; nil when it is.
    public let trouble: String?

    init(_ question: ServingQuestion, trouble: String?) {
        (self.question, self.trouble) = (question, trouble)
    }
}

/// Whether the last look left something out.
private final class LeftForLater: Sendable {
    private let value = Mutex(false)

    var isAnything: Bool { value.withLock(\.self) }

    func set(_ isAnything: Bool) { value.withLock { $0 = isAnything } }
}

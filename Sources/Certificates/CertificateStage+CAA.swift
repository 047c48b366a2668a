package import DNS
package import Model
import Ports
import State

/// Reads CAA before an order, as the authority will: an order that it has to refuse is not placed.
extension CertificateStage {
    struct CAAFindings {
        /// Why the authority will not certify a name, by the name.
        var refusals: [DomainName: String] = [:]
        var hints: [Hint] = []
    }

    /// What CAA records say about the names in a plan's orders; nothing where the authority does not say by which names they
    /// mean it. Records that cannot be read refuse nothing: the authority may be able to read them.
    func caaFindings(on plan: CertificatePlan, _ zones: ZoneDirectory) async -> CAAFindings {
        let orders = plan.steps.filter(\.isOrder)
        guard let caaLookup, let first = orders.first, let identities = await caaIdentities(for: first.lineage),
            !identities.isEmpty
        else { return CAAFindings() }
        let names = Set(orders.flatMap(\.names)).sorted()
        let found = await caaLookup.find(names, in: zones, scope: .look(first.lineage))
        var findings = CAAFindings()
        for order in orders {
            for name in order.names where findings.refusals[name] == nil {
                switch found[name] {
                case .known(let set?):
                    let policy = CAAPolicy(identities: identities, account: account(for: order.lineage, set))
                    let verdict = policy.verdict(on: name, set)
                    findings.refusals[name] = verdict.refusal
                    findings.hints += verdict.warnings.map { Hint($0, about: [name]) }
                case .unavailable(let reason):
                    let text = "\(name) is ordered although its CAA records cannot be read: \(reason)"
                    findings.hints.append(Hint(text, about: [name]))
                case .known(nil), nil: break
                }
            }
        }
        return findings
    }

    /// The account that an order would be placed with, read only where a record depends on it.
    private func account(for lineage: String, _ set: CAASet) -> CAAPolicy.Account {
        let needsAccount = set.records.contains { CAAProperty($0.value)?.values(of: "accounturi").isEmpty == false }
        return needsAccount ? issuer.account(for: lineage) : .unknown
    }

    /// By which names CAA records mean the authority, as its directory says; nil where that cannot be read.
    private func caaIdentities(for lineage: String) async -> [String]? {
        let known = (try? caaIdentityStore.load(settings.server)) ?? nil
        if let known, known.isValid(at: clock.now) { return known.names }
        guard let transport else { return nil }
        let limit = CAAIdentities.timeLimit
        let request = HTTPRequest(
            .get,
            settings.server,
            timeLimit: limit,
            connectLimit: limit,
            bodyLimit: CAAIdentities.bodyLimit
        )
        guard let response = try? await transport.send(request, for: .look(lineage)), response.status == 200,
            let names = CAAIdentities.names(inDirectory: response.body)
        else { return nil }
        let identities = CAAIdentities(names: names, read: clock.now)
        try? caaIdentityStore.save(identities, for: settings.server)
        return identities.names
    }
}

/// By which names CAA records mean an authority, as its directory said (RFC 8555 §7.1.1).
struct CAAIdentities: Hashable, Sendable, Codable {
    static let timeLimit = Duration.seconds(5)
    static let bodyLimit = 64 << 10
    private static let lifetime = Duration.seconds(86_400)

    private struct Directory: Decodable {
        struct Meta: Decodable {
            let caaIdentities: [String]?
        }

        let meta: Meta?
    }

    /// Nil where the text is no directory.
    static func names(inDirectory body: [UInt8]) -> [String]? {
        guard let directory = try? decodeJSON(Directory.self, from: body) else { return nil }
        let names = (directory.meta?.caaIdentities ?? []).filter { !$0.isEmpty && $0.utf8.count <= 253 }
        return names.prefix(10).map { sanitized($0) }
    }

    let names: [String]
    let read: Timestamp

    /// A time that is still to come was noted by a clock that has been set back since.
    func isValid(at now: Timestamp) -> Bool { read <= now && now - read < Self.lifetime }
}

/// What CAA records say of whole zones, for `landfall check`.
package enum CAAInspection {
    /// Why the authority with this directory will not certify names of a zone that have no CAA records of their own, by zone.
    package static func refusals(
        in zones: ZoneDirectory,
        directory: [UInt8],
        lookup: CAALookup
    ) async -> [DomainName: String] {
        guard let identities = CAAIdentities.names(inDirectory: directory), !identities.isEmpty else { return [:] }
        let policy = CAAPolicy(identities: identities, account: .unknown)
        let apexes = zones.entries.map(\.zone.name)
        let found = await lookup.find(apexes, in: zones, scope: .run)
        return found.reduce(into: [:]) { refusals, entry in
            guard case .known(let set?) = entry.value else { return }
            refusals[entry.key] = policy.verdict(on: entry.key, set).refusal
        }
    }
}

@testable import Certificates
import DNS
import FoundationEssentials
import Model
import Ports
import TestSupport

/// One case of `Fixtures/certificates/plan`: what is there, and the plan as lines.
struct PlannerCase: Decodable, Sendable, CustomStringConvertible {
    struct Host: Decodable, Sendable {
        let desired: DesiredHost

        private enum CodingKeys: String, CodingKey { case name, certificate, by, profile }

        init(from decoder: any Decoder) throws {
            if let name = try? decoder.singleValueContainer().decode(DomainName.self) {
                desired = DesiredHost(name: name, origin: Self.origin("web"))
                return
            }
            let container = try decoder.container(keyedBy: CodingKeys.self)
            let choice = try container.decodeIfPresent(String.self, forKey: .certificate) ?? "each"
            desired = DesiredHost(
                name: try container.decode(DomainName.self, forKey: .name),
                origin: Self.origin(try container.decodeIfPresent(String.self, forKey: .by) ?? "web"),
                certificate: Self.choice(choice),
                profile: try container.decodeIfPresent(String.self, forKey: .profile)
            )
        }

        private static func origin(_ name: String) -> Origin { Origin(kind: .service, id: "id-\(name)", name: name) }

        private static func choice(_ text: String) -> CertificateChoice {
            switch text {
            case "each": .each
            case "wildcard": .wildcard
            case "none": .none
            default: .shared(lineage: String(text.dropFirst("shared:".count)))
            }
        }
    }

    struct Disk: Decodable, Sendable {
        let state: String?
        let reason: String?
        let names: [DomainName]?
        /// Days from now.
        let from: Double?
        let to: Double?
        let server: String?
        let isBlank: Bool?
        let renewalID: String?
    }

    /// What an authority suggests, in days from now.
    struct Window: Decodable, Sendable {
        let from: Double
        let to: Double
    }

    struct Record: Decodable, Sendable {
        let names: [DomainName]
        let count: Int
        let minutesAgo: Double
        let reason: String
        let culprits: [DomainName]?
        /// Of the last order, where it was less than all names.
        let ordered: [DomainName]?
        let person: Bool?
    }

    /// A label that is rejected.
    struct Rejected: Decodable, Sendable {
        let by: String
        let label: String?
        let value: String
        let reason: String

        var refusal: Refusal {
            let origin = Origin(kind: .service, id: "id-\(by)", name: by)
            return Refusal(origin: origin, label: label ?? "landfall.host", value: value, reason: reason)
        }
    }

    let title: String
    let hosts: [Host]
    /// Seconds since 1970.
    let now: Int64?
    let zones: [DomainName]?
    let allowed: [DomainName]?
    let failures: [String]?
    let store: String?
    let disk: [String: Disk]?
    let records: [String: Record]?
    let server: String?
    let origins: [String: LineageOrigin]?
    let windows: [String: Window]?
    let wildcardOnlyNames: [DomainName]?
    let clockReason: String?
    let holdReason: String?
    /// By `FirstRequesters.key`.
    let first: [String: String]?
    let gone: [DomainName]?
    let rules: CertificateRules?
    let profile: String?
    let byHand: Bool?
    let rejected: [Rejected]?
    /// The services that requested each lineage the last time.
    let requesters: [String: [String]]?
    let expect: [String]

    var description: String { title }

    static func all() -> [PlannerCase] {
        struct File: Decodable { let cases: [PlannerCase] }
        return FixtureFile.all(in: "certificates/plan").flatMap { fixture in
            do {
                return try JSONDecoder().decode(File.self, from: Data(fixture.bytes())).cases
            } catch {
                fatalError("\(fixture): \(error)")
            }
        }
    }
}

extension PlannerCase {
    private var time: Timestamp { Timestamp(seconds: now ?? 1_795_485_783) }

    func plan() -> CertificatePlan {
        let zones = zones ?? (try? [DomainName("example.test")]) ?? []
        let entries = zones.map { ZoneDirectory.Entry(zone: Zone(name: $0, id: $0.text), provider: SilentProvider()) }
        let gone = Dictionary(uniqueKeysWithValues: (gone ?? []).map { ($0, "Cloudflare") })
        let lineages = (disk ?? [:]).map { ($0.key, lineage($0.key, $0.value)) }
        let planner = CertificatePlanner(
            zones: ZoneDirectory(entries: entries, allowed: allowed, failures: failures ?? [], gone: gone),
            onDisk: store.map { .unavailable(reason: $0) } ?? .known(Dictionary(uniqueKeysWithValues: lineages)),
            failures: (records ?? [:]).mapValues(failure),
            now: time,
            context: PlannerContext(
                server: server ?? CertbotSettings.production,
                rules: rules ?? CertificateRules.none,
                profile: profile,
                windows: (windows ?? [:]).compactMapValues { RenewalWindow(from: after($0.from), to: after($0.to)) },
                origins: origins ?? [:],
                clockReason: clockReason,
                holdReason: holdReason,
                isByHand: byHand ?? false,
                wildcardOnlyNames: Set(wildcardOnlyNames ?? []),
                first: FirstRequesters(first ?? [:]),
                rejected: RejectedRequests((rejected ?? []).map(\.refusal), requesters: requesters ?? [:])
            )
        )
        return planner.plan(hosts.map(\.desired))
    }

    private func after(_ days: Double) -> Timestamp { time + .seconds(days * 86_400) }

    /// "keep LINEAGE [NAMES]: +60d", "keep LINEAGE [NAMES]: +60d by OTHER; a remark", "issue LINEAGE (PROFILE) [NAMES]: …".
    func line(_ step: CertificateStep) -> String {
        let names = step.names.map(\.text).joined(separator: ", ")
        let (word, detail) =
            switch step.action {
            case .issue(let reason): ("issue", reason)
            case .renew(let notAfter): ("renew", days(notAfter))
            case .keep(let notAfter): ("keep", days(notAfter))
            case .leave(let notAfter): ("leave", days(notAfter))
            case .refuse(let reason): ("refuse", reason)
            case .wait(let reason): ("wait", reason)
            }
        let other = step.coveredBy.map { " by \($0)" } ?? ""
        let profile = step.isOrder ? step.profile.map { " (\($0))" } ?? "" : ""
        return "\(word) \(step.lineage)\(profile) [\(names)]: \(detail)\(other)"
            + step.remarks.map { "; \($0)" }.joined()
    }

    private func days(_ notAfter: Timestamp) -> String {
        let days = (notAfter.seconds - time.seconds) / 86_400
        return "\(days < 0 ? "" : "+")\(days)d"
    }

    private func lineage(_ name: String, _ disk: Disk) -> LineageOnDisk {
        let certificate = CertificateOnDisk(
            lineage: name,
            names: disk.names ?? [],
            fingerprint: Fingerprint(hex: "00"),
            notBefore: after(disk.from ?? 0),
            notAfter: after(disk.to ?? 0),
            changed: time,
            renewalID: disk.renewalID,
            server: disk.server
        )
        return switch disk.state {
        case "keyMismatch": .keyMismatch(certificate)
        case "unreadable": .unreadable(disk.reason ?? "")
        case "halfWritten": .halfWritten(disk.reason ?? "", isBlank: disk.isBlank ?? false)
        default: .usable(certificate)
        }
    }

    private func failure(_ record: Record) -> FailureRecord {
        let last = time - .seconds(record.minutesAgo * 60)
        let cause: IssuanceError.Cause =
            record.person == true ? .person(record.culprits ?? []) : .names(record.culprits ?? [])
        let error = IssuanceError(record.reason, cause: cause)
        return (0..<record.count).reduce(nil as FailureRecord?) { earlier, _ in
            .adding(error, to: earlier, names: record.names, ordered: record.ordered, now: last)
        } ?? .adding(error, to: nil, names: record.names, now: last)
    }
}

/// A provider that no test asks.
struct SilentProvider: DNSProvider {
    let name = "silent"

    func zones() async throws(ProviderError) -> [Zone] { [] }
    func read(_ zone: Zone) async throws(ProviderError) -> ZoneContents { throw .unavailable("silent") }
    func apply(_ changes: [RecordChange], in zone: Zone) async -> [Result<DNSRecord?, ProviderError>] { [] }
    func publishChallenge(_ value: String, at name: String, in zone: Zone) async throws(ProviderError)
        -> ChallengeRecord
    {
        throw .unavailable("silent")
    }
    func removeChallenge(_ record: ChallengeRecord, in zone: Zone) async throws(ProviderError) {
        throw .unavailable("silent")
    }
}

package import Discovery
import Model
import Report
package import State

/// Remembers what a person let the sources request. Until then a source only shows what it would, because one variable is quickly
/// set and two hundred records are not as quickly taken back. For the same reason a source waits with what is new when another
/// variable is set for it, or after it was switched off.
package struct SourceStore {
    /// What a source may request.
    struct Acceptance: Codable, Hashable, Sendable {
        /// The digest of the settings for which a person accepted it; nil since it was switched off.
        var settings: String?
        /// The hosts that it requested when it was last read, and those of them with a certificate of Landfall's.
        var hosts: [DomainName] = []
        var certificates: [DomainName] = []
    }

    private let acceptances: StateStore.Namespace<Acceptance>

    package init(state: StateStore) { acceptances = StateStore.Namespace("sources", in: state) }

    /// Which of the sources wait to be accepted. All of them, if what was accepted cannot be read.
    package func waiting(among settings: SourceSettings) -> Set<String> { Set(held(among: settings).keys) }

    /// The sources that wait, with what each may go on requesting; nil for one that was never accepted.
    func held(among settings: SourceSettings) -> [String: Acceptance?] {
        guard settings.readsMore, !settings.areAccepted else { return [:] }
        let known = acceptances.allIfReadable()
        return settings.names.filter { $0 != .landfall }.reduce(into: [:]) { held, name in
            let acceptance = known[name.rawValue]
            if acceptance?.settings != settings.digest(of: name) { held[name.rawValue] = .some(acceptance) }
        }
    }

    /// A store that cannot be written says so itself.
    func accept(_ names: [String], among settings: SourceSettings) {
        for name in settings.names where name != .landfall && names.contains(name.rawValue) {
            var acceptance = acceptances.allIfReadable()[name.rawValue] ?? Acceptance()
            acceptance.settings = settings.digest(of: name)
            try? acceptances.commit([name.rawValue: acceptance])
        }
    }

    /// Notes what the sources that do not wait request now, and which sources are switched off.
    func note(_ discovered: Discovered, among settings: SourceSettings) {
        let (known, waiting) = (acceptances.allIfReadable(), waiting(among: settings))
        let found = Dictionary(grouping: discovered.hosts) { $0.declaration?.source ?? "" }
        var changes: [String: Acceptance?] = [:]
        for name in SourceSettings.Name.allCases where name != .landfall && !waiting.contains(name.rawValue) {
            var acceptance = known[name.rawValue] ?? Acceptance()
            if settings.names.contains(name) {
                let (hosts, old) = (found[name.rawValue] ?? [], acceptance)
                acceptance.settings = settings.digest(of: name)
                acceptance.hosts = names(of: hosts.filter(\.wantsRecord), besides: old.hosts, discovered)
                acceptance.certificates = names(
                    of: hosts.filter { $0.certificate != .none },
                    besides: old.certificates,
                    discovered
                )
            } else {
                acceptance.settings = nil
            }
            if acceptance != known[name.rawValue] ?? Acceptance() { changes[name.rawValue] = acceptance }
        }
        if !changes.isEmpty { try? acceptances.commit(changes) }
    }

    /// What could not be read is no less accepted.
    private func names(of hosts: [DesiredHost], besides old: [DomainName], _ discovered: Discovered) -> [DomainName] {
        Set(hosts.map(\.name)).union(discovered.isComplete ? [] : old).sorted()
    }
}

/// What a person confirms who accepts the hosts of a source: `accept-source:NAME`.
package enum SourceConfirmation {
    private static let prefix = "accept-source:"

    package static func text(of name: String) -> String { prefix + name }

    static func names(in confirmations: [String]) -> [String] {
        confirmations.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    }
}

extension DesiredHost {
    /// In any view.
    fileprivate var wantsRecord: Bool { target != .none || inInternalView.target != .none }
}

extension Discovered {
    /// Whether nothing is refused, nothing waits and everything could be read.
    fileprivate var isComplete: Bool { refusals.isEmpty && waiting.isEmpty && problems.isEmpty }

    /// With a hint for each source that waits to be accepted.
    ///
    /// - Parameters:
    ///   - held: those sources.
    ///   - withholds: whether what they may not request yet is left out. The records that there are stay.
    func showing(_ held: [String: SourceStore.Acceptance?], withholds: Bool) -> Discovered {
        guard !held.isEmpty else { return self }
        let records = held.mapValues { Set($0?.hosts ?? []) }
        let certificates = held.mapValues { Set($0?.certificates ?? []) }
        var (kept, withheld): ([DesiredHost], [DesiredHost]) = ([], [])
        for host in hosts {
            guard let source = host.declaration?.source, let records = records[source] else {
                kept.append(host)
                continue
            }
            let mayHaveRecord = !host.wantsRecord || records.contains(host.name)
            let mayHaveCertificate = host.certificate == .none || certificates[source]?.contains(host.name) ?? false
            if !mayHaveRecord || !mayHaveCertificate { withheld.append(host) }
            if mayHaveRecord, host.wantsRecord || mayHaveCertificate {
                kept.append(mayHaveCertificate ? host : host.withoutCertificate)
            }
        }
        let waiting = withheld.map { host in
            Refusal(
                origin: host.origin,
                label: host.label,
                value: host.name.text,
                reason: "the source \(host.declaration?.source ?? "") waits to be accepted"
            )
        }
        return Discovered(
            hosts: withholds ? kept : hosts,
            refusals: refusals,
            hints: Self.hints(on: held, withheld) + hints,
            mounts: mounts,
            waiting: self.waiting + (withholds ? waiting.sorted { "\($0)" < "\($1)" } : []),
            notes: notes,
            problems: problems
        )
    }

    private static func count(_ names: Set<DomainName>, _ word: String) -> String {
        names.isEmpty ? "no \(word)" : "\(names.count) \(word)\(names.count == 1 ? "" : "s")"
    }

    private static func hints(on held: [String: SourceStore.Acceptance?], _ withheld: [DesiredHost]) -> [Hint] {
        let withheld = Dictionary(grouping: withheld) { $0.declaration?.source ?? "" }
        return held.sorted { $0.key < $1.key }.map { source, known in
            let (hosts, before) = (withheld[source] ?? [], Set(known?.hosts ?? []))
            let names = Set(hosts.map(\.name))
            let records = Set(hosts.filter(\.wantsRecord).map(\.name)).subtracting(before)
            let certificates = Set(hosts.filter { $0.certificate != .none }.map(\.name))
            let state = known == nil ? "is new" : "is set up in another way than it was accepted"
            let command = "`landfall once --accept-source \(source)`"
            guard !names.isEmpty else {
                return Hint(
                    "the source \(source) \(state): hosts that are new wait until \(command) accepts them",
                    about: []
                )
            }
            let list = names.sorted().map(\.text).shortened(to: 10).joined(separator: ", ")
            let text =
                "the source \(source) \(state) and waits: it would request \(count(records, "record")) and "
                + (certificates.isEmpty ? "no certificate" : "certificates for \(count(certificates, "host"))")
                + " (\(list)); `landfall plan` shows it, and \(command) accepts it"
            return Hint(text, about: names)
        }
    }
}

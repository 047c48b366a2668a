package import Discovery
import Model
import Report
package import State

/// Remembers which sources a person has accepted. Until then a source only shows what it would request, because one variable is
/// quickly set and two hundred records are not as quickly taken back.
package struct SourceStore {
    private let accepted: StateStore.Namespace<Timestamp>

    package init(state: StateStore) { accepted = StateStore.Namespace("sources", in: state) }

    /// Which of the sources wait to be accepted. All of them, if what was accepted cannot be read.
    package func waiting(among settings: SourceSettings) -> Set<String> {
        guard settings.readsMore, !settings.areAccepted else { return [] }
        let names = settings.names.filter { $0 != .landfall }.map(\.rawValue)
        return Set(names).subtracting(accepted.allIfReadable().keys)
    }

    /// A store that cannot be written says so itself.
    func accept(_ names: [String], at now: Timestamp) {
        for name in names { try? accepted.commit([name: now]) }
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

extension Discovered {
    /// With a hint for each source that waits to be accepted.
    ///
    /// - Parameter withholds: whether its hosts are left out. The records that they had stay.
    func showing(_ sources: Set<String>, withholds: Bool) -> Discovered {
        let isWithheld: (DesiredHost) -> Bool = { host in host.declaration.map { sources.contains($0.source) } ?? false }
        let withheld = Dictionary(grouping: hosts.filter(isWithheld)) { $0.declaration?.source ?? "" }
        guard !withheld.isEmpty else { return self }
        guard withholds else {
            var shown = self
            shown.hints = Self.hints(withheld) + hints
            return shown
        }
        let waiting = withheld.values.joined().map { host in
            Refusal(
                origin: host.origin,
                label: host.label,
                value: host.name.text,
                reason: "the source \(host.declaration?.source ?? "") waits to be accepted"
            )
        }
        return Discovered(
            hosts: hosts.filter { !isWithheld($0) },
            refusals: refusals,
            hints: Self.hints(withheld) + hints,
            mounts: mounts,
            waiting: self.waiting + waiting.sorted { "\($0)" < "\($1)" },
            notes: notes,
            problems: problems
        )
    }

    private static func hints(_ withheld: [String: [DesiredHost]]) -> [Hint] {
        withheld.sorted { $0.key < $1.key }.map { source, hosts in
            let names = Set(hosts.map(\.name))
            let records = Set(hosts.filter { $0.target != .none }.map(\.name)).count
            let certificates = Set(hosts.filter { $0.certificate != .none }.map(\.name)).count
            let list = names.sorted().map(\.text).shortened(to: 10).joined(separator: ", ")
            let text =
                "the source \(source) is new and waits: it would request \(records) "
                + "\(records == 1 ? "record" : "records") and certificates for \(certificates) of \(names.count) "
                + "\(names.count == 1 ? "host" : "hosts") (\(list)); `landfall plan` shows it, and "
                + "`landfall once --accept-source \(source)` lets it"
            return Hint(text, about: names)
        }
    }
}

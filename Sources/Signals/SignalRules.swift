package import Docker
package import Model

/// What the configuration says about signals.
package struct SignalRules: Sendable {
    /// Container labels that name a signal, in order of precedence.
    package let labels: [String]
    /// The domain of short names in `hostsLabel`.
    package let defaultDomain: DomainName?
    /// Marks the helper services of this Landfall.
    package let instance: String
    /// Whether containers of other nodes are signalled too.
    package let isCrossNode: Bool
    /// The image of helpers; nil: that of Landfall's own container.
    package let helperImage: String?
    /// The login with which nodes pull it.
    package let helperLogin: RegistryLogin?

    /// The container label that limits signals to the certificates of some hosts.
    static let hostsLabel = "landfall.signal.hosts"

    package init(
        labels: [String],
        defaultDomain: DomainName? = nil,
        instance: String = "default",
        isCrossNode: Bool = true,
        helperImage: String? = nil,
        helperLogin: RegistryLogin? = nil
    ) {
        self.labels = labels
        self.defaultDomain = defaultDomain
        self.instance = instance
        self.isCrossNode = isCrossNode
        self.helperImage = helperImage
        self.helperLogin = helperLogin
    }
}

/// The signal that the labels of one container request.
struct RequestedSignal: Sendable, Hashable {
    let signal: SignalName
    /// Nil: for every certificate.
    let hosts: [DomainName]?

    /// Whether the certificate covers one of the hosts.
    func applies(to certificate: CertificateOnDisk) -> Bool {
        guard let hosts else { return true }
        return hosts.contains { host in
            certificate.names.contains {
                $0 == host || $0.isWildcard && $0.labels.dropFirst() == host.labels.dropFirst()
            }
        }
    }
}

/// Why a label is refused.
struct SignalRejection: Error {
    let label: String
    let value: String
    let reason: String
}

extension SignalRules {
    /// Returns the signal that the labels of a container request; nil when they request none.
    func requestedSignal(in labels: [String: String]) throws(SignalRejection) -> RequestedSignal? {
        guard let label = self.labels.first(where: { labels[$0] != nil }), let value = labels[label] else { return nil }
        guard let signal = SignalName(value) else {
            let reason = "not a signal that a server reloads on; it takes \(SignalName.choices)"
            throw SignalRejection(label: label, value: value, reason: reason)
        }
        return RequestedSignal(signal: signal, hosts: try labels[Self.hostsLabel].map(hosts(in:)))
    }

    private func hosts(in text: String) throws(SignalRejection) -> [DomainName] {
        var hosts: [DomainName] = []
        for part in text.split(separator: ",").map(\.trimmed) where !part.isEmpty { hosts += try names(part) }
        guard !hosts.isEmpty else {
            throw SignalRejection(label: Self.hostsLabel, value: text, reason: "it names no host")
        }
        return hosts
    }

    /// The names that `text` may mean: only zones tell whether it is below the default domain. A signal too many is harmless.
    private func names(_ text: String) throws(SignalRejection) -> [DomainName] {
        do throws(DomainNameError) {
            let name = try DomainName(text)
            guard let defaultDomain else { return [name] }
            if name.labels.count == 1 { return [try name.below(defaultDomain)] }
            return [name] + [try? name.below(defaultDomain)].compactMap(\.self)
        } catch {
            throw SignalRejection(label: Self.hostsLabel, value: text, reason: "\(error)")
        }
    }
}

/// A signal that can be sent to a container, checked against the names that Docker knows.
package struct SignalName: Hashable, Sendable, CustomStringConvertible {
    /// The name without `SIG`: `HUP`.
    package let description: String

    /// Accepts `HUP` and `SIGHUP`, in any letter case, with spaces around it.
    package init?(_ text: some StringProtocol) {
        let upper = text.split(whereSeparator: \.isWhitespace).joined(separator: " ").uppercased()
        let name = upper.hasPrefix("SIG") ? String(upper.dropFirst(3)) : upper
        guard Self.known.contains(name) else { return nil }
        description = name
    }

    static let choices = known.sorted().joined(separator: ", ")

    /// The signals on which servers reload or reopen; KILL and STOP could only do harm.
    private static let known: Set = [
        "HUP", "INT", "QUIT", "USR1", "USR2", "TERM", "WINCH", "CONT", "ALRM", "IO", "URG", "PWR",
    ]
}

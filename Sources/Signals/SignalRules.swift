public import Docker
public import Model

/// What the configuration says about signals.
public struct SignalRules: Sendable {
    /// Container labels that hold a signal, in order of precedence.
    public let labels: [String]
    /// What short names in `hostsLabel` are placed below.
    public let defaultDomain: DomainName?
    /// Marks the helper services of this Landfall.
    public let instance: String
    /// Whether containers of other nodes are signalled too.
    public let isCrossNode: Bool
    /// What helpers are made from; nil: what Landfall's own container is made from.
    public let helperImage: String?
    /// What the nodes pull it with.
    public let helperLogin: RegistryLogin?

    /// A container label that limits the signals to certificates of some names.
    static let hostsLabel = "landfall.signal.hosts"

    public init(
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

/// What one container wants to hear of.
struct SignalWish: Sendable, Hashable {
    let signal: SignalName
    /// Nil: of every certificate.
    let hosts: [DomainName]?

    /// Whether one of the hosts is served by a certificate.
    func concerns(_ certificate: CertificateOnDisk) -> Bool {
        guard let hosts else { return true }
        return hosts.contains { host in
            certificate.names.contains {
                $0 == host || $0.isWildcard && $0.labels.dropFirst() == host.labels.dropFirst()
            }
        }
    }
}

/// A label that says something that cannot be done.
struct WishProblem: Error {
    let label: String
    let value: String
    let reason: String
}

extension SignalRules {
    /// What a container's labels ask for; nil when for nothing.
    func wish(in labels: [String: String]) throws(WishProblem) -> SignalWish? {
        guard let label = self.labels.first(where: { labels[$0] != nil }), let value = labels[label] else { return nil }
        guard let signal = SignalName(value) else {
            let reason = "not a signal that a server reloads on; it takes \(SignalName.choices)"
            throw WishProblem(label: label, value: value, reason: reason)
        }
        return SignalWish(signal: signal, hosts: try labels[Self.hostsLabel].map(hosts(in:)))
    }

    private func hosts(in text: String) throws(WishProblem) -> [DomainName] {
        var hosts: [DomainName] = []
        for part in text.split(separator: ",").map(\.trimmed) where !part.isEmpty { hosts += try names(part) }
        guard !hosts.isEmpty else {
            throw WishProblem(label: Self.hostsLabel, value: text, reason: "it names no host")
        }
        return hosts
    }

    /// What a host may be served as: one that lies in no zone is below the default domain. A signal too many is harmless.
    private func names(_ text: String) throws(WishProblem) -> [DomainName] {
        do throws(DomainNameError) {
            let name = try DomainName(text)
            guard let defaultDomain else { return [name] }
            if name.labels.count == 1 { return [try name.below(defaultDomain)] }
            return [name] + [try? name.below(defaultDomain)].compactMap(\.self)
        } catch {
            throw WishProblem(label: Self.hostsLabel, value: text, reason: "\(error)")
        }
    }
}

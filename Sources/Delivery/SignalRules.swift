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
    /// How many hosts one container's label may name.
    package let hostLimit: Int

    /// The container label that limits signals to the certificates of some hosts.
    static let hostsLabel = "landfall.signal.hosts"

    package init(
        labels: [String],
        defaultDomain: DomainName? = nil,
        instance: String = "default",
        isCrossNode: Bool = true,
        helperImage: String? = nil,
        helperLogin: RegistryLogin? = nil,
        hostLimit: Int = LabelLimits.hosts
    ) {
        self.labels = labels
        self.defaultDomain = defaultDomain
        self.instance = instance
        self.isCrossNode = isCrossNode
        self.helperImage = helperImage
        self.helperLogin = helperLogin
        self.hostLimit = hostLimit
    }
}

/// The signal that the labels of one container request.
struct RequestedSignal: Sendable, Hashable {
    let signal: SignalName
    /// Nil: for every certificate.
    let hosts: [DomainName]?
}

/// Finds the certificates that a signal is for; each is looked at once, however many signals there are.
struct CertificateIndex: Sendable {
    private let all: [CertificateOnDisk]
    private let places: [DomainName: [Int]]

    init(_ certificates: some Sequence<CertificateOnDisk>) {
        all = Array(certificates)
        places = all.enumerated().reduce(into: [:]) { places, certificate in
            for name in certificate.element.names { places[name, default: []].append(certificate.offset) }
        }
    }

    /// The certificates that cover one of the hosts.
    func certificates(for request: RequestedSignal) -> [CertificateOnDisk] {
        guard let hosts = request.hosts else { return all }
        let names = hosts + hosts.compactMap { $0.parent?.wildcard }
        return Set(names.flatMap { places[$0] ?? [] }).sorted().map { all[$0] }
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
        try Self.checkLength(of: value, label)
        guard let signal = SignalName(value) else {
            let reason = "not a signal that a server reloads on; it takes \(SignalName.choices)"
            throw SignalRejection(label: label, value: value, reason: reason)
        }
        return RequestedSignal(signal: signal, hosts: try labels[Self.hostsLabel].map(hosts(in:)))
    }

    private func hosts(in text: String) throws(SignalRejection) -> [DomainName] {
        try Self.checkLength(of: text, Self.hostsLabel)
        let parts = text.split(separator: ",").map(\.trimmed).filter { !$0.isEmpty }
        guard (1...hostLimit).contains(parts.count) else {
            let reason = parts.isEmpty ? "it names no host" : "it names more than \(hostLimit) hosts"
            throw SignalRejection(label: Self.hostsLabel, value: text, reason: reason)
        }
        var hosts: [DomainName] = []
        for part in parts { hosts += try names(part) }
        return hosts
    }

    private static func checkLength(of value: String, _ label: String) throws(SignalRejection) {
        guard let reason = LabelLimits.reason(against: value) else { return }
        throw SignalRejection(label: label, value: value, reason: reason)
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

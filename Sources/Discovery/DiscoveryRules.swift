import Docker
package import Model

/// What the configuration says about reading labels.
package struct DiscoveryRules: Sendable {
    /// What short names are placed below.
    package let defaultDomain: DomainName?
    /// Which names that lie in no zone are placed below it.
    package let qualification: Qualification
    /// Labels that hold host names; `landfall.host` is always the first of them.
    package let hostLabels: [String]
    /// Labels that hold a signal; `landfall.signal` is always the first of them.
    package let signalLabels: [String]
    /// Where names may be; nil is anywhere.
    package let allowedZones: [DomainName]?
    /// How many hosts one service may request.
    package let hostLimit: Int
    /// Which declarations are read besides Landfall's own labels.
    package private(set) var sources: SourceSettings

    package init(
        defaultDomain: DomainName? = nil,
        hostLabels: [String] = [],
        signalLabels: [String] = [],
        allowedZones: [DomainName]? = nil,
        qualification: Qualification = .short,
        hostLimit: Int = LabelLimits.hosts,
        sources: SourceSettings = SourceSettings()
    ) {
        (self.defaultDomain, self.qualification) = (defaultDomain, qualification)
        self.hostLabels = Self.list(hostLabels, after: .host)
        self.signalLabels = Self.list(signalLabels, after: .signal)
        self.allowedZones = allowedZones
        (self.hostLimit, self.sources) = (hostLimit, sources)
    }

    /// The same rules for other sources.
    package func reading(_ sources: SourceSettings) -> DiscoveryRules {
        var rules = self
        rules.sources = sources
        return rules
    }

    /// The labels of an object as a recording may hold them: those that mean something here.
    package func recordable(_ labels: [String: String]) -> [String: String] {
        labels.reduce(into: [:]) { kept, label in
            kept[label.key] = isOwn(label.key) ? label.value : sources.recordable(label.key, label.value)
        }
    }

    private func isOwn(_ label: String) -> Bool {
        label.hasPrefix(LabelKey.prefix) || hostLabels.contains(label) || signalLabels.contains(label)
            || label == Container.serviceLabel || Container.composeLabels.contains(label)
    }

    private static func list(_ labels: [String], after own: LabelKey) -> [String] {
        [own.rawValue] + labels.filter { $0 != own.rawValue }
    }
}

/// Landfall's own labels.
enum LabelKey: String, CaseIterable {
    case host = "landfall.host"
    case dns = "landfall.dns"
    case internalDNS = "landfall.dns.internal"
    case proxied = "landfall.dns.proxied"
    case ttl = "landfall.dns.ttl"
    case certificate = "landfall.certificate"
    case certificateName = "landfall.certificate.name"
    case certificateProfile = "landfall.certificate.profile"
    case probe = "landfall.probe"
    case signal = "landfall.signal"
    case secret = "landfall.secret"
    case signalHosts = "landfall.signal.hosts"

    static let prefix = "landfall."

    /// Labels that say more about the hosts of the same service, and nothing without them.
    static let neighbours: [LabelKey] = [
        .dns, .internalDNS, .proxied, .ttl, .certificate, .certificateName, .certificateProfile, .probe,
    ]
}

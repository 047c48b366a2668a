/// A host that a label requests, and what the labels beside it say about it.
public struct DesiredHost: Hashable, Sendable {
    public let name: DomainName
    public let origin: Origin
    /// The label's key: `landfall.host`.
    public let label: String
    public let target: DNSTarget
    public let options: RecordOptions
    public let certificate: CertificateChoice
    public let probe: ProbeChoice

    public init(
        name: DomainName,
        origin: Origin,
        label: String = "landfall.host",
        target: DNSTarget = .publicAddress,
        options: RecordOptions = RecordOptions(),
        certificate: CertificateChoice = .each,
        probe: ProbeChoice = .standard
    ) {
        self.name = name
        self.origin = origin
        self.label = label
        self.target = target
        self.options = options
        self.certificate = certificate
        self.probe = probe
    }

    /// The same host with another name.
    public func named(_ other: DomainName) -> DesiredHost {
        guard other != name else { return self }
        return DesiredHost(
            name: other,
            origin: origin,
            label: label,
            target: target,
            options: options,
            certificate: certificate,
            probe: probe
        )
    }
}

/// The service or container that has the label.
public struct Origin: Hashable, Sendable, Codable {
    public enum Kind: String, Sendable, Codable { case service, container }

    public let kind: Kind
    public let id: String
    public let name: String

    public init(kind: Kind, id: String, name: String) {
        (self.kind, self.id, self.name) = (kind, id, name)
    }
}

extension Origin: CustomStringConvertible {
    public var description: String { "\(kind.rawValue) \(name)" }
}

/// `landfall.dns`.
public enum DNSTarget: Hashable, Sendable {
    case publicAddress
    case address(IPAddress)
    case alias(DomainName)
    case none
}

/// `landfall.dns.proxied` and `landfall.dns.ttl`; nil leaves an existing record's value alone.
public struct RecordOptions: Hashable, Sendable {
    public let proxied: Bool?
    /// Seconds; 1 is Cloudflare's "automatic".
    public let ttl: Int?

    public init(proxied: Bool? = nil, ttl: Int? = nil) {
        (self.proxied, self.ttl) = (proxied, ttl)
    }
}

/// `landfall.certificate`.
public enum CertificateChoice: Hashable, Sendable {
    /// One for this name alone.
    case each
    /// One for all names of the label, stored under `lineage`.
    case shared(lineage: String)
    /// `*.ZONE` and `ZONE`.
    case wildcard
    case none
}

/// `landfall.probe`: where Landfall checks whether the host's certificate is served.
public enum ProbeChoice: Hashable, Sendable {
    /// At the endpoint for all hosts, if there is one.
    case standard
    case at(ProbeEndpoint)
    case off
}

/// A request of a label that is refused, and why. It stays refused until a person changes it; other names of the label are
/// served.
public struct Refusal: Hashable, Sendable, Codable {
    public let origin: Origin
    /// The label's key: `landfall.host`.
    public let label: String
    /// The refused part of the label's value, on one line.
    public let value: String
    /// A clause: "an e-mail address is not a host name".
    public let reason: String

    public init(origin: Origin, label: String, value: String, reason: String) {
        (self.origin, self.label, self.reason) = (origin, label, reason)
        self.value = sanitized(value, limit: 100)
    }
}

extension Refusal: CustomStringConvertible {
    public var description: String { "\(origin): \(label): `\(value)` refused: \(reason)" }
}

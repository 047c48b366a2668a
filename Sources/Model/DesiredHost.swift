/// A host that somebody asked for with a label, and all that the label's neighbours say about it.
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

    /// The same under another name.
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

/// The service or container whose label asked.
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

/// `landfall.probe`: where it is asked whether the host's certificate is served.
public enum ProbeChoice: Hashable, Sendable {
    /// Where all hosts are asked for, if anywhere.
    case standard
    case at(ProbeEndpoint)
    case off
}

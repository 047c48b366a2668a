/// A host that a label requests, and what the labels beside it say about it.
package struct DesiredHost: Hashable, Sendable {
    package private(set) var name: DomainName
    package let origin: Origin
    /// The label's key: `landfall.host`.
    package let label: String
    package let target: DNSTarget
    /// What it has in the internal view (`landfall.dns.internal`); nil: as in the public one.
    package let internalTarget: DNSTarget?
    package let options: RecordOptions
    package private(set) var certificate: CertificateChoice
    /// The authority's profile for its certificate (`landfall.certificate.profile`); nil: the one for all certificates.
    package private(set) var profile: String?
    package let probe: ProbeChoice
    /// What a proxy's declaration says of it; nil for a label of Landfall's own.
    package let declaration: ProxyDeclaration?

    package init(
        name: DomainName,
        origin: Origin,
        label: String = "landfall.host",
        target: DNSTarget = .publicAddress,
        internalTarget: DNSTarget? = nil,
        options: RecordOptions = RecordOptions(),
        certificate: CertificateChoice = .each,
        profile: String? = nil,
        probe: ProbeChoice = .standard,
        declaration: ProxyDeclaration? = nil
    ) {
        (self.name, self.origin, self.label) = (name, origin, label)
        (self.target, self.options, self.certificate, self.probe) = (target, options, certificate, probe)
        (self.profile, self.declaration, self.internalTarget) = (profile, declaration, internalTarget)
    }

    /// The same host, with the profile for all certificates.
    package var withoutProfile: DesiredHost {
        var host = self
        host.profile = nil
        return host
    }

    /// The same host, of which only the record is requested.
    package var withoutCertificate: DesiredHost {
        var host = self
        host.certificate = .none
        host.profile = nil
        return host
    }

    /// What the host has inside. No provider's edge is there, so of its options only the TTL counts.
    package var inInternalView: DesiredHost {
        DesiredHost(
            name: name,
            origin: origin,
            label: label,
            target: internalTarget ?? target,
            internalTarget: internalTarget,
            options: RecordOptions(ttl: options.ttl),
            certificate: .none,
            declaration: declaration
        )
    }

    /// The same host with another name.
    package func named(_ other: DomainName) -> DesiredHost {
        var host = self
        host.name = other
        return host
    }
}

/// How a host comes from what a proxy is told. Its name is a full one, and stands for no other.
package struct ProxyDeclaration: Hashable, Sendable {
    /// As in `LANDFALL_SOURCES`.
    package let source: String
    /// The part of the value that names the host: ``Host(`www.example.test`)``.
    package let part: String
    /// Why it has the certificate that it has, or none, as a clause.
    package let reason: String

    package init(source: String, part: String, reason: String) {
        (self.source, self.part, self.reason) = (source, sanitized(part, limit: 100), sanitized(reason, limit: 200))
    }
}

/// The service or container that has the label, or the file that declares a host.
package struct Origin: Hashable, Sendable, Codable, CustomStringConvertible {
    package enum Kind: String, Sendable, Codable { case service, container, file }

    package let kind: Kind
    package let id: String
    package let name: String

    /// - Parameters:
    ///   - id: as the engine has it; what cannot be printed becomes a space, here and in the name.
    package init(kind: Kind, id: String, name: String) {
        (self.kind, self.id, self.name) = (kind, sanitized(id), sanitized(name))
    }

    package var description: String { "\(kind.rawValue) \(name)" }
}

/// `landfall.dns` and `landfall.dns.internal`.
package enum DNSTarget: Hashable, Sendable {
    /// The address of this machine, as the view has it.
    case publicAddress
    case address(IPAddress)
    case alias(DomainName)
    case none
}

/// `landfall.dns.proxied` and `landfall.dns.ttl`; nil leaves an existing record's value alone.
package struct RecordOptions: Hashable, Sendable {
    package let proxied: Bool?
    /// Seconds; 1 is Cloudflare's "automatic".
    package let ttl: Int?

    package init(proxied: Bool? = nil, ttl: Int? = nil) { (self.proxied, self.ttl) = (proxied, ttl) }
}

/// `landfall.certificate`.
package enum CertificateChoice: Hashable, Sendable {
    /// One for this name alone.
    case each
    /// One for all names of the label, stored under `lineage`.
    case shared(lineage: String)
    /// `*.ZONE` and `ZONE`.
    case wildcard
    case none
}

/// `landfall.probe`: where Landfall checks whether the host's certificate is served.
package enum ProbeChoice: Hashable, Sendable {
    /// At the endpoint for all hosts, if there is one.
    case standard
    case at(ProbeEndpoint)
    case off
}

/// A refused request of a label, and why, until a person changes it. Other names of the label are served.
package struct Refusal: Hashable, Sendable, Codable, CustomStringConvertible {
    package let origin: Origin
    /// The label's key: `landfall.host`.
    package let label: String
    /// The refused part of the label's value, on one line.
    package let value: String
    /// A clause: "an e-mail address is not a host name".
    package let reason: String

    package init(origin: Origin, label: String, value: String, reason: String) {
        (self.origin, self.label, self.reason) = (origin, label, reason)
        self.value = sanitized(value, limit: 100, keepsLinks: false)
    }

    package var description: String { "\(origin): \(label): `\(value)` refused: \(reason)" }
}

extension Refusal {
    /// What stands for the key where a whole folder of files that declare hosts is not known.
    package static let folderLabel = "folder"

    /// Whether what is refused may have been the request for a certificate, or for a name of one.
    package var mayMeanCertificate: Bool {
        ![
            "landfall.dns", "landfall.dns.internal", "landfall.dns.proxied", "landfall.dns.ttl", "landfall.probe",
            "landfall.secret", "landfall.signal", "landfall.signal.hosts",
        ].contains(label)
    }
}

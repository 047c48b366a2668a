public import Model
public import Report

/// One name and the state of each of its stages: label → record → certificate → served → signal.
public struct HostStatus: Sendable, Codable, Hashable {
    public let name: DomainName
    /// The services and containers whose labels ask for it; empty where none does any more.
    public let origins: [Origin]
    /// Nil where no record is wanted or DNS is switched off.
    public let record: RecordState?
    /// Nil where none is wanted or certificates are switched off.
    public let certificate: CertificateStatus?
    public let served: Served
    public let signal: SignalStatus?
    public let lastError: LastError?
    /// The health of its worst stage.
    public let health: Health

    public enum Health: String, Sendable, Codable, CaseIterable {
        case ok, changed, refused, failed
    }

    private enum CodingKeys: String, CodingKey {
        case name, origins, record, certificate, served, signal, lastError = "trouble", health = "mark"
    }

    init(
        name: DomainName,
        origins: [Origin],
        record: RecordState?,
        certificate: CertificateStatus?,
        served: Served,
        signal: SignalStatus?,
        lastError: LastError?
    ) {
        (self.name, self.origins, self.record, self.certificate) = (name, origins, record, certificate)
        (self.served, self.signal, self.lastError) = (served, signal, lastError)
        if let lastError, !lastError.isOver {
            health = lastError.isRefusal ? .refused : .failed
        } else if case .not = served {
            health = .failed
        } else {
            let outcomes = [record?.outcome, certificate?.outcome].compactMap(\.self)
            health = outcomes.contains(where: \.isChange) ? .changed : .ok
        }
    }
}

/// The certificate that a host uses.
public struct CertificateStatus: Sendable, Codable, Hashable {
    /// Its name under `live/`.
    public let lineage: String
    public let outcome: Outcome
    /// Of what is on disk; nil when nothing usable is.
    public let notBefore: Timestamp?
    public let notAfter: Timestamp?

    /// Whole days until it ends; negative when it has.
    public func daysLeft(at now: Timestamp) -> Int? {
        notAfter.map { Int((Double($0.seconds - now.seconds) / 86_400).rounded(.down)) }
    }
}

/// Whether the certificate on disk is the one that clients get.
public enum Served: Sendable, Hashable {
    /// It was not checked, or cannot be.
    case unknown
    case yes
    /// Where it is not, and why.
    case not(String)
}

extension Served: Codable {
    private enum CodingKeys: String, CodingKey { case state, detail }

    private enum State: String, Codable { case unknown, yes, no }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try container.decode(State.self, forKey: .state) {
        case .unknown: self = .unknown
        case .yes: self = .yes
        case .no: self = .not(try container.decodeIfPresent(String.self, forKey: .detail) ?? "")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .unknown: try container.encode(State.unknown, forKey: .state)
        case .yes: try container.encode(State.yes, forKey: .state)
        case .not(let detail):
            try container.encode(State.no, forKey: .state)
            try container.encode(detail, forKey: .detail)
        }
    }
}

/// The last signal for a host's certificate.
public struct SignalStatus: Sendable, Codable, Hashable {
    public let at: Timestamp
    public let signal: String
    /// The container: `proxy.1`.
    public let target: String
    public let outcome: Outcome
}

/// The last thing that went wrong with a host.
public struct LastError: Sendable, Codable, Hashable {
    public let stage: String
    public let text: String
    public let isRefusal: Bool
    /// When it first happened.
    public let since: Timestamp
    /// When it last happened.
    public let last: Timestamp
    public let isOver: Bool
}

public import Model
public import Report

/// One name and how far it has come: label → record → certificate → served → signal.
public struct HostStatus: Sendable, Codable, Hashable {
    public let name: DomainName
    /// Whose labels ask for it; empty where nobody does any more.
    public let origins: [Origin]
    /// Nil where no record is wanted or DNS is switched off.
    public let record: RecordReport?
    /// Nil where none is wanted or certificates are switched off.
    public let certificate: CertificateStatus?
    public let served: Served
    public let signal: SignalStatus?
    public let trouble: LastError?

    /// The state in one word, that of its worst stage.
    public let mark: Mark

    public enum Mark: String, Sendable, Codable, CaseIterable {
        case well, changed, refused, failed

        public var isTrouble: Bool { self == .refused || self == .failed }
    }

    init(
        name: DomainName,
        origins: [Origin],
        record: RecordReport?,
        certificate: CertificateStatus?,
        served: Served,
        signal: SignalStatus?,
        trouble: LastError?
    ) {
        (self.name, self.origins, self.record, self.certificate) = (name, origins, record, certificate)
        (self.served, self.signal, self.trouble) = (served, signal, trouble)
        if let trouble, !trouble.isOver {
            mark = trouble.isRefusal ? .refused : .failed
        } else if case .not = served {
            mark = .failed
        } else {
            let outcomes = [record?.outcome, certificate?.outcome].compactMap(\.self)
            mark = outcomes.contains(where: \.isChange) ? .changed : .well
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
    /// Nobody has looked, or nobody can.
    case unknown
    case yes
    /// Where it is not, and what is the matter there.
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
    /// The container's name.
    public let target: String
    public let outcome: Outcome
}

/// The last thing that went wrong with a host.
public struct LastError: Sendable, Codable, Hashable {
    public let stage: String
    public let text: String
    public let isRefusal: Bool
    /// When it began, and when it was last met.
    public let since: Timestamp
    public let last: Timestamp
    public let isOver: Bool
}

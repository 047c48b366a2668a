package import Model
package import Report

/// One name and the state of each of its stages: label → record → certificate → served → signal.
package struct HostStatus: Sendable, Codable, Hashable {
    package let name: DomainName
    /// The services and containers whose labels request it; empty if none does any more.
    package let origins: [Origin]
    /// Nil if none is requested or DNS is switched off.
    package let record: RecordState?
    /// Nil if none is requested or certificates are switched off.
    package let certificate: CertificateStatus?
    package let served: Served
    package let signal: SignalStatus?
    package let lastError: LastError?
    /// The health of its worst stage.
    package let health: Health

    package enum Health: String, Sendable, Codable, CaseIterable {
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
package struct CertificateStatus: Sendable, Codable, Hashable {
    /// Its name under `live/`.
    package let lineage: String
    package let outcome: Outcome
    /// Of what is on disk; nil when nothing usable is.
    package let notBefore: Timestamp?
    package let notAfter: Timestamp?

    /// Whole days until it ends; negative when it has.
    package func daysLeft(at now: Timestamp) -> Int? {
        notAfter.map { Int((Double($0.seconds - now.seconds) / 86_400).rounded(.down)) }
    }
}

/// Whether the certificate on disk is the one that clients get.
package enum Served: Sendable, Hashable {
    /// It was not checked, or cannot be.
    case unknown
    case yes
    /// Where it is not, and why.
    case not(String)
}

extension Served: Codable {
    private enum CodingKeys: String, CodingKey { case state, detail }

    private enum State: String, Codable { case unknown, yes, no }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try container.decode(State.self, forKey: .state) {
        case .unknown: self = .unknown
        case .yes: self = .yes
        case .no: self = .not(try container.decodeIfPresent(String.self, forKey: .detail) ?? "")
        }
    }

    package func encode(to encoder: any Encoder) throws {
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
package struct SignalStatus: Sendable, Codable, Hashable {
    package let at: Timestamp
    package let signal: String
    /// The container: `proxy.1`.
    package let target: String
    package let outcome: Outcome
}

/// The last thing that went wrong with a host.
package struct LastError: Sendable, Codable, Hashable {
    package let stage: String
    package let text: String
    package let isRefusal: Bool
    /// When it first happened.
    package internal(set) var since: Timestamp
    /// When it last happened.
    package let last: Timestamp
    package internal(set) var isOver = false
}

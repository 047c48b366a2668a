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
        } else if served.state == .no {
            health = .failed
        } else {
            let outcomes = [record?.outcome, certificate?.outcome].compactMap(\.self)
            health = outcomes.contains(where: \.isChange) ? .changed : .ok
        }
    }
}

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
package struct Served: Sendable, Codable, Hashable {
    /// Unknown: it was not checked, or cannot be.
    package enum State: String, Sendable, Codable { case unknown, yes, no }

    package let state: State
    /// Where it is not, and why.
    package private(set) var detail: String?

    package static let unknown = Served(state: .unknown)
    package static let yes = Served(state: .yes)
    package static func not(_ detail: String) -> Served { Served(state: .no, detail: detail) }
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
    package internal(set) var since: Timestamp
    package let last: Timestamp
    package internal(set) var isOver = false
}

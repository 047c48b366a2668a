package import Recording
package import Discovery
import Docker
import Files
import FoundationEssentials
import Model
import Ports

/// The hosts that the labels of the services in a file ask for: the body of the engine's `/services`, as
/// `curl --unix-socket /var/run/docker.sock http://docker/services` prints it.
package struct WantedHosts: Sendable {
    private static let sizeLimit = 64 << 20

    private let discovered: Discovered

    package init(servicesIn path: String, rules: DiscoveryRules) throws(RecordingError) {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try SystemFiles().read(path, limit: Self.sizeLimit, for: .run)
        } catch {
            throw RecordingError(error)
        }
        guard let services = try? JSONDecoder().decode([Service].self, from: Data(bytes)) else {
            throw RecordingError(path, "is not the body of the engine's /services")
        }
        discovered = Discovery.read(services, rules: rules)
    }

    /// One line for each host, refusal and hint.
    package var lines: [String] {
        discovered.hosts.map(\.text) + discovered.refusals.map { "refused  \($0)" }
            + discovered.hints.map { "hint     \($0)" }
    }
}

extension DesiredHost {
    fileprivate var text: String {
        "host     \(name)  \(target.text), \(certificate.text), asked for by \(origin)"
    }
}

extension DNSTarget {
    fileprivate var text: String {
        switch self {
        case .publicAddress: "record to the public address"
        case .address(let address): "record to \(address)"
        case .alias(let name): "alias of \(name)"
        case .none: "no record"
        }
    }
}

extension CertificateChoice {
    fileprivate var text: String {
        switch self {
        case .each: "certificate of its own"
        case .shared(let lineage): "shared certificate \(lineage)"
        case .wildcard: "the zone's wildcard certificate"
        case .none: "no certificate"
        }
    }
}

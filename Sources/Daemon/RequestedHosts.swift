package import Recording
package import Discovery
import Docker
import Files
import Model
import Ports

/// What the labels of the services in a file request, a line for each host, refusal and hint. The file holds the body
/// of the engine's `/services`, as `curl --unix-socket /var/run/docker.sock http://docker/services` prints it.
package func requestedHosts(servicesIn path: String, _ rules: DiscoveryRules) throws(RecordingError) -> [String] {
    let bytes: [UInt8]
    do throws(FileError) {
        bytes = try SystemFiles().read(path, limit: 64 << 20, for: .run)
    } catch {
        throw RecordingError(error)
    }
    guard let services = try? decodeJSON([Service].self, from: bytes) else {
        throw RecordingError(path, "is not the body of the engine's /services")
    }
    let discovered = Discovery.read(services, rules: rules)
    return discovered.hosts.map(\.text) + discovered.refusals.map { "refused  \($0)" }
        + discovered.hints.map { "hint     \($0)" }
}

extension DesiredHost {
    fileprivate var text: String {
        "host     \(name)  \(target.text), \(certificate.text), requested by \(origin)"
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

import DNS
import Model
import Ports

/// What one record shall be, and who asked for it.
struct DesiredRecord: Hashable {
    enum Target: Hashable {
        case address(IPAddress)
        case alias(DomainName)
    }

    let name: DomainName
    let target: Target
    var options: RecordOptions
    var origins: [Origin]

    var kind: DNSRecord.Kind {
        switch target {
        case .address(let address): address.family == .v4 ? .a : .aaaa
        case .alias: .cname
        }
    }

    var content: String {
        switch target {
        case .address(let address): address.description
        case .alias(let name): name.text
        }
    }

    /// A record for it; what is nil is left as it is, or to the provider.
    func record(proxied: Bool? = nil, ttl: Int? = nil, comment: String? = nil) -> DNSRecord {
        DNSRecord(name: name, kind: kind, content: content, ttl: ttl, proxied: proxied, comment: comment)
    }

    func isMet(by record: DNSRecord) -> Bool {
        record.hasContent(of: self.record())
    }

    /// Cloudflare refuses to proxy what the Internet does not reach, and its own edge.
    var canBeProxied: Bool {
        switch target {
        case .address(let address): address.isPublic
        case .alias: true
        }
    }

    /// `A 198.51.100.7`
    var summary: String { "\(kind.rawValue) \(content)" }

    /// `service web and service shop`
    var askers: String { origins.map { sanitized("\($0)", limit: 100) }.joined(separator: " and ") }
}

package import Model

/// A record as the API gives it.
struct CloudflareRecord: Decodable, Sendable, Identifiable {
    let id: String
    let type: String
    let name: String
    let content: String?
    let ttl: Int?
    let proxied: Bool?
    let comment: String?
    let meta: Meta?

    /// What Cloudflare notes about a record. Forms that are not known count as absent.
    struct Meta: Decodable, Sendable {
        /// Whether a product of Cloudflare's manages the record, and the API changes it no more.
        let isReadOnly: Bool

        private enum CodingKeys: String, CodingKey { case isReadOnly = "read_only" }

        init(from decoder: any Decoder) {
            let container = try? decoder.container(keyedBy: CodingKeys.self)
            isReadOnly = (try? container?.decodeIfPresent(Bool.self, forKey: .isReadOnly)) ?? false
        }
    }

    /// Nil for what is no address or alias of a host.
    var hostRecord: DNSRecord? {
        guard let kind = DNSRecord.Kind(rawValue: type), kind.isOfHosts, let content, id.isSafeInPath,
            let name = try? DomainName(served: name)
        else { return nil }
        return DNSRecord(
            id: id,
            name: name,
            kind: kind,
            content: content,
            ttl: ttl,
            proxied: proxied,
            comment: comment,
            managedBy: meta?.isReadOnly == true ? CloudflareProduct(kind, content)?.text ?? CloudflareProduct.any : nil
        )
    }
}

/// A product of Cloudflare's that makes records, as their contents show.
package struct CloudflareProduct {
    /// "a Cloudflare Worker".
    package let text: String

    /// Of a record that only a product can change, whichever it is.
    static let any = "another product of Cloudflare's"

    /// A Worker has no origin, so its record is the discard prefix
    /// (https://developers.cloudflare.com/workers/configuration/routing/routes/); a tunnel's is an alias
    /// (https://developers.cloudflare.com/cloudflare-one/networks/connectors/cloudflare-tunnel/routing-to-tunnel/dns/).
    package init?(_ kind: DNSRecord.Kind, _ content: String) {
        switch kind {
        case .aaaa where IPAddress(content) == IPAddress("100::"): text = "a Cloudflare Worker"
        case .cname where (try? DomainName(content))?.text.hasSuffix(".cfargotunnel.com") == true:
            text = "a Cloudflare Tunnel"
        default: return nil
        }
    }
}

/// A record as the API takes it; what is nil is not sent.
struct CloudflareRecordBody: Encodable, Sendable {
    /// The ttl that leaves the choice to Cloudflare.
    private static let automatic = 1

    /// Of the record that it changes, in a batch; else the path says it.
    var id: String?
    let type: String
    let name: String
    let content: String
    var ttl: Int?
    var proxied: Bool?
    var comment: String?
}

extension CloudflareRecordBody {
    init(creating record: DNSRecord) { self.init(record, ttl: record.ttl ?? Self.automatic) }

    /// What a `PATCH` changes; of a new kind the whole record, for a `PUT`, with what `new` does not name taken from `old`.
    init(changing old: DNSRecord, to new: DNSRecord) {
        guard old.kind != new.kind else {
            self.init(new, ttl: new.ttl)
            return
        }
        self.init(new, ttl: new.ttl ?? old.ttl ?? Self.automatic)
        proxied = new.proxied ?? old.proxied
        comment = new.comment ?? old.comment
    }

    private init(_ record: DNSRecord, ttl: Int?) {
        self.init(
            type: record.kind.rawValue,
            name: record.name.text,
            content: record.content,
            ttl: ttl,
            proxied: record.proxied,
            comment: record.comment
        )
    }
}

extension String {
    /// Identifiers come from the network and go into URLs; Cloudflare's are 32 hexadecimal digits.
    var isSafeInPath: Bool {
        !isEmpty && utf8.count <= 64
            && unicodeScalars.allSatisfy { scalar in
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9", "-", "_": true
                default: false
                }
            }
    }
}

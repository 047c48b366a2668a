/// How many records a zone holds, of those that it may hold.
package struct ZoneUsage: Sendable, Hashable, Codable {
    package let zone: DomainName
    package let records: Int
    /// Nil where the provider does not tell.
    package let limit: Int?

    package init(zone: DomainName, records: Int, limit: Int?) {
        (self.zone, self.records, self.limit) = (zone, records, limit)
    }

    package var isFull: Bool { limit.map { records >= $0 } ?? false }
}

extension ZoneUsage: CustomStringConvertible {
    /// `example.test: 187 of 200 records`
    package var description: String { "\(zone): \(likelyAmount)" }

    /// `187 of 200 records`
    package var amount: String {
        if let limit { return "\(records) of \(limit) records" }
        return records == 1 ? "1 record" : "\(records) records"
    }

    /// The amount; where the limit is not known, with the smallest one that Cloudflare has. A Free zone that was made before
    /// September 2024 holds 1000 (https://developers.cloudflare.com/dns/manage-dns-records/).
    package var likelyAmount: String {
        limit == nil && records <= 200 ? "\(records) of 200 records, if it is a new Free zone" : amount
    }
}

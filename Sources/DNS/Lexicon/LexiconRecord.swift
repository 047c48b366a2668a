import Model
import Ports

/// A record as lexicon lists it.
struct LexiconRecord: Hashable, Sendable {
    /// The provider's own key, or one that lexicon makes of the record.
    let id: String?
    let kind: DNSRecord.Kind
    /// Lower case, no final dot.
    let name: String
    /// As lexicon lists it, for a TXT record without quotation marks around it.
    let content: String
    /// Seconds.
    let ttl: Int?

    /// - Throws: if it is no record, or none of the zone: a name that cannot be placed would look like a record that is gone.
    init(_ json: JSONValue, in zone: DomainName, _ kind: DNSRecord.Kind) throws(ProviderError) {
        guard let name = json["name"]?.plainText, let content = json["content"]?.plainText else {
            throw .unavailable("lexicon lists a record without a name or content")
        }
        (self.name, self.kind) = ((name.hasSuffix(".") ? String(name.dropLast()) : name).lowercased(), kind)
        guard self.name == zone.text || self.name.hasSuffix(".\(zone.text)") else {
            throw .unavailable("lexicon lists `\(sanitized(name, limit: 100))`, which is no name in \(zone)")
        }
        let isQuoted = kind == .txt && content.utf8.count > 1 && content.hasPrefix("\"") && content.hasSuffix("\"")
        self.content = isQuoted ? String(content.dropFirst().dropLast()) : content
        (id, ttl) = (json["id"]?.plainText, json["ttl"]?.plainText.flatMap { Int($0) })
    }
}

extension JSONValue {
    /// A text, or a number as text: providers differ.
    fileprivate var plainText: String? {
        switch self {
        case .string(let text): text
        case .integer(let number): "\(number)"
        default: nil
        }
    }
}

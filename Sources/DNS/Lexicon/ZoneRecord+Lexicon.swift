import Model
import Ports

extension ZoneRecord {
    /// A record as lexicon lists it, its TTL 0 if the provider tells none.
    ///
    /// - Throws: if it is no record, or none of the zone: a name that cannot be placed would look like a record that is gone.
    init(lexicon json: JSONValue, in zone: DomainName, _ kind: DNSRecord.Kind) throws(ProviderError) {
        guard let listed = json["name"]?.plainText, let content = json["content"]?.plainText else {
            throw .unavailable("lexicon lists a record without a name or content")
        }
        let name = Self.name(listed, in: zone)
        guard name == zone.text || name.hasSuffix(".\(zone.text)") else {
            throw .unavailable("lexicon lists `\(sanitized(listed, limit: 100))`, which is not a name in \(zone)")
        }
        let isQuoted = kind == .txt && content.utf8.count > 1 && content.hasPrefix("\"") && content.hasSuffix("\"")
        self.init(
            name: name,
            kind: kind,
            content: isQuoted ? String(content.dropFirst().dropLast()) : content,
            ttl: json["ttl"]?.plainText.flatMap { Int($0) } ?? 0
        )
    }

    /// For the zone itself, several providers list `@.ZONE`, `@` or `.ZONE`; Route 53 writes `*` as in RFC 1035 §5.1.
    private static func name(_ listed: String, in zone: DomainName) -> String {
        var name = listed.lowercased().replacing("\\052", with: "*")
        if name.hasSuffix(".") { name.removeLast() }
        return ["@", "@.\(zone)", ".\(zone)"].contains(name) ? zone.text : name
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

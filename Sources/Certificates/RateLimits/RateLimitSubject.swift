import Model

/// What an order counts for.
enum RateLimitSubject: Hashable, Sendable {
    case account
    case domain(DomainName)
    /// Sorted.
    case set([DomainName])
    /// Without `*.`: that is what an authority validates.
    case name(DomainName)

    var kind: RateLimitUsage.Kind {
        switch self {
        case .account: .account
        case .domain: .domain
        case .set: .set
        case .name: .failures
        }
    }

    var text: String {
        switch self {
        case .account: ""
        case .domain(let name), .name(let name): name.text
        case .set(let names): names.map(\.text).joined(separator: ", ")
        }
    }
}

extension RateLimitSubject: Codable {
    private enum CodingKeys: String, CodingKey { case kind, names }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let names = try container.decode([DomainName].self, forKey: .names)
        switch (try container.decode(RateLimitUsage.Kind.self, forKey: .kind), names.first) {
        case (.account, _): self = .account
        case (.set, _): self = .set(names)
        case (.domain, let name?): self = .domain(name)
        case (.failures, let name?): self = .name(name)
        case (.domain, nil), (.failures, nil):
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "no name"))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(kind, forKey: .kind)
        switch self {
        case .account: try container.encode([DomainName](), forKey: .names)
        case .domain(let name), .name(let name): try container.encode([name], forKey: .names)
        case .set(let names): try container.encode(names, forKey: .names)
        }
    }
}

import DNS
import Model

/// One dns-01 challenge (RFC 8555 §8.4), checked: the value may be published at the name.
struct Challenge {
    /// `_acme-challenge.NAME`.
    let spot: ChallengeSpot
    let value: String

    init(spot: ChallengeSpot, value: String) {
        (self.spot, self.value) = (spot, value)
    }

    init(_ request: HookRequest, allowed: Set<DomainName>, zones: ZoneDirectory) throws(ChallengeRefusal) {
        guard let domain = try? DomainName(request.domain).withoutWildcard, allowed.contains(domain) else {
            throw ChallengeRefusal(
                "`\(sanitized(request.domain, limit: 100))` is not among the names of this certificate"
            )
        }
        guard Self.isBase64URL(request.validation) else {
            throw ChallengeRefusal("the validation value for \(domain) is none")
        }
        let entry = try Self.entry(of: domain, in: zones)
        spot = ChallengeSpot(name: "_acme-challenge.\(domain)", entry: entry)
        value = request.validation
    }

    private static func entry(of domain: DomainName, in zones: ZoneDirectory) throws(ChallengeRefusal)
        -> ZoneDirectory.Entry
    {
        switch zones.find(domain) {
        case .found(let entry): return entry
        case .notAllowed: throw ChallengeRefusal(DNSReach.notAllowed(domain))
        case .noZone(let searched): throw ChallengeRefusal(DNSReach.noZone(domain, searched: searched))
        case .unavailable(let reason): throw ChallengeRefusal(DNSReach.unavailable(reason))
        }
    }

    /// A SHA-256 digest in base64url without padding (RFC 8555 §8.4) has 43 characters.
    private static func isBase64URL(_ text: String) -> Bool {
        text.utf8.count == 43
            && text.unicodeScalars.allSatisfy { scalar in
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9", "-", "_": true
                default: false
                }
            }
    }
}

/// A name at which a value can be published.
struct ChallengeSpot: Sendable {
    /// A chain of aliases longer than this is a loop.
    static let longestChain = 8

    let name: String
    let entry: ZoneDirectory.Entry

    /// Where `target`, the alias at this name, leads. Whoever delegates a challenge may have it end in another zone, even at
    /// another provider.
    func following(_ target: String, in zones: ZoneDirectory) throws(ChallengeRefusal) -> ChallengeSpot {
        guard let host = Self.host(of: target), case .found(let entry) = zones.find(host) else {
            throw ChallengeRefusal(
                "\(name) is an alias of \(target), which is in no zone that Landfall may write to, so the challenge "
                    + "cannot be answered"
            )
        }
        return ChallengeSpot(name: target, entry: entry)
    }

    /// The host name that the target is or lies below: labels such as `_acme-challenge` are in no host name, nor in a zone's.
    private static func host(of target: String) -> DomainName? {
        var rest = target[...]
        while !rest.isEmpty {
            if let host = try? DomainName(rest) { return host }
            rest = rest.drop { $0 != "." }.dropFirst()
        }
        return nil
    }
}

/// Why a challenge is not answered; one line.
struct ChallengeRefusal: Error {
    let reason: String

    init(_ reason: String) {
        self.reason = sanitized(reason)
    }
}

import DNS
import Model

/// One dns-01 challenge (RFC 8555 §8.4), checked: the value may be published at the name.
struct Challenge {
    /// `_acme-challenge.NAME`.
    let name: String
    let value: String
    let entry: ZoneDirectory.Entry

    init(_ request: HookRequest, allowed: Set<DomainName>, zones: ZoneDirectory) throws(ChallengeRefusal) {
        guard let domain = try? DomainName(request.domain).withoutWildcard, allowed.contains(domain) else {
            throw ChallengeRefusal(
                "`\(oneLine(request.domain, limit: 100))` is not among the names of this certificate"
            )
        }
        guard Self.isBase64URL(request.validation) else {
            throw ChallengeRefusal("the validation value for \(domain) is none")
        }
        guard case .found(let entry) = zones.find(domain) else {
            throw ChallengeRefusal("\(domain) is in none of the zones that were read")
        }
        name = "_acme-challenge.\(domain)"
        value = request.validation
        self.entry = entry
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

/// Why a challenge is not answered; one line.
struct ChallengeRefusal: Error {
    let reason: String

    init(_ reason: String) {
        self.reason = oneLine(reason)
    }
}

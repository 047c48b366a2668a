import HTTPServer
package import Model

/// A credential that the emulated account accepts.
package enum CloudflareCredential: Sendable {
    /// An API token; nil zones are all zones.
    case token(Secret, zones: Set<String>? = nil, canWrite: Bool = true)
    /// The global key.
    case key(email: String, Secret)
}

/// Who asks, and what they may.
struct Caller {
    let hasToken: Bool
    let zones: Set<String>?
    let canWrite: Bool

    func sees(_ zone: CloudflareZone) -> Bool { zones?.contains(zone.name) ?? true }

    /// Finds the caller behind the headers. Which error a wrong token gets depends on what is asked.
    init(
        _ headers: [String: String],
        among credentials: [CloudflareCredential],
        otherwise unknownToken: APIError
    ) throws(APIError) {
        if let header = headers["authorization"] {
            try self.init(authorization: header, credentials, unknownToken)
        } else if let key = headers["x-auth-key"], let email = headers["x-auth-email"] {
            try self.init(key: key, email: email, credentials)
        } else {
            throw .noCredentials
        }
    }

    private init(
        authorization header: String,
        _ credentials: [CloudflareCredential],
        _ unknownToken: APIError
    ) throws(APIError) {
        let token = header.dropFirst("Bearer ".count)
        guard header.hasPrefix("Bearer "), !token.isEmpty, token.allSatisfy(Self.isTokenCharacter) else {
            throw .headers(6111, "Invalid format for Authorization header")
        }
        for case .token(let known, let zones, let canWrite) in credentials where known.revealed == token {
            (hasToken, self.zones, self.canWrite) = (true, zones, canWrite)
            return
        }
        throw unknownToken
    }

    private init(key: String, email: String, _ credentials: [CloudflareCredential]) throws(APIError) {
        guard !key.isEmpty, key.allSatisfy({ $0.isHexDigit }) else {
            throw .headers(6103, "Invalid format for X-Auth-Key header")
        }
        guard email.contains("@") else { throw .headers(6102, "Invalid format for X-Auth-Email header") }
        for case .key(let knownEmail, let known) in credentials where known.revealed == key && knownEmail == email {
            (hasToken, zones, canWrite) = (false, nil, true)
            return
        }
        throw .unknownKey
    }

    private static func isTokenCharacter(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "-_.".contains(character))
    }
}

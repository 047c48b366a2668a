import Model

extension CloudflareProvider {
    /// Whose credentials they are, for `landfall check`; throws the sentence that says what is wrong with them.
    ///
    /// `GET /user/tokens/verify`, with the global key `GET /user`. The former knows only a user's tokens: an account's
    /// token shows that it is good by listing zones.
    package func verify() async throws(ProviderError) -> CloudflareIdentity {
        do throws(CloudflareError) {
            switch api.credentials {
            case .globalKey:
                let _: CloudflareEnvelope<Anything> = try await api.get("/user", for: .run)
                return .user
            case .token: return try await verifyToken()
            }
        } catch .refused {
            throw .unauthorized(api.credentials.notAccepted)
        } catch {
            throw error.explained(.verify, with: api.credentials)
        }
    }

    private func verifyToken() async throws(CloudflareError) -> CloudflareIdentity {
        do throws(CloudflareError) {
            let token: CloudflareEnvelope<TokenStatus> = try await api.get("/user/tokens/verify", for: .run)
            if token.result.status == "active" { return .userToken(lastDay: token.result.lastDay) }
        } catch {
            guard case .refused = error else { throw error }
        }
        let _: CloudflareEnvelope<[Anything]> = try await api.get("/zones?page=1&per_page=5", for: .run)
        return .accountToken
    }

    /// How many records of whatever kind a zone has, at the cost of one short answer.
    package func countRecords(in zone: Zone) async throws(ProviderError) -> Int {
        do throws(CloudflareError) {
            let path = "\(zone.recordsPath)?page=1&per_page=5"
            let page: CloudflareEnvelope<[Anything]> = try await api.get(path, for: .zone(zone.name.text))
            return try api.total(of: page)
        } catch {
            throw error.explained(.read(zone), with: api.credentials)
        }
    }
}

/// Whose credentials Landfall was given.
package enum CloudflareIdentity: Hashable, Sendable, CustomStringConvertible {
    /// - Parameter lastDay: `2027-03-31`; nil where it does not end.
    case userToken(lastDay: String?)
    case accountToken
    /// By the global key.
    case user

    package var description: String {
        switch self {
        case .userToken(let day?): "a user's token, valid until \(day)"
        case .userToken(nil): "a user's token"
        case .accountToken: "an account's token"
        case .user: "a user's global key"
        }
    }
}

private struct TokenStatus: Decodable, Sendable {
    let status: String
    private let expires: String?

    /// `2027-03-31T23:59:59Z`, of which nobody needs the time.
    var lastDay: String? { expires.map { sanitized($0.prefix { $0 != "T" }, limit: 10) } }

    private enum CodingKeys: String, CodingKey {
        case status
        case expires = "expires_on"
    }
}

/// A value whose shape does not matter.
private struct Anything: Decodable, Sendable {}

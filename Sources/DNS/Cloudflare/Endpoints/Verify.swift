package import Model
import Ports

extension CloudflareProvider {
    /// Whose credentials they are, for `landfall check`; throws the sentence that says what is wrong with them.
    ///
    /// `GET /user/tokens/verify` knows only a user's tokens: an account's token is good if it can list zones.
    package func verify() async throws(ProviderError) -> String {
        do throws(CloudflareError) {
            switch api.credentials {
            case .globalKey:
                let _: CloudflareEnvelope<Anything> = try await api.get("/user", for: .run)
                return "a user's global key"
            case .token: return try await verifyToken()
            }
        } catch {
            if case .refused = error, !error.isAboutLocation { throw .unauthorized(api.credentials.notAccepted) }
            throw error.explained(.verify, with: api.credentials)
        }
    }

    private func verifyToken() async throws(CloudflareError) -> String {
        do throws(CloudflareError) {
            let token: CloudflareEnvelope<TokenStatus> = try await api.get("/user/tokens/verify", for: .run)
            guard token.result.status != "active" else {
                return "a user's token\(token.result.lastDay.map { ", valid until \($0)" } ?? "")"
            }
        } catch {
            guard case .refused = error, !error.isAboutLocation else { throw error }
        }
        let _: CloudflareEnvelope<[Anything]> = try await api.get("/zones?page=1&per_page=5", for: .run)
        return "an account's token"
    }

    /// `GET /zones/ZONE/dns_records/usage`; nil where it cannot be asked.
    package func usage(of zone: Zone) async -> ZoneUsage? {
        let path = "\(zone.recordsPath)/usage"
        let answer: CloudflareEnvelope<RecordUsage>? = try? await api.get(path, .urgent, for: .zone(zone.name.text))
        return answer.map { ZoneUsage(zone: zone.name, records: $0.result.used, limit: $0.result.limit) }
    }

    /// How many records of whatever kind a zone has, at the cost of one short answer.
    package func countRecords(in zone: Zone) async throws(ProviderError) -> ZoneUsage {
        if let usage = await usage(of: zone) { return usage }
        do throws(CloudflareError) {
            let path = "\(zone.recordsPath)?page=1&per_page=5"
            let page: CloudflareEnvelope<[Anything]> = try await api.get(path, for: .zone(zone.name.text))
            return ZoneUsage(zone: zone.name, records: try api.total(of: page), limit: nil)
        } catch {
            throw error.explained(.read(zone), with: api.credentials)
        }
    }

    /// Returns if the credentials may write to a zone, which the zone itself says; where it does not, they ask to delete a
    /// record that cannot be there, which changes nothing. Cloudflare looks at the permission first.
    package func verifyWriting(in zone: Zone) async throws(ProviderError) {
        let scope = Scope.zone(zone.name.text)
        let own: CloudflareEnvelope<Permissions>? = try? await api.get("/zones/\(zone.id)", for: scope)
        if own?.result.permissions?.contains("#dns_records:edit") == true { return }
        do throws(CloudflareError) {
            let path = "\(zone.recordsPath)/\(String(repeating: "0", count: 32))"
            let _: Anything = try await api.write(.delete, path, for: scope)
        } catch {
            guard case .refused = error, !error.isDenied else {
                throw error.explained(.edit(zone), with: api.credentials)
            }
        }
    }
}

private struct RecordUsage: Decodable, Sendable {
    let used: Int
    let limit: Int?

    private enum CodingKeys: String, CodingKey {
        case used = "record_usage"
        case limit = "record_quota"
    }
}

private struct TokenStatus: Decodable, Sendable {
    let status: String
    private let expires: String?

    /// `2027-03-31T23:59:59Z`, without the time.
    var lastDay: String? { expires.map { sanitized($0.prefix { $0 != "T" }, limit: 10) } }

    private enum CodingKeys: String, CodingKey {
        case status
        case expires = "expires_on"
    }
}

/// What the credentials may do in a zone; not every kind of credentials is told.
private struct Permissions: Decodable, Sendable {
    let permissions: [String]?
}

/// A value whose shape does not matter.
private struct Anything: Decodable, Sendable {}

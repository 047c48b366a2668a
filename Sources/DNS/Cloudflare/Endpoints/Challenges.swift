import Model
import Transport

extension CloudflareProvider {
    /// The shortest that Cloudflare takes on every plan, in seconds.
    private static let challengeTTL = 60

    public func publishChallenge(
        _ value: String,
        at name: String,
        in zone: Zone
    ) async throws(ProviderError) -> ChallengeRecord {
        let body = CloudflareRecordBody(type: "TXT", name: name, content: value, ttl: Self.challengeTTL)
        return try await add(body, in: zone, for: Self.scope(of: name, in: zone)) { answer in
            answer.isChallenge(value, at: name) ? ChallengeRecord(id: answer.id, name: name, value: value) : nil
        }
    }

    /// `DELETE /zones/ZONE/dns_records/ID`; gone already is as good.
    public func removeChallenge(_ record: ChallengeRecord, in zone: Zone) async throws(ProviderError) {
        struct Removed: Decodable, Sendable { let id: String }
        guard record.id.isSafeInPath else { throw .rejected("the challenge has no identifier to remove it by") }
        do throws(CloudflareError) {
            let path = "\(zone.recordsPath)/\(record.id)"
            let _: Removed = try await api.write(.delete, path, for: Self.scope(of: record.name, in: zone))
        } catch {
            guard !error.has([CloudflareCode.gone]) else { return }
            throw error.explained(.edit(zone), with: api.credentials)
        }
    }

    /// The host for which `_acme-challenge.HOST` is made.
    private static func scope(of name: String, in zone: Zone) -> Scope {
        let host = name.drop { $0 != "." }.dropFirst()
        return (try? DomainName(host)).map { .host($0) } ?? .zone(zone.name.text)
    }
}

extension CloudflareRecord {
    /// The API gives TXT content back with or without the quotes of a zone file.
    fileprivate func isChallenge(_ value: String, at name: String) -> Bool {
        type == "TXT" && self.name.lowercased() == name.lowercased() && id.isSafeInPath
            && (content == value || content == "\"\(value)\"")
    }
}

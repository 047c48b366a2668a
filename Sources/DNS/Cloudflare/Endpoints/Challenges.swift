import Model
import Ports

extension CloudflareProvider {
    /// The shortest that Cloudflare takes on every plan, in seconds.
    private static let challengeTTL = 60

    package func publishChallenge(
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
    package func removeChallenge(_ record: ChallengeRecord, in zone: Zone) async throws(ProviderError) {
        do throws(CloudflareError) {
            for id in record.id.isEmpty ? try await identifiers(of: record, in: zone) : [record.id] {
                try await removeRecord(id, for: Self.scope(of: record.name, in: zone), in: zone)
            }
        } catch {
            throw error.explained(.edit(zone), with: api.credentials)
        }
    }

    /// Where publishing was cut off before the answer came, the identifier was never learnt.
    private func identifiers(of record: ChallengeRecord, in zone: Zone) async throws(CloudflareError) -> [String] {
        let path = "\(zone.recordsPath)?type=TXT&name=\(record.name)"
        let standing: [CloudflareRecord] = try await api.list(
            path,
            perPage: 100,
            .urgent,
            for: Self.scope(of: record.name, in: zone)
        )
        return standing.filter { $0.isChallenge(record.value, at: record.name) }.map(\.id)
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

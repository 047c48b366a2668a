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
        return try await add(body, in: zone, for: zone.scope(ofChallengeAt: name)) { answer in
            answer.isChallenge(value, at: name) ? ChallengeRecord(id: answer.id, name: name, value: value) : nil
        }
    }

    /// `DELETE /zones/ZONE/dns_records/ID`; gone already is as good.
    package func removeChallenge(_ record: ChallengeRecord, in zone: Zone) async throws(ProviderError) {
        do throws(CloudflareError) {
            let scope = zone.scope(ofChallengeAt: record.name)
            for id in record.id.isEmpty ? try await identifiers(of: record, in: zone, for: scope) : [record.id] {
                try await removeRecord(id, for: scope, in: zone)
            }
        } catch {
            throw error.explained(.edit(zone), with: api.credentials)
        }
    }

    /// Where publishing was cut off before the answer came, the identifier was never learnt.
    private func identifiers(
        of record: ChallengeRecord,
        in zone: Zone,
        for scope: Scope
    ) async throws(CloudflareError) -> [String] {
        let path = "\(zone.recordsPath)?type=TXT&name=\(record.name)"
        let existing: [CloudflareRecord] = try await api.list(path, perPage: 100, .urgent, for: scope)
        return existing.filter { $0.isChallenge(record.value, at: record.name) }.map(\.id)
    }
}

extension CloudflareRecord {
    /// The API gives TXT content back with or without the quotes of a zone file.
    fileprivate func isChallenge(_ value: String, at name: String) -> Bool {
        type == "TXT" && self.name.lowercased() == name.lowercased() && id.isSafeInPath
            && (content == value || content == "\"\(value)\"")
    }
}

import Model

extension RFC2136Provider {
    /// Seconds; nobody asks for it twice.
    private static let challengeTTL = 60

    public func publishChallenge(
        _ value: String,
        at name: String,
        in zone: Zone
    ) async throws(ProviderError) -> ChallengeRecord {
        let record = try Self.record(value, name)
        // Beside an alias nothing can stand, and BIND would not say so.
        let isFree = DNSUpdate.Prerequisite.absent(name: record.name, type: "CNAME")
        try await send(DNSUpdate(zone: zone.name, prerequisites: [isFree], changes: [.add(record)]), about: name)
        return ChallengeRecord(id: value, name: name, value: value)
    }

    public func removeChallenge(_ record: ChallengeRecord, in zone: Zone) async throws(ProviderError) {
        let record = try Self.record(record.value, record.name)
        try await send(DNSUpdate(zone: zone.name, changes: [.remove(record)]), about: record.name)
    }

    /// Asked again once where no answer came: made twice, it is as if made once.
    private func send(_ update: DNSUpdate, about name: String) async throws(ProviderError) {
        let host = name.drop { $0 != "." }.dropFirst()
        let scope = (try? DomainName(host)).map { Scope.host($0) } ?? .zone(update.zone.text)
        do throws(DNSUpdateError) {
            do throws(DNSUpdateError) {
                try await updater.update(update, at: peer, for: scope)
            } catch {
                guard error == .silent else { throw error }
                try await updater.update(update, at: peer, for: scope)
            }
        } catch {
            throw error.explained("edit the zone \(update.zone)", with: peer)
        }
    }

    private static func record(_ value: String, _ name: String) throws(ProviderError) -> ZoneRecord {
        guard value.isPlainText else {
            throw .rejected("`\(oneLine(value, limit: 100))` cannot be written in a TXT record as it is")
        }
        return ZoneRecord(name: name.lowercased(), kind: .txt, content: value, ttl: challengeTTL)
    }
}

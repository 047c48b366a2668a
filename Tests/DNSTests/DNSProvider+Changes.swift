import DNS
import Model

/// One change at a time.
extension DNSProvider {
    func create(_ record: DNSRecord, in zone: Zone) async throws(ProviderError) -> DNSRecord {
        try await made(.create(record), in: zone) ?? record
    }

    func update(_ old: DNSRecord, to new: DNSRecord, in zone: Zone) async throws(ProviderError) -> DNSRecord {
        try await made(.update(old, to: new), in: zone) ?? new
    }

    func delete(_ record: DNSRecord, in zone: Zone) async throws(ProviderError) {
        _ = try await made(.delete(record), in: zone)
    }

    private func made(_ change: RecordChange, in zone: Zone) async throws(ProviderError) -> DNSRecord? {
        try await apply([change], in: zone)[0].get()
    }
}

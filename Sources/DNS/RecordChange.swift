public import Model
import Threads

/// One write to a zone.
public enum RecordChange: Hashable, Sendable {
    case create(DNSRecord)
    /// Replaces the content of the first, and those of its options that the second names; what that leaves nil stays.
    case update(DNSRecord, to: DNSRecord)
    case delete(DNSRecord)
}

extension DNSProvider {
    /// One by one, a few at a time: for providers that know no better way.
    public func apply(_ changes: [RecordChange], in zone: Zone) async -> [Result<DNSRecord?, ProviderError>] {
        await concurrentMap(changes, atMost: 8) { await apply($0, in: zone) }
    }

    func apply(_ change: RecordChange, in zone: Zone) async -> Result<DNSRecord?, ProviderError> {
        do throws(ProviderError) {
            switch change {
            case .create(let record): return .success(try await create(record, in: zone))
            case .update(let old, let new): return .success(try await update(old, to: new, in: zone))
            case .delete(let record):
                try await delete(record, in: zone)
                return .success(nil)
            }
        } catch {
            return .failure(error)
        }
    }
}

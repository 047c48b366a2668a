package import Model
import Ports
import Synchronization
import Threads

extension CloudflareProvider {
    /// In transactions of at most 200 changes; a refused one in ever smaller parts, so a bad record holds no other back.
    package func apply(_ changes: [RecordChange], in zone: Zone) async -> [Result<DNSRecord?, ProviderError>] {
        await ZoneWriting(provider: self, zone: zone).apply(changes)
    }
}

/// Writes many changes to one zone.
private struct ZoneWriting: Sendable {
    typealias Written = (place: Int, result: Result<DNSRecord?, ProviderError>)

    /// Requests at a time: gently, for they are writes to one zone.
    private static let width = 4
    /// Into how many parts a refused transaction is cut: one bad change among 200 is found in three rounds.
    private static let cut = 8

    /// Why the zone takes no more records, once it has refused one.
    private final class Refusal: Sendable { let error = Mutex<ProviderError?>(nil) }

    let provider: CloudflareProvider
    let zone: Zone
    private let refusal = Refusal()

    init(provider: CloudflareProvider, zone: Zone) { (self.provider, self.zone) = (provider, zone) }

    func apply(_ changes: [RecordChange]) async -> [Result<DNSRecord?, ProviderError>] {
        var results = [Result<DNSRecord?, ProviderError>](repeating: .failure(.noIdentifier), count: changes.count)
        let identified = changes.enumerated().filter(\.element.isIdentified).map { (place: $0, change: $1) }
        let parts = ChangeGroup.groups(of: identified).parts(ofSize: CloudflareBatch.limit, \.changes.count)
        for written in await writeAll(parts) { results[written.place] = written.result }
        return results
    }

    private func writeAll(_ parts: [[ChangeGroup]]) async -> [Written] {
        await concurrentMap(parts, atMost: Self.width) { await write($0) }.flatMap { $0 }
    }

    private func write(_ groups: [ChangeGroup]) async -> [Written] {
        let changes = groups.flatMap(\.changes)
        if let full = refusal.error.withLock(\.self), groups.contains(where: \.addsRecords) {
            return await writeWithoutCreations(groups, after: full)
        }
        guard changes.count > 1 else { return await oneByOne(changes) }
        do throws(CloudflareError) {
            let answer = try await send(changes.map(\.change))
            return changes.map { place, change in
                let confirmation = Result { () throws(CloudflareError) in try answer.confirmation(of: change) }
                return (place, confirmation.mapError(explained))
            }
        } catch {
            if error.has([CloudflareCode.full]) { return await writeWithoutCreations(groups, after: explained(error)) }
            guard error.mayConcernOneChange else { return changes.map { ($0.place, .failure(explained(error))) } }
            return await narrow(groups, after: error)
        }
    }

    /// What a full zone takes: everything but new records. A record that another one makes room for is no new one.
    private func writeWithoutCreations(_ groups: [ChangeGroup], after error: ProviderError) async -> [Written] {
        refusal.error.withLock { $0 = error }
        let refused = groups.filter(\.addsRecords).flatMap(\.changes).filter { $0.change.order == .creation }
        let kept = groups.map {
            $0.addsRecords ? ChangeGroup(changes: $0.changes.filter { $0.change.order != .creation }) : $0
        }
        .filter { !$0.changes.isEmpty }
        let results: [Written] = refused.map { ($0.place, .failure(error)) }
        // Where nothing was new, something else was what the zone had no room for.
        guard !refused.isEmpty else { return kept.flatMap(\.changes).map { ($0.place, .failure(error)) } }
        return kept.isEmpty ? results : await results + write(kept)
    }

    private func narrow(_ groups: [ChangeGroup], after error: CloudflareError) async -> [Written] {
        guard groups.count == 1 else {
            return await writeAll(groups.parts(ofSize: (groups.count + Self.cut - 1) / Self.cut) { _ in 1 })
        }
        let changes = groups[0].changes
        guard !groups[0].isOneStep else { return changes.map { ($0.place, .failure(explained(error))) } }
        return await oneByOne(changes.sorted { ($0.change.order, $0.place) < ($1.change.order, $1.place) })
    }

    private func oneByOne(_ changes: [(place: Int, change: RecordChange)]) async -> [Written] {
        var written: [Written] = []
        for (place, change) in changes {
            if change.order == .creation, let full = refusal.error.withLock(\.self) {
                written.append((place, .failure(full)))
                continue
            }
            let make = { () async throws(ProviderError) in try await provider.make(change, in: zone) }
            let result = await Result(of: make)
            if case .failure(let error) = result, case .full = error { refusal.error.withLock { $0 = error } }
            written.append((place, result))
        }
        return written
    }

    /// `POST /zones/ZONE/dns_records/batch`
    private func send(_ changes: [RecordChange]) async throws(CloudflareError) -> CloudflareBatchAnswer {
        let path = "\(zone.recordsPath)/batch"
        return try await provider.api.write(.post, path, CloudflareBatch(changes), for: .zone(zone.name.text))
    }

    private func explained(_ error: CloudflareError) -> ProviderError {
        error.explained(.edit(zone), with: provider.api.credentials)
    }
}

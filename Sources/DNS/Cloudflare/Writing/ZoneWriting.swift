package import Model
import Ports
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

    let provider: CloudflareProvider
    let zone: Zone

    func apply(_ changes: [RecordChange]) async -> [Result<DNSRecord?, ProviderError>] {
        var results = [Result<DNSRecord?, ProviderError>](repeating: .failure(.noIdentifier), count: changes.count)
        let identified = changes.enumerated().filter(\.element.isIdentified).map { (place: $0, change: $1) }
        let parts = ChangeGroup.parts(of: identified, atMost: CloudflareBatch.limit)
        for written in await writeAll(parts) { results[written.place] = written.result }
        return results
    }

    private func writeAll(_ parts: [[ChangeGroup]]) async -> [Written] {
        await concurrentMap(parts, atMost: Self.width) { await write($0) }.flatMap { $0 }
    }

    private func write(_ groups: [ChangeGroup]) async -> [Written] {
        let changes = groups.flatMap(\.changes)
        guard changes.count > 1 else { return await oneByOne(changes) }
        do throws(CloudflareError) {
            let answer = try await send(changes.map(\.change))
            return changes.map { ($0.place, confirmed($0.change, by: answer)) }
        } catch {
            guard error.mayConcernOneChange else { return changes.map { ($0.place, failed(error)) } }
            return await narrow(groups, after: error)
        }
    }

    private func narrow(_ groups: [ChangeGroup], after error: CloudflareError) async -> [Written] {
        guard groups.count == 1 else { return await writeAll(groups.cut(into: Self.cut)) }
        let changes = groups.flatMap(\.changes)
        guard !groups[0].isOneStep else { return changes.map { ($0.place, failed(error)) } }
        return await oneByOne(changes.sorted { ($0.change.order, $0.place) < ($1.change.order, $1.place) })
    }

    private func oneByOne(_ changes: [(place: Int, change: RecordChange)]) async -> [Written] {
        var written: [Written] = []
        for (place, change) in changes {
            let make = { () async throws(ProviderError) in try await provider.make(change, in: zone) }
            written.append((place, await Result(of: make)))
        }
        return written
    }

    /// `POST /zones/ZONE/dns_records/batch`
    private func send(_ changes: [RecordChange]) async throws(CloudflareError) -> CloudflareBatchAnswer {
        let path = "\(zone.recordsPath)/batch"
        return try await provider.api.write(.post, path, CloudflareBatch(changes), for: .zone(zone.name.text))
    }

    private func confirmed(
        _ change: RecordChange,
        by answer: CloudflareBatchAnswer
    ) -> Result<DNSRecord?, ProviderError> {
        do throws(CloudflareError) {
            return .success(try answer.confirmation(of: change))
        } catch {
            return failed(error)
        }
    }

    private func failed(_ error: CloudflareError) -> Result<DNSRecord?, ProviderError> {
        .failure(error.explained(.edit(zone), with: provider.api.credentials))
    }
}

extension Array {
    /// In order, in at most `count` parts, all but the last equally long.
    fileprivate func cut(into count: Int) -> [[Element]] {
        let length = (self.count + count - 1) / count
        return stride(from: 0, to: self.count, by: length).map { Array(self[$0..<Swift.min($0 + length, self.count)]) }
    }
}

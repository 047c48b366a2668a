package import Model
import Ports
import Threads

/// Zones read, and changes of them sent.
extension RFC2136Provider {
    /// Messages under way at a time.
    private static let width = 4
    /// A message has at most 65,535 bytes, its header and signature among them.
    private static let mostBytes = 48_000
    /// What an edit counts for at least, so that a message holds at most a hundred.
    private static let leastBytes = mostBytes / 100

    package func read(_ zone: Zone) async throws(ProviderError) -> ZoneContents {
        do throws(DNSUpdateError) {
            let (scope, label) = (Scope.zone(zone.name.text), TXTOwnershipRegistry.label)
            let records = try await updater.transfer(zone.name, textsBelow: label, from: peer, for: scope)
            var cuts = ZoneCuts()
            for record in records { cuts.note(record.kind.rawValue, record.name, record.content, in: zone.name) }
            return ZoneContents(TXTOwnershipRegistry.read(records), cuts: cuts)
        } catch {
            throw error.explained("read the zone \(zone.name)", with: peer)
        }
    }

    /// Returns if the key may write to a zone: it asks to delete records that are not there, which changes nothing, not even
    /// the zone's serial number (RFC 2136 §3.4.2.4 and §3.6).
    ///
    /// - Parameters:
    ///   - label: below the zone, and not in use.
    ///   - challenges: whether TXT records for challenges are tried as well.
    package func verifyWriting(in zone: Zone, at label: String, challenges: Bool) async throws(ProviderError) {
        let name = "\(label).\(zone.name)"
        let challenge = ZoneRecord(name: "_acme-challenge.\(name)", kind: .txt, content: "none", ttl: 0)
        let record = ZoneRecord(name: name, kind: .a, content: "192.0.2.1", ttl: 0)
        let mark = ZoneRecord(name: "\(TXTOwnershipRegistry.label).\(name)", kind: .txt, content: "none", ttl: 0)
        do throws(DNSUpdateError) {
            for removals in [[record, mark]] + (challenges ? [[challenge]] : []) {
                let update = DNSUpdate(zone: zone.name, changes: removals.map { .remove($0) })
                try await updater.update(update, at: peer, for: .zone(zone.name.text))
            }
        } catch {
            throw error.explained("edit the zone \(zone.name)", with: peer)
        }
    }

    /// Many in one message. It is all or nothing, so those of a message that was refused go one by one.
    package func apply(_ changes: [RecordChange], in zone: Zone) async -> [Result<DNSRecord?, ProviderError>] {
        let edits = changes.map { change in Result { () throws(ProviderError) in try ZoneEdit(change) } }
        let parts = edits.compactMap { try? $0.get() }.parts(ofSize: Self.mostBytes) { max($0.size, Self.leastBytes) }
        var results = await concurrentMap(parts, atMost: Self.width) { part in
            let scope: Scope = part.count == 1 ? .host(part[0].host) : .zone(zone.name.text)
            return await apply(together: part, in: zone, for: scope)
        }.flatMap(\.self)[...]
        return edits.map { edit in
            switch edit {
            case .failure(let error): .failure(error)
            case .success: results.popFirst() ?? .failure(.unavailable("could not confirm what was written"))
            }
        }
    }

    /// All in one message, for `scope`.
    func apply(
        together edits: [ZoneEdit],
        in zone: Zone,
        for scope: Scope
    ) async -> [Result<DNSRecord?, ProviderError>] {
        do throws(DNSUpdateError) {
            let (prerequisites, changes) = (edits.flatMap(\.prerequisites), edits.flatMap(\.changes))
            let update = DNSUpdate(zone: zone.name, prerequisites: prerequisites, changes: changes)
            try await updater.update(update, at: peer, for: scope)
            guard edits.contains(where: \.needsConfirmation) else { return edits.map { .success($0.result) } }
            return await confirm(edits, in: zone, after: "the server says that it was written")
        } catch {
            let reason = error.explained("edit the zone \(zone.name)", with: peer)
            if error.mayHaveBeenApplied { return await confirm(edits, in: zone, after: reason.description) }
            guard error.isAboutContents, edits.count > 1 else { return edits.map { _ in .failure(reason) } }
            let results = await concurrentMap(edits, atMost: Self.width) { edit in
                await apply(together: [edit], in: zone, for: .host(edit.host))
            }
            return results.flatMap(\.self)
        }
    }

    /// Looks whether the zone shows what was to be written.
    private func confirm(
        _ edits: [ZoneEdit],
        in zone: Zone,
        after news: String
    ) async -> [Result<DNSRecord?, ProviderError>] {
        do throws(ProviderError) {
            let records = try await records(in: zone)
            return edits.map { edit in
                guard edit.isMade(in: records) else {
                    return .failure(.unavailable("the zone does not contain what was written; \(news)"))
                }
                return .success(edit.result)
            }
        } catch {
            return edits.map { _ in .failure(.unavailable("could not confirm what was written: \(news); \(error)")) }
        }
    }
}

package import Model
package import Ports
import Threads

/// Zones that lexicon reads and edits, at one of the providers that it knows.
///
/// lexicon makes one change at a time and says only whether it went well, so what was written is read again. It cannot list
/// zones. The owner of a record is in the zone (`TXTOwnershipRegistry`).
package struct LexiconProvider: DNSProvider {
    package struct Settings: Sendable {
        /// lexicon: a path, or a name on the PATH.
        package let program: String
        /// As lexicon names it: "hetzner".
        package let provider: String
        package let zones: [DomainName]
        /// All that lexicon gets to see.
        package private(set) var environment: [String: String]
        /// What no error may show.
        package let secrets: [Secret]
        /// Seconds, if neither a label nor the existing record sets a TTL.
        package let usualTTL: Int

        package init(
            program: String,
            provider: String,
            zones: [DomainName],
            environment: [String: String],
            secrets: [Secret],
            usualTTL: Int
        ) {
            (self.program, self.provider, self.zones) = (program, provider, zones)
            (self.environment, self.secrets, self.usualTTL) = (environment, secrets, usualTTL)
        }

        /// The same, with a folder in which lexicon keeps the public suffix list.
        package func caching(in folder: String) -> Settings {
            var settings = self
            settings.environment["TLDEXTRACT_CACHE_PATH"] = folder
            return settings
        }
    }

    package let name: String
    private let settings: Settings
    private let program: LexiconProgram
    /// For some providers lexicon writes by replacing a whole set or zone: two writes at a time could undo each other.
    private let writing = AsyncSemaphore(width: 1)

    package init(_ settings: Settings, processes: any ProcessRunner) {
        (self.settings, name) = (settings, "\(settings.provider) (lexicon)")
        program = LexiconProgram(
            path: settings.program,
            provider: settings.provider,
            environment: settings.environment,
            secrets: settings.secrets,
            processes: processes
        )
    }

    /// Whether a request only makes lexicon read.
    package static func isRead(_ request: ProcessRequest, by path: String) -> Bool {
        LexiconProgram.isRead(request, by: path)
    }

    /// The configured zones. An error of one shows when it is read.
    package func zones() async throws(ProviderError) -> [Zone] {
        settings.zones.map { Zone(name: $0, id: "\($0) at \(settings.provider)") }
    }

    package func read(_ zone: Zone) async throws(ProviderError) -> ZoneContents {
        var listed: [LexiconRecord] = []
        for kind in [DNSRecord.Kind.a, .aaaa, .cname, .txt, .ns] {
            listed += try await program.list(kind, in: zone.name, for: .zone(zone.name.text))
        }
        let ids = Dictionary(listed.map { ($0.zoneRecord, $0.id) }) { first, _ in first }
        var cuts = ZoneCuts()
        for record in listed { cuts.note(record.kind.rawValue, record.name, record.content, in: zone.name) }
        return ZoneContents(TXTOwnershipRegistry.read(listed.map(\.zoneRecord)) { ids[$0] ?? nil }, cuts: cuts)
    }

    package func apply(_ changes: [RecordChange], in zone: Zone) async -> [Result<DNSRecord?, ProviderError>] {
        do throws(ProviderError) {
            return try await exclusively {
                var errors: [ProviderError?] = []
                for change in changes { errors.append(await make(change, in: zone)) }
                return await confirm(changes, errors, in: zone)
            }
        } catch {
            return changes.map { _ in .failure(error) }
        }
    }

    package func publishChallenge(
        _ value: String,
        at name: String,
        in zone: Zone
    ) async throws(ProviderError) -> ChallengeRecord {
        let record = challenge(value, name)
        try await exclusively { try await make(.create(record), in: zone, for: zone.scope(ofChallengeAt: name)) }
        return ChallengeRecord(id: value, name: name, value: value)
    }

    package func removeChallenge(_ record: ChallengeRecord, in zone: Zone) async throws(ProviderError) {
        let text = challenge(record.value, record.name)
        try await exclusively { try await make(.delete(text), in: zone, for: zone.scope(ofChallengeAt: record.name)) }
    }

    private func challenge(_ value: String, _ name: String) -> ZoneRecord {
        ZoneRecord(name: name.lowercased(), kind: .txt, content: value, ttl: settings.usualTTL)
    }

    private func exclusively<Value: Sendable>(
        _ body: () async throws -> Value
    ) async throws(ProviderError) -> Value {
        do {
            return try await writing.pass(body)
        } catch let error as ProviderError {
            throw error
        } catch {
            throw .unavailable("it was interrupted")
        }
    }
}

/// Changes, a step at a time.
extension LexiconProvider {
    private enum Step {
        case create(ZoneRecord)
        case delete(ZoneRecord)
        case update(id: String?, ZoneRecord)

        /// What takes it back, where that is possible.
        var inverse: Step? {
            switch self {
            case .create(let record): .delete(record)
            case .delete(let record): .create(record)
            case .update: nil
            }
        }
    }

    /// A mark is there only while its record is: a record that another program makes later must not seem to be ours.
    private func steps(of change: RecordChange) -> [Step] {
        switch change {
        case .create(let record): creation(of: record)
        case .delete(let record): deletion(of: record)
        case .update(let old, let new):
            if old.kind == new.kind {
                [.update(id: old.id, zoneRecord(new, keeping: old))]
                    + (old.comment == nil ? marks(on: zoneOptions(new, keeping: old)).map(Step.create) : [])
            } else {
                deletion(of: old) + creation(of: zoneOptions(new, keeping: old))
            }
        }
    }

    private func creation(of record: DNSRecord) -> [Step] {
        ([zoneRecord(record)] + marks(on: record)).map(Step.create)
    }

    private func deletion(of record: DNSRecord) -> [Step] {
        (marks(on: record) + [zoneRecord(record)]).map(Step.delete)
    }

    private func marks(on record: DNSRecord) -> [ZoneRecord] {
        [TXTOwnershipRegistry.mark(on: zoneOptions(record))].compactMap(\.self)
    }

    private func zoneRecord(_ record: DNSRecord, keeping old: DNSRecord? = nil) -> ZoneRecord {
        let ttl = zoneOptions(record, keeping: old).ttl ?? settings.usualTTL
        return ZoneRecord(name: record.name.text, kind: record.kind, content: record.content, ttl: ttl)
    }

    /// The record with the TTL and the comment that it is to have.
    private func zoneOptions(_ record: DNSRecord, keeping old: DNSRecord? = nil) -> DNSRecord {
        DNSRecord(
            name: record.name,
            kind: record.kind,
            content: record.content,
            // Not every provider lists it; then it is 0.
            ttl: record.ttl ?? old?.ttl.flatMap { $0 > 0 ? $0 : nil } ?? settings.usualTTL,
            comment: record.comment ?? old?.comment
        )
    }

    /// Makes a change, or takes back what was made of it and returns why it is not made.
    private func make(_ change: RecordChange, in zone: Zone) async -> ProviderError? {
        var made: [Step] = []
        for step in steps(of: change) {
            do throws(ProviderError) {
                try await make(step, in: zone, for: .host(change.name))
                made.append(step)
            } catch {
                await takeBack(made, in: zone, for: .host(change.name))
                return error
            }
        }
        return nil
    }

    private func takeBack(_ steps: [Step], in zone: Zone, for scope: Scope) async {
        for step in steps.reversed().compactMap(\.inverse) { try? await make(step, in: zone, for: scope) }
    }

    /// If lexicon fails, the zone says whether the step is made: an answer may be lost, and a record gone already.
    private func make(_ step: Step, in zone: Zone, for scope: Scope) async throws(ProviderError) {
        do throws(ProviderError) {
            switch step {
            case .create(let record): try await program.write(.create, record, in: zone.name, for: scope)
            case .delete(let record): try await program.write(.delete, record, in: zone.name, for: scope)
            case .update(let id, let record):
                try await program.write(.update, record, id: id, in: zone.name, for: scope)
            }
        } catch {
            guard (try? await isMade(step, in: zone, for: scope)) == true else { throw error }
        }
    }

    private func isMade(_ step: Step, in zone: Zone, for scope: Scope) async throws(ProviderError) -> Bool {
        let (record, isThere) =
            switch step {
            case .create(let record), .update(_, let record): (record, true)
            case .delete(let record): (record, false)
            }
        let listed = try await program.list(record.kind, record.name, in: zone.name, for: scope)
        return listed.contains { $0.name == record.name && $0.content == record.content } == isThere
    }

    /// Reads the zone again, and compares.
    private func confirm(
        _ changes: [RecordChange],
        _ errors: [ProviderError?],
        in zone: Zone
    ) async -> [Result<DNSRecord?, ProviderError>] {
        let records: [DNSRecord]
        do throws(ProviderError) {
            records = try await self.records(in: zone)
        } catch {
            let reason = error
            return errors.map { .failure($0 ?? .unavailable("could not confirm what was written: \(reason)")) }
        }
        var results: [Result<DNSRecord?, ProviderError>] = []
        for (change, error) in zip(changes, errors) {
            if let error { results.append(.failure(error)) } else { results.append(result(of: change, in: records)) }
            // What a create made instead is taken away again.
            if error == nil, case .create = change, case .failure(.unavailable) = results.last {
                await takeBack(steps(of: change), in: zone, for: .host(change.name))
            }
        }
        return results
    }

    private func result(of change: RecordChange, in records: [DNSRecord]) -> Result<DNSRecord?, ProviderError> {
        switch change {
        case .delete(let gone):
            let isThere = records.contains { $0.name == gone.name && $0.hasContent(of: gone) }
            return isThere
                ? .failure(.unavailable("lexicon says that it is deleted, but it is still there")) : .success(nil)
        case .create(let wanted), .update(_, to: let wanted):
            let here = records.filter { $0.name == wanted.name && $0.kind == wanted.kind }
            guard let found = here.first(where: wanted.hasContent) else {
                let others = here.map(\.summary).joined(separator: ", ")
                let shown = others.isEmpty ? "no such record" : others
                return .failure(.unavailable("lexicon says that it is written, but the zone shows \(shown)"))
            }
            guard let ttl = wanted.ttl, let kept = found.ttl, kept > 0, ttl != kept else { return .success(found) }
            return .failure(
                .rejected("\(settings.provider) keeps a TTL of \(kept) instead of \(ttl); change landfall.dns.ttl")
            )
        }
    }
}

extension LexiconRecord {
    fileprivate var zoneRecord: ZoneRecord { ZoneRecord(name: name, kind: kind, content: content, ttl: ttl ?? 0) }
}

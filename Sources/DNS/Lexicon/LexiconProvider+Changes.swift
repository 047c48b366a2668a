package import Model
import Ports
import Synchronization
import Threads

/// Changes, a step at a time.
///
/// A step makes a record beside the others of its name, or takes one away from beside them: this is what lexicon tests with
/// every provider. It does not test its `update` so. By that, some providers replace all records of a name.
extension LexiconProvider {
    enum Step: Hashable, Sendable {
        case create(ZoneRecord)
        case delete(ZoneRecord)

        var record: ZoneRecord {
            switch self {
            case .create(let record), .delete(let record): record
            }
        }

        var isCreation: Bool { if case .create = self { true } else { false } }

        /// What takes it back.
        var inverse: Step { isCreation ? .delete(record) : .create(record) }

        func isMade(in listed: [ZoneRecord]) -> Bool {
            listed.contains { $0.name == record.name && $0.hasContent(of: record) } == isCreation
        }
    }

    /// Why a step is not made.
    struct Failure: Error {
        let error: ProviderError
        /// Whether the zone could not be read either, so that it is not about the record.
        let isOutage: Bool
    }

    package func apply(_ changes: [RecordChange], in zone: Zone) async -> [Result<DNSRecord?, ProviderError>] {
        do throws(ProviderError) {
            return try await exclusively {
                var failures: [Failure?] = []
                for change in changes {
                    // A provider that does not answer must not hold up a run for each of its names.
                    if let last = failures.last, let last, last.isOutage {
                        failures.append(last)
                    } else if Task.isCancelled {
                        failures.append(Failure(error: .unavailable("it was interrupted"), isOutage: true))
                    } else {
                        // What is begun is ended: otherwise a record might stand without its mark, and belong to no program.
                        failures.append(await taskOnCurrentExecutor { await make(change, in: zone) }.value)
                    }
                }
                return await confirm(changes, failures.map { $0?.error }, in: zone)
            }
        } catch {
            return changes.map { _ in .failure(error) }
        }
    }

    /// A mark is there only while its record is: a record that another program makes later must not seem to be ours.
    private func steps(of change: RecordChange) -> [Step] {
        switch change {
        case .create(let record): return creation(of: whole(record))
        case .delete(let record): return deletion(of: record)
        case .update(let old, let new):
            let new = whole(new, keeping: old)
            guard old.kind == new.kind else { return deletion(of: old) + creation(of: new) }
            return replacement(of: old, by: new) + (old.comment == nil ? marks(on: new).map(Step.create) : [])
        }
    }

    private func creation(of record: DNSRecord) -> [Step] { ([record.inZone] + marks(on: record)).map(Step.create) }

    private func deletion(of record: DNSRecord) -> [Step] { (marks(on: record) + [record.inZone]).map(Step.delete) }

    /// The new record comes first, so that the name always has one; but a name has one alias at most, and a record beside
    /// another one may get its TTL.
    private func replacement(of old: DNSRecord, by new: DNSRecord) -> [Step] {
        let hasTTL = old.ttl == nil || old.ttl == new.ttl
        if old.hasContent(of: new) && hasTTL { return [] }
        let steps: [Step] = [.create(new.inZone), .delete(old.inZone)]
        return hasTTL && new.kind != .cname ? steps : steps.reversed()
    }

    private func marks(on record: DNSRecord) -> [ZoneRecord] {
        [TXTOwnershipRegistry.mark(on: record)].compactMap(\.self)
    }

    /// The record with the TTL and the comment that it is to have.
    private func whole(_ record: DNSRecord, keeping old: DNSRecord? = nil) -> DNSRecord {
        record.with(ttl: record.ttl ?? old?.ttl ?? settings.usualTTL, comment: record.comment ?? old?.comment)
    }

    /// Makes a change, or takes back what was made of it and returns why it is not made.
    private func make(_ change: RecordChange, in zone: Zone) async -> Failure? {
        if let error = deviations.error(of: change) { return Failure(error: error, isOutage: false) }
        var made: [Step] = []
        for step in steps(of: change) {
            do throws(Failure) {
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
        for step in steps.reversed() { try? await make(step.inverse, in: zone, for: scope) }
    }

    /// If lexicon fails, the zone says whether the step is made: an answer may be lost, and a record gone already.
    func make(_ step: Step, in zone: Zone, for scope: Scope) async throws(Failure) {
        let record = step.record
        do throws(ProviderError) {
            try await program.write(step.isCreation ? .create : .delete, record, in: zone.name, for: scope)
        } catch {
            let listed = try? await program.list(record.kind, record.name, in: zone.name, for: scope)
            guard let listed else { throw Failure(error: error, isOutage: true) }
            guard step.isMade(in: listed) else { throw Failure(error: error, isOutage: false) }
        }
    }

    /// Reads again what was changed, and compares.
    private func confirm(
        _ changes: [RecordChange],
        _ errors: [ProviderError?],
        in zone: Zone
    ) async -> [Result<DNSRecord?, ProviderError>] {
        let made = zip(changes, errors).filter { $1 == nil }.map { change, _ in steps(of: change) }
        let kinds = Set(made.joined().map(\.record.kind) + changes.compactMap(\.result?.kind) + [.txt])
        let listed: [ZoneRecord]
        do throws(ProviderError) {
            listed = try await list(made.isEmpty ? [] : [.a, .aaaa, .cname, .txt].filter(kinds.contains), in: zone)
        } catch {
            let reason = error
            return errors.map { .failure($0 ?? .unavailable("could not confirm what was written: \(reason)")) }
        }
        var results: [Result<DNSRecord?, ProviderError>] = []
        for (change, error) in zip(changes, errors) {
            results.append(error.map { .failure($0) } ?? result(of: change, in: listed))
            // What a create made instead is taken away again: an alias may be taken for a name below the zone.
            if error == nil, case .create(let wanted) = change, case .failure(.unavailable) = results.last {
                let instead = listed.filter {
                    $0.kind == .cname && wanted.kind == .cname && $0.name == wanted.name.text
                        && $0.content.hasPrefix("\(wanted.content).")
                }
                // Unless the zone shows another record there, it may only be late.
                let isTaken = listed.contains {
                    $0.kind == wanted.kind && $0.name == wanted.name.text && !$0.hasContent(of: wanted.inZone)
                }
                guard isTaken else { continue }
                await takeBack((instead + marks(on: wanted)).map(Step.create), in: zone, for: .host(change.name))
            }
        }
        return results
    }

    private func result(of change: RecordChange, in listed: [ZoneRecord]) -> Result<DNSRecord?, ProviderError> {
        let steps = steps(of: change)
        let created = steps.filter(\.isCreation)
        if let missing = created.first(where: { !$0.isMade(in: listed) })?.record {
            let here = listed.filter { $0.name == missing.name && $0.kind == missing.kind }
            let shown = here.map { sanitized("\($0.kind.rawValue) \($0.content)") }.joined(separator: ", ")
            let text = here.isEmpty ? "no \(missing.kind.rawValue) record at \(missing.name)" : shown
            return .failure(.unavailable("lexicon says that it is written, but the zone shows \(text)"))
        }
        // What goes for its TTL's sake comes again.
        let isMade = steps.allSatisfy { step in
            step.isMade(in: listed) || created.contains { $0.isMade(in: [step.record]) }
        }
        guard isMade else {
            return .failure(.unavailable("lexicon says that it is deleted, but it is still there"))
        }
        guard let wanted = change.result else { return .success(nil) }
        let found = Self.hosts(in: listed).first { $0.name == wanted.name && $0.hasContent(of: wanted) }
        guard let ttl = wanted.ttl, let kept = found?.ttl, ttl != kept else { return .success(found) }
        let reason = "\(settings.provider) keeps a TTL of \(kept) instead of \(ttl); change landfall.dns.ttl"
        return .failure(deviations.note(wanted, .rejected(reason)))
    }
}

/// TTLs that a provider did not keep. Asked again, it would only remove the record and make it once more.
final class TTLDeviations: Sendable {
    private let errors = Mutex<[ZoneRecord: ProviderError]>([:])

    func note(_ wanted: DNSRecord, _ error: ProviderError) -> ProviderError {
        errors.withLock { $0[wanted.inZone] = error }
        return error
    }

    /// What a change would come to that is for the TTL's sake alone.
    func error(of change: RecordChange) -> ProviderError? {
        guard case .update(let old, let new) = change, old.hasContent(of: new) else { return nil }
        return errors.withLock { $0[new.inZone] }
    }
}

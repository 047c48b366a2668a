import DNS
import Model
import Ports

/// The writes of a plan to one zone.
struct ZoneWrites: Sendable {
    /// What came of a write, and what DNS has now; nil where that is not known, or nothing.
    typealias WriteResult = (outcome: Outcome, current: DNSRecord?)

    /// `place` is the index of the plan's step.
    private typealias Write = (place: Int, host: DomainName, change: RecordChange)

    private let entry: ZoneDirectory.Entry
    private let full: FullZones
    private var writes: [Write] = []

    /// One per zone, in the order of their first steps.
    static func all(in plan: RecordPlan) -> [ZoneWrites] {
        var all: [ZoneWrites] = []
        var places: [Zone: Int] = [:]
        for (place, step) in plan.steps.enumerated() {
            guard let entry = step.zone, let change = step.action.write else { continue }
            let index = places[entry.zone] ?? all.endIndex
            if index == all.endIndex { all.append(ZoneWrites(entry: entry, full: plan.full)) }
            places[entry.zone] = index
            all[index].writes.append((place, step.host, change))
        }
        return all
    }

    /// Carries out the writes, and returns the results by the steps' indices.
    func carryOut(_ progress: ProgressHandler) async -> [Int: WriteResult] {
        let creations = writes.filter(\.change.isCreation)
        if let room = full.room(of: entry.zone.name) {
            // It was full: only so many are tried as there may be room for.
            var results = await write(writes.filter { !$0.change.isCreation }, progress)
            results.merge(await write(Array(creations.prefix(room)), progress)) { first, _ in first }
            results.merge(await writeIfThereIsRoom(Array(creations.dropFirst(room)), progress)) { first, _ in first }
            return results
        }
        // What is created at a name where another record is changed or deleted has to wait for that.
        let changing = Set(writes.filter { !$0.change.isCreation }.map(\.host))
        let late = creations.filter { changing.contains($0.host) }
        let latePlaces = Set(late.map(\.place))
        let results = await write(writes.filter { !latePlaces.contains($0.place) }, progress)
        return results.merging(await writeIfThereIsRoom(late, progress)) { first, _ in first }
    }

    private func writeIfThereIsRoom(_ creations: [Write], _ progress: ProgressHandler) async -> [Int: WriteResult] {
        guard let reason = full.reason(of: entry.zone.name) else { return await write(creations, progress) }
        for write in creations { progress(Progress(.record, write.host.text, .ended(.failed(reason)))) }
        return creations.reduce(into: [:]) { $0[$1.place] = (.failed(reason), nil) }
    }

    private func write(_ writes: [Write], _ progress: ProgressHandler) async -> [Int: WriteResult] {
        guard !writes.isEmpty else { return [:] }
        for write in writes { progress(Progress(.record, write.host.text, .started)) }
        let answers = await entry.provider.apply(writes.map(\.change), in: entry.zone)
        await learn(from: answers, to: writes)
        var results: [Int: WriteResult] = [:]
        for (index, write) in writes.enumerated() {
            let answer = index < answers.count ? answers[index] : .success(nil)
            var result = write.change.result(answer, by: entry.provider.name)
            if answer.isFull, let reason = full.sentence(of: entry.zone.name) { result.outcome = .failed(reason) }
            results[write.place] = result
            progress(Progress(.record, write.host.text, .ended(result.outcome)))
        }
        return results
    }

    /// Learns from the answers whether the zone takes more records.
    private func learn(from answers: [Result<DNSRecord?, ProviderError>], to writes: [Write]) async {
        let created = zip(writes, answers).count { write, answer in
            if write.change.isCreation, case .success = answer { true } else { false }
        }
        if created > 0 { full.noteTaken(created, by: entry.zone.name) }
        for case .failure(.full(let words)) in answers { return await full.note(entry, words) }
    }
}

extension Result<DNSRecord?, ProviderError> {
    fileprivate var isFull: Bool { if case .failure(.full) = self { true } else { false } }
}

extension RecordStep.Action {
    var write: RecordChange? {
        switch self {
        case .create(let record): .create(record)
        case .update(let old, let new): .update(old, to: new)
        case .delete(let record): .delete(record)
        case .keep, .hold, .refuse, .wait: nil
        }
    }
}

extension RecordChange {
    fileprivate var isCreation: Bool { if case .create = self { true } else { false } }

    /// The result, judged by the record that the provider confirms.
    fileprivate func result(_ answer: Result<DNSRecord?, ProviderError>, by provider: String) -> ZoneWrites.WriteResult
    {
        switch (self, answer) {
        case (.create, .failure(let error)): (.failed("\(provider): \(error)"), nil)
        case (.update(let old, _), .failure(let error)), (.delete(let old), .failure(let error)):
            (.failed("\(provider): \(error)"), old)
        case (.delete(let old), .success): (.changed("deleted \(old.summary), which no label requests any more"), nil)
        case (.create(let new), .success(let confirmed)):
            new.result(confirmedBy: confirmed, provider, "created \(new.summary)")
        case (.update(let old, let new), .success(let confirmed)):
            new.result(confirmedBy: confirmed, provider, "updated \(new.summary)\(new.difference(from: old))")
        }
    }
}

extension DNSRecord {
    /// - Parameter confirmed: the record as the provider returns it; nil when it returns none.
    fileprivate func result(
        confirmedBy confirmed: DNSRecord?,
        _ provider: String,
        _ change: String
    ) -> ZoneWrites.WriteResult {
        guard let confirmed else {
            return (.failed("\(provider) did not confirm \(summary); the next run checks it"), nil)
        }
        guard isMet(by: confirmed) else {
            let reason = "\(provider) did not confirm \(summary): it returns \(confirmed.fullSummary)"
            return (.failed(reason), confirmed)
        }
        return (.changed(change), confirmed)
    }

    /// Whether `other` is the requested record; options that are nil here may be anything.
    private func isMet(by other: DNSRecord) -> Bool {
        name == other.name && hasContent(of: other) && proxied.map { $0 == other.proxied ?? $0 } ?? true
            && ttl.map { $0 == other.ttl ?? $0 || other.proxied == true } ?? true
    }

    private var fullSummary: String {
        "\(name) \(summary)\(proxied == true ? " proxied" : "")\(ttl.map { " ttl \($0)" } ?? "")"
    }

    /// `, was A 198.51.100.8; proxied`: what the summary of the new record does not show.
    fileprivate func difference(from old: DNSRecord) -> String {
        var text = old.hasContent(of: self) ? "" : ", was \(old.summary)"
        if let proxied { text += proxied ? "; proxied" : "; not proxied" }
        if let ttl { text += "; ttl \(ttl)" }
        return text
    }
}

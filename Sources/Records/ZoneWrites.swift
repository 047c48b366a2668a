import DNS
import Model
import Ports

/// What a plan changes in one zone, and by which steps.
struct ZoneWrites: Sendable {
    private struct Write: Sendable {
        /// Among the plan's steps.
        let place: Int
        let host: DomainName
        let change: RecordChange
    }

    private let entry: ZoneDirectory.Entry
    private var writes: [Write] = []

    private init(_ entry: ZoneDirectory.Entry) {
        self.entry = entry
    }

    /// In the order of their first steps.
    static func all(in plan: RecordPlan) -> [ZoneWrites] {
        var all: [ZoneWrites] = []
        var places: [Zone: Int] = [:]
        for (place, step) in plan.steps.enumerated() {
            guard let entry = step.zone, let change = step.action.change else { continue }
            let index = places[entry.zone] ?? all.endIndex
            if index == all.endIndex {
                all.append(ZoneWrites(entry))
                places[entry.zone] = index
            }
            all[index].writes.append(Write(place: place, host: step.host, change: change))
        }
        return all
    }

    /// The results, by the steps' places.
    func carryOut(_ progress: ProgressHandler) async -> [Int: RecordResult] {
        // What is added beside a record that turns into something else has to wait for that.
        let turning = Set(writes.filter { !$0.change.isCreation }.map(\.host))
        let late = writes.filter { $0.change.isCreation && turning.contains($0.host) }
        let latePlaces = Set(late.map(\.place))
        var results: [Int: RecordResult] = [:]
        for writes in [writes.filter { !latePlaces.contains($0.place) }, late] where !writes.isEmpty {
            for write in writes { progress(Progress(.record, write.host.text, .started)) }
            let answers = await entry.provider.apply(writes.map(\.change), in: entry.zone)
            for (index, write) in writes.enumerated() {
                let answer = index < answers.count ? answers[index] : .success(nil)
                let result = write.change.result(at: write.host, answer, by: entry.provider.name)
                results[write.place] = result
                progress(Progress(.record, write.host.text, .ended(result.outcome)))
            }
        }
        return results
    }
}

extension RecordStep.Action {
    fileprivate var change: RecordChange? {
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

    /// What came of it, judged by what the provider says that stands now.
    fileprivate func result(
        at host: DomainName,
        _ answer: Result<DNSRecord?, ProviderError>,
        by provider: String
    ) -> RecordResult {
        switch (self, answer) {
        case (.create, .failure(let error)):
            RecordResult(host: host, outcome: .failed("\(provider): \(error)"))
        case (.update(let old, _), .failure(let error)), (.delete(let old), .failure(let error)):
            RecordResult(host: host, outcome: .failed("\(provider): \(error)"), record: old)
        case (.delete(let old), .success):
            RecordResult(host: host, outcome: .changed("deleted \(old.summary), which nobody asks for any more"))
        case (.create(let new), .success(let standing)):
            new.confirmed(by: standing, provider, at: host, "created \(new.summary)")
        case (.update(let old, let new), .success(let standing)):
            new.confirmed(by: standing, provider, at: host, "updated \(new.summary)\(new.difference(from: old))")
        }
    }
}

extension DNSRecord {
    /// - Parameter standing: as the provider shows it; nil when it does not.
    fileprivate func confirmed(
        by standing: DNSRecord?,
        _ provider: String,
        at host: DomainName,
        _ change: String
    ) -> RecordResult {
        guard let standing else {
            return RecordResult(
                host: host,
                outcome: .failed("\(provider) could not confirm \(summary); the next run looks")
            )
        }
        guard isMet(by: standing) else {
            let reason = "\(provider) could not confirm \(summary): it shows \(standing.fullSummary)"
            return RecordResult(host: host, outcome: .failed(reason), record: standing)
        }
        return RecordResult(host: host, outcome: .changed(change), record: standing)
    }

    /// Whether `other` is what this asked for; options that it does not name may be anything.
    private func isMet(by other: DNSRecord) -> Bool {
        name == other.name && hasContent(of: other) && proxied.map { $0 == other.proxied ?? $0 } ?? true
            && ttl.map { $0 == other.ttl ?? $0 || other.proxied == true } ?? true
    }

    private var fullSummary: String {
        "\(name) \(summary)\(proxied == true ? " proxied" : "")\(ttl.map { " ttl \($0)" } ?? "")"
    }

    /// `, was A 198.51.100.8; proxied` – what the summary of the new record does not show.
    fileprivate func difference(from old: DNSRecord) -> String {
        var text = old.hasContent(of: self) ? "" : ", was \(old.summary)"
        if let proxied { text += proxied ? "; proxied" : "; not proxied" }
        if let ttl { text += "; ttl \(ttl)" }
        return text
    }
}

public import DNS
public import Model
import Threads

/// Makes the records true.
public struct RecordStage: Sendable {
    /// Zones read, and hosts written, at a time.
    private static let width = 8

    private let policy: RecordPolicy

    public init(policy: RecordPolicy) {
        self.policy = policy
    }

    /// Reads every zone that holds a desired host, once, and decides.
    public func plan(
        _ desired: [DesiredHost],
        address: Observation<IPAddress>?,
        zones: ZoneDirectory
    ) async -> RecordPlan {
        let actual = await Self.read(Self.needed(by: desired, of: zones))
        return RecordPlanner.plan(desired: desired, address: address, zones: zones, actual: actual, policy: policy)
    }

    /// Carries the plan out, host by host: one that fails stops no other. One result per step, in their order.
    public func apply(_ plan: RecordPlan, progress: @escaping ProgressHandler) async -> [RecordResult] {
        await sideBySide(plan.steps, atMost: Self.width) { step in
            progress(Progress(.record, step.host.text, .started))
            let result = await step.carryOut()
            progress(Progress(.record, step.host.text, .ended(result.outcome)))
            return result
        }
    }

    private static func needed(by desired: [DesiredHost], of zones: ZoneDirectory) -> [ZoneDirectory.Entry] {
        var entries: [Zone: ZoneDirectory.Entry] = [:]
        for host in desired where host.target != .none {
            if case .found(let entry) = zones.find(host.name) { entries[entry.zone] = entry }
        }
        return Array(entries.values)
    }

    private static func read(_ entries: [ZoneDirectory.Entry]) async -> [Zone: Observation<[DNSRecord]>] {
        let reads = await sideBySide(entries, atMost: width) { await records(in: $0) }
        return Dictionary(uniqueKeysWithValues: zip(entries.map(\.zone), reads))
    }

    private static func records(in entry: ZoneDirectory.Entry) async -> Observation<[DNSRecord]> {
        do throws(ProviderError) {
            return .known(try await entry.provider.records(in: entry.zone))
        } catch {
            return .unavailable(reason: "\(entry.provider.name): \(error)")
        }
    }
}

extension RecordStep {
    fileprivate func carryOut() async -> RecordResult {
        switch action {
        case .keep(let record): RecordResult(host: host, outcome: .unchanged, record: record)
        case .refuse(let reason): RecordResult(host: host, outcome: .refused(reason))
        case .wait(let reason): RecordResult(host: host, outcome: .failed(reason))
        case .create(let record):
            await write(or: nil) { entry throws(ProviderError) in
                let record = try await entry.provider.create(record, in: entry.zone)
                return (record, "created \(record.summary)")
            }
        case .update(let old, let new):
            await write(or: old) { entry throws(ProviderError) in
                let record = try await entry.provider.update(old, to: new, in: entry.zone)
                return (record, "updated \(record.summary)\(Self.difference(from: old, to: new))")
            }
        }
    }

    private func write(
        or old: DNSRecord?,
        _ body: (ZoneDirectory.Entry) async throws(ProviderError) -> (DNSRecord, String)
    ) async -> RecordResult {
        guard let zone else { return RecordResult(host: host, outcome: .failed("its zone is not known"), record: old) }
        do throws(ProviderError) {
            let (record, change) = try await body(zone)
            return RecordResult(host: host, outcome: .changed(change), record: record)
        } catch {
            return RecordResult(host: host, outcome: .failed("\(zone.provider.name): \(error)"), record: old)
        }
    }

    /// `, was A 198.51.100.8; proxied` – what the summary of the new record does not show.
    private static func difference(from old: DNSRecord, to new: DNSRecord) -> String {
        var text = old.hasContent(of: new) ? "" : ", was \(old.summary)"
        if let proxied = new.proxied { text += proxied ? "; proxied" : "; not proxied" }
        if let ttl = new.ttl { text += "; ttl \(ttl)" }
        return text
    }
}

package import Model

/// One desired name: which labels request it, and the state of its records.
package struct HostReport: Sendable, Codable, Hashable {
    package let name: DomainName
    /// Empty if no label requests it any more and its record was to be deleted.
    package let origins: [Origin]
    /// All of its records taken together; nil if none is requested or DNS is switched off.
    package let record: RecordState?

    package init(name: DomainName, origins: [Origin], record: RecordState?) {
        (self.name, self.origins, self.record) = (name, origins, record)
    }
}

/// The state of one name's records.
package struct RecordState: Sendable, Codable, Hashable {
    package let outcome: Outcome
    /// What DNS has now, `A 198.51.100.7`; nil where that is not known.
    package let current: String?
    /// What was done at the name beside what is refused or failed, `created A 198.51.100.7`; nil where that is all or nothing.
    package let alsoDone: String?

    private enum CodingKeys: String, CodingKey { case outcome, current = "standing", alsoDone }

    package init(outcome: Outcome, current: String?, alsoDone: String? = nil) {
        self.outcome = outcome.shortened
        self.current = current.map { sanitized($0, limit: Outcome.textLimit) }
        self.alsoDone = alsoDone.map { sanitized($0, limit: Outcome.textLimit) }
    }

    /// Of all records of one name; nil without any. A problem counts before a success.
    package init?(_ records: [RecordReport]) {
        guard let first = records.first else { return nil }
        self = records.dropFirst().reduce(first.state) { $0.joined(with: $1.state) }
    }

    private func joined(with other: RecordState) -> RecordState {
        let outcome = self.outcome.joined(with: other.outcome)
        guard outcome.severity <= Outcome.changed("").severity else {
            let isWorse = self.outcome.severity >= other.outcome.severity
            let done = [self, other].flatMap { [$0.alsoDone, $0.outcome.isChange ? $0.outcome.detail : nil] }
                .compactMap(\.self)
            return RecordState(
                outcome: outcome,
                current: isWorse ? current : other.current,
                alsoDone: done.isEmpty ? nil : done.joined(separator: "; ")
            )
        }
        let all = Set([current, other.current].compactMap(\.self)).sorted()
        return RecordState(outcome: outcome, current: all.isEmpty ? nil : all.joined(separator: " and "))
    }
}

/// One record: what was decided about it and why, and what became of that.
package struct RecordReport: Sendable, Codable, Hashable {
    package enum Action: String, Sendable, Codable {
        case create, update, keep, delete
        /// Landfall created it and no label requests it, but it stays for now.
        case hold
        case refuse, wait
    }

    package let host: DomainName
    /// Nil for the public one.
    package private(set) var view: View?
    /// Nil where no zone was found.
    package var zone: DomainName?
    package var provider: String?
    package private(set) var action: Action
    package var type: String?
    /// Nil where the type stays.
    package var fromType: String?
    package var from: String?
    package var to: String?
    package var proxied: Bool?
    package var ttl: Int?
    /// Why it is held, refused or has to wait.
    package var reason: String? {
        didSet { reason = reason.map { sanitized($0, limit: Outcome.textLimit) } }
    }
    package private(set) var outcome: Outcome
    /// What DNS has now, `A 198.51.100.7`; nil where that is not known.
    package var current: String?

    private enum CodingKeys: String, CodingKey {
        case host, view, zone, provider, action, type, fromType, from, to, proxied, ttl, reason, outcome
        case current = "standing"
    }

    package init(_ action: Action, of host: DomainName, _ outcome: Outcome) {
        (self.host, self.action, self.outcome) = (host, action, outcome.shortened)
    }

    var state: RecordState {
        RecordState(outcome: outcome, current: current.map { view == .internal ? "\($0) internally" : $0 })
    }

    /// The same, of a record in the internal view: what it says names the view.
    package var inInternalView: RecordReport {
        func named(_ text: String) -> String { "internal view: \(text)" }
        var report = self
        (report.view, report.reason) = (.internal, reason.map(named))
        report.outcome =
            switch outcome {
            case .unchanged: .unchanged
            case .changed(let detail): .changed(named(detail))
            case .refused(let detail): .refused(named(detail))
            case .failed(let detail): .failed(named(detail))
            }
        return report
    }

    /// As a later run sees it: what was changed is current now, and what was deleted is nil.
    package var settled: RecordReport? {
        guard outcome.isChange else { return self }
        guard action != .delete else { return nil }
        var report = self
        (report.action, report.outcome, report.reason) = (.keep, .unchanged, nil)
        (report.fromType, report.from) = (nil, to)
        return report
    }
}

/// Records that no label requests any more, too many to be deleted without a confirmation.
package struct Deletions: Hashable, Sendable, Codable {
    /// Identifies exactly this list.
    package let code: String
    /// `www.example.org A 198.51.100.7`
    package let records: [String]
    package let isConfirmed: Bool

    package init(code: String, records: [String], isConfirmed: Bool) {
        (self.code, self.records, self.isConfirmed) = (code, records, isConfirmed)
    }
}

/// A confirmed public address of this machine.
package struct AddressReport: Sendable, Codable, Hashable {
    package let family: IPAddress.Family
    package let address: IPAddress
    /// The one before it; nil for the first that was known.
    package let previous: IPAddress?
    /// The services that reported it, or the interface.
    package let sources: [String]

    private enum CodingKeys: String, CodingKey { case family, address, previous = "was", sources = "witnesses" }

    package init(family: IPAddress.Family, address: IPAddress, previous: IPAddress?, sources: [String]) {
        (self.family, self.address, self.previous, self.sources) = (family, address, previous, sources)
    }
}

extension Outcome {
    fileprivate func joined(with other: Outcome) -> Outcome {
        switch (self, other) {
        case (.changed(let one), .changed(let another)) where one != another: .changed("\(one); \(another)")
        case (.refused(let one), .refused(let another)) where one != another: .refused("\(one); \(another)")
        case (.failed(let one), .failed(let another)) where one != another: .failed("\(one); \(another)")
        default: severity >= other.severity ? self : other
        }
    }

    fileprivate var severity: Int {
        switch self {
        case .unchanged: 0
        case .changed: 1
        case .refused: 2
        case .failed: 3
        }
    }
}

import Model
@testable import Records
import Testing

@Suite struct PlannerTests {
    @Test(arguments: try PlannerCase.all(in: "records"))
    func `a case of the table`(planning: PlannerCase) async throws {
        let plan = try await planning.plan()
        // Most cases are about steps alone, and many of them have deep names.
        let isAboutHints =
            planning.title.hasPrefix("records/edge.txt") || planning.expected.contains { $0.hasPrefix("hint: ") }
        let hints = isAboutHints ? plan.hints.map { "hint: \($0)" } : []
        #expect(plan.expectedSteps.map(\.line) + hints == planning.expected)
    }

    @Test func `the table is as long as it shall be`() throws {
        #expect(try PlannerCase.all(in: "records").count >= 150)
    }
}

extension RecordStep {
    /// As the fixtures write it.
    fileprivate var line: String {
        switch action {
        case .create(let record): "\(host) create \(record.line)"
        case .update(let old, let new): "\(host) update \(old.kind.rawValue) \(old.content) to \(new.line)"
        case .keep(let record): "\(host) keep \(record.kind.rawValue) \(record.content)"
        case .delete(let record): "\(host) delete \(record.kind.rawValue) \(record.content)"
        case .hold(let record, let reason): "\(host) hold \(record.kind.rawValue) \(record.content): \(reason)"
        case .refuse(let reason): "\(host) refuse: \(reason)"
        case .wait(let reason): "\(host) wait: \(reason)"
        }
    }
}

extension DNSRecord {
    fileprivate var line: String {
        var words = [kind.rawValue, content]
        if let proxied { words.append(proxied ? "proxied" : "unproxied") }
        if let ttl { words.append("ttl \(ttl)") }
        if let comment { words.append("comment \(comment)") }
        return words.joined(separator: " ")
    }
}

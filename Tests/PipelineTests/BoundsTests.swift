import Model
import Pipeline
import Report
import Synchronization
import Testing
import Timing

@Suite struct BoundsTests {
    /// Of every service `each` rejections.
    private func rejections(services: Range<Int>, each: Int) -> [Refusal] {
        services.flatMap { service in
            let origin = Origin(kind: .service, id: "\(service)", name: "web\(service)")
            return (0..<each).map { Refusal(origin: origin, label: "landfall.host", value: "a_\($0)", reason: "wrong") }
        }
    }

    private func report(_ refusals: [Refusal], hints: [Hint] = []) -> Report {
        Report(
            cause: RunCause(Trigger(.timer)),
            started: Timestamp(seconds: 0),
            duration: .zero,
            refusals: refusals,
            hints: hints
        )
    }

    @Test func `a report lists as many rejections and hints as people can read, whatever labels hold`() throws {
        let hints = (0..<20_000).map { Hint("hint \($0)", about: []) }
        let report = report(rejections(services: 0..<1000, each: 11), hints: hints)
        #expect(report.refusals.count == Report.listLimit)
        #expect(report.hints.count == Report.listLimit + 2)
        let first = "10500 more labels are rejected, which are listed once the others are mended"
        #expect(report.hints.first?.text == first)
        #expect(report.hints.last?.text == "19500 more hints")
        #expect(report.conditions.count <= 2 * Report.listLimit + 2)
        #expect(try encodeJSON(report).count < 256 << 10)
    }

    @Test func `a service with many rejections hides none of another service`() {
        let refusals = rejections(services: 0..<1, each: 5000) + rejections(services: 1..<200, each: 2)
        let shown = report(refusals).refusals
        let services = Dictionary(grouping: shown, by: \.origin.name)
        #expect(services.count == 200)
        #expect(services.values.filter { $0.count >= 2 }.count == 200)
        let listed = Set(shown)
        #expect(shown == refusals.filter(listed.contains))
    }

    @Test func `a report's texts are short, however many services contest a name`() throws {
        let name = try DomainName("www.example.test")
        let long = (0..<10_000).map { "service web\($0) and " }.joined()
        let outcomes: [Outcome] = [.changed(long), .refused(long), .failed(long)]
        for outcome in outcomes {
            var record = RecordReport(.refuse, of: name, outcome)
            record.reason = long
            let certificate = CertificateReport(
                lineage: "shared",
                hosts: [name],
                reason: long,
                outcome: outcome,
                fingerprint: nil,
                notAfter: nil,
                remarks: [long]
            )
            let state = RecordState(outcome: outcome, current: long)
            let signal = SignalReport(container: "c", name: "c", signal: "HUP", lineages: [], outcome: outcome)
            let secret = SecretReport(service: "web", outcome: outcome)
            let serving = ServingReport(host: name, endpoint: "proxy:443", reason: long)
            let reports: [any Encodable] = [record, certificate, state, signal, secret, serving]
            for report in reports { #expect(try encodeJSON(report).count < 5 * Outcome.textLimit) }
        }
    }

    @Test func `a few rejections are listed as they are`() {
        let refusals = rejections(services: 0..<3, each: 2)
        #expect(report(refusals, hints: [Hint("hint", about: nil)]).refusals == refusals)
        #expect(report(refusals, hints: [Hint("hint", about: nil)]).hints.map(\.text) == ["hint"])
    }

    @Test func `each certificate is looked at once, however many hosts there are`() throws {
        let names = try (0..<20_000).map { try DomainName("h\($0).example.test") }
        let certificates = Counted(
            names.map {
                CertificateReport(lineage: $0.text, hosts: [$0], outcome: .unchanged, fingerprint: nil, notAfter: nil)
            }
        )
        let hosts = certificates.byHost
        #expect(names.allSatisfy { hosts[$0]?.map(\.lineage) == [$0.text] })
        #expect(certificates.count.load(ordering: .relaxed) == names.count)
    }
}

/// A sequence that counts how often its elements are asked for.
private final class Counted<Element: Sendable>: Sequence, Sendable {
    let count = Atomic(0)
    private let elements: [Element]

    init(_ elements: [Element]) { self.elements = elements }

    func makeIterator() -> AnyIterator<Element> {
        var rest = elements.makeIterator()
        return AnyIterator {
            let next = rest.next()
            if next != nil { self.count.wrappingAdd(1, ordering: .relaxed) }
            return next
        }
    }
}

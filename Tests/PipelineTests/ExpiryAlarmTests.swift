import Model
import Notices
import Pipeline
import Ports
import Report
import Testing
import Timing

@Suite struct ExpiryAlarmTests {
    private static let day: Int64 = 86_400

    /// What is said of a certificate of so many days' lifetime, with so many seconds left.
    private func alarm(
        days: Int64 = 90,
        left: Int64,
        outcome: Outcome = .failed("the authority does not answer")
    ) throws -> Condition? {
        let now = Timestamp(seconds: 1_800_000_000)
        let certificate = CertificateReport(
            lineage: "shop",
            hosts: [try DomainName("shop.example.test")],
            outcome: outcome,
            fingerprint: Fingerprint(hex: "ab"),
            notBefore: Timestamp(seconds: now.seconds + left - days * Self.day),
            notAfter: Timestamp(seconds: now.seconds + left)
        )
        let cause = RunCause(Trigger(.timer))
        let report = Report(cause: cause, started: now, duration: .zero, certificates: [certificate])
        return report.conditions.first { $0.key == "expiry/shop" }
    }

    @Test func `with a quarter of its lifetime left, a certificate that was not renewed is an error`() throws {
        #expect(try alarm(left: 23 * Self.day) == nil)
        let standing = try #require(try alarm(left: 22 * Self.day))
        #expect(
            standing.line
                == "shop.example.test: the certificate expires in 22 days, on 2027-02-06, and could not be renewed: "
                + "the authority does not answer"
        )
        #expect(standing.level == .error && standing.isProblem)
        #expect(try alarm(days: 6, left: 36 * 3600) == nil)
        #expect(try alarm(days: 6, left: 36 * 3600 - 1) != nil)
        #expect(try alarm(left: 22 * Self.day, outcome: .unchanged) != nil)
        #expect(try alarm(left: 22 * Self.day, outcome: .changed("renewed")) == nil)
    }

    @Test func `it is announced once a day, and after the end too`() throws {
        let hours = stride(from: 60 * Int64(3600), through: -60 * 3600, by: -3600)
        let values = try hours.compactMap { try alarm(left: $0)?.value }
        let changes = zip(values, values.dropFirst()).filter { $0 != $1 }.count
        #expect(values.count == 121 && Set(values).count == 6 && changes == 5)
        #expect(try alarm(left: 3600)?.line.contains("expires in less than a day, on ") == true)
        #expect(try alarm(left: -3600)?.line.contains("expired on ") == true)
    }
}

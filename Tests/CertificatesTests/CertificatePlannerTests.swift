@testable import Certificates
import Model
import Testing

@Suite struct CertificatePlannerTests {
    @Test(arguments: PlannerCase.all())
    func `the plan is as in the fixture`(example: PlannerCase) {
        #expect(example.plan().steps.map(example.line) == example.expect)
    }

    @Test func `pauses between failures grow to a day`() {
        let pauses = (1...6).map { count in
            FailureRecord(names: [], count: count, last: Timestamp(seconds: 0), reason: "").pause
        }
        #expect(
            pauses == [.seconds(60), .seconds(600), .seconds(6000)] + [Duration](repeating: .seconds(86_400), count: 3)
        )
    }
}

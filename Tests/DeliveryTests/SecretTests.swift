import Docker
import Model
import Testing

@testable import Delivery

@Suite struct SecretTests {
    @Test func `a label names files, and of which certificate they are`() throws {
        let files = try SecretLabel(" tls , api=api.example.org ").files
        #expect(files.map(\.target) == ["tls", "api"])
        #expect(files.map(\.lineage) == [nil, "api.example.org"])
    }

    @Test(arguments: ["", ",", "../tls", "a/b", ".tls", "tls=", "tls=../x", "tls,tls=a"])
    func `a label that names none is refused`(text: String) {
        #expect(throws: SecretRejection.self) { try SecretLabel(text) }
    }

    private let wanted = ["tls.crt": "landfall-2.crt", "tls.key": "landfall-2.key"]

    private func service(_ number: Int?, _ state: String?, besides: [SecretFile] = []) -> Service {
        let own = number.map { number in
            ["crt", "key"].map { SecretFile(file: "tls.\($0)", name: "landfall-\(number).\($0)", id: "i") }
        }
        return Service(id: "s", name: "web", labels: [:], secrets: besides + (own ?? []), updateState: state)
    }

    @Test func `what is there is kept, and what is not is brought`() {
        #expect(SecretDecision(service(2, nil), wanted: wanted, tried: nil) == .keep)
        #expect(SecretDecision(service(2, "updating"), wanted: wanted, tried: wanted) == .keep)
        #expect(SecretDecision(service(nil, nil), wanted: wanted, tried: nil) == .update(wanted))
        #expect(SecretDecision(service(1, "completed"), wanted: wanted, tried: nil) == .update(wanted))
        #expect(SecretDecision(service(nil, "completed"), wanted: wanted, tried: wanted) == .update(wanted))
    }

    @Test func `no update is made into another one`() {
        for state in ["updating", "rollback_started"] {
            #expect(SecretDecision(service(1, state), wanted: wanted, tried: nil) == .wait)
        }
        for state in ["paused", "rollback_paused"] {
            guard case .fail = SecretDecision(service(1, state), wanted: wanted, tried: nil) else {
                Issue.record("\(state) is no trouble")
                continue
            }
        }
    }

    @Test func `what was rolled back is not tried again, but something else is`() {
        let rolledBack = service(1, "rollback_completed")
        guard case .fail = SecretDecision(rolledBack, wanted: wanted, tried: wanted) else {
            Issue.record("it is tried again")
            return
        }
        #expect(SecretDecision(rolledBack, wanted: wanted, tried: ["tls.crt": "landfall-1.crt"]) == .update(wanted))
        #expect(SecretDecision(service(1, "completed"), wanted: wanted, tried: wanted) == .update(wanted))
    }

    @Test func `a secret of the owner's is not replaced`() {
        let theirs = service(nil, nil, besides: [SecretFile(file: "tls.crt", name: "my-cert", id: "m")])
        guard case .refuse(let reason) = SecretDecision(theirs, wanted: wanted, tried: nil) else {
            Issue.record("it is replaced")
            return
        }
        #expect(reason.contains("/run/secrets/tls.crt"))
    }
}

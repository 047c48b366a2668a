import Certificates
import DNS
import Model
import Ports
import Timing

/// Asks the fixture's DNS server, which is not an authoritative one.
struct DirectPropagation: PropagationWaiting {
    let server: DNSServer

    func wait(for values: Set<String>, at name: String, zones: [Zone], limit: Duration, scope: Scope) async
        -> PropagationResult
    {
        let question = DNSQuestion(name, .txt, recursionDesired: false)
        let clock = SystemClock()
        let deadline = clock.uptime + limit
        while clock.uptime < deadline {
            guard let answer = try? await LDNSClient().query(question, at: server, for: scope) else {
                return .unreachable
            }
            if values.isSubset(of: answer.answers.map(\.content)) { return .visible }
            guard (try? await clock.sleep(for: .milliseconds(50))) != nil else { break }
        }
        return .absent(atServers: [server], found: "as the test says")
    }

    func alias(of name: String, zone: Zone, scope: Scope) async -> String? {
        let question = DNSQuestion(name, .cname, recursionDesired: false)
        let answer = try? await LDNSClient().query(question, at: server, for: scope)
        return answer?.answers.first { $0.kind == .cname }?.content
    }
}

import Emulators
import Model
import Synchronization

/// Something in the outside world that comes true on the way from a label to a page.
struct Milestone: Sendable {
    let name: String
    /// What is true, in a few words; nil as long as it is not.
    let look: @Sendable () async -> String?
}

extension Sandbox {
    /// What comes true for a host, in the order in which each needs the one before; those of different rows do not wait for
    /// each other.
    func milestones(for host: String, proxy service: String, findings: Findings) -> [[Milestone]] {
        let emulators = emulators()
        return [
            [
                Milestone(name: "record") {
                    (try? await lookUp(host, "A"))?.first.map { "\(host) is \($0), says the name server" }
                }
            ],
            [
                Milestone(name: "certificate") {
                    let file = "\(folder.certificates)/live/\(host)/fullchain.pem"
                    let question = ["openssl", "x509", "-noout", "-issuer", "-nameopt", "sname,multiline", "-in", file]
                    guard let answer = try? await programs.run(question) else { return nil }
                    let issuer = answer.split(separator: "=").last?.trimmed ?? "somebody"
                    return "on disk, issued by \(issuer)"
                },
                Milestone(name: "signal") {
                    let log = (try? await docker(["service", "logs", "--raw", service])) ?? ""
                    guard log.contains("serving \(host)") else { return nil }
                    return "nginx \(log.contains("got SIGHUP") ? "got its HUP" : "started late") and serves the name"
                },
                Milestone(name: "page") {
                    guard let text = try? await fetch(host: host) else { return nil }
                    findings.keep(page: text)
                    return "https://\(host) answers, verified against the authority's root"
                },
            ],
            [
                Milestone(name: "notice") {
                    let messages = try? await emulators?.slackMessages()
                    guard let text = messages?.map(\.text).first(where: { $0.contains(host) }) else { return nil }
                    findings.keep(message: text)
                    return "Slack was told"
                }
            ],
        ]
    }
}

/// What came along with the milestones.
final class Findings: Sendable {
    private let found = Mutex((page: "", message: ""))

    var page: String { found.withLock { $0.page } }
    var message: String { found.withLock { $0.message } }

    func keep(page text: String) {
        found.withLock { $0.page = text }
    }

    func keep(message text: String) {
        found.withLock { $0.message = text }
    }
}

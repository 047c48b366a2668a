import Emulators
import Model
import Synchronization

/// Something that can be observed from outside on the way from a label to a page.
struct Milestone: Sendable {
    let name: String
    /// Describes it once it is there; nil before.
    let observe: @Sendable () async -> String?
}

extension Sandbox {
    /// The milestones of a host. Those of a row follow one another; the rows are independent.
    func milestones(for host: String, proxy service: String, findings: Findings) -> [[Milestone]] {
        let emulators = emulators()
        return [
            [
                Milestone(name: "record") {
                    (try? await lookUp(host, "A"))?.first.map { "the name server answers \($0) for \(host)" }
                }
            ],
            [
                Milestone(name: "certificate") {
                    let file = "\(folder.certificates)/live/\(host)/fullchain.pem"
                    let question = ["openssl", "x509", "-noout", "-issuer", "-nameopt", "sname,multiline", "-in", file]
                    guard let answer = try? await programs.run(question) else { return nil }
                    let issuer = answer.split(separator: "=").last?.trimmed ?? "an unknown authority"
                    return "on disk, issued by \(issuer)"
                },
                Milestone(name: "signal") {
                    let log = (try? await docker(["service", "logs", "--raw", service])) ?? ""
                    guard log.contains("serving \(host)") else { return nil }
                    return
                        "nginx \(log.contains("got SIGHUP") ? "got SIGHUP" : "started afterwards") and serves the host"
                },
                Milestone(name: "page") {
                    guard let text = try? await fetch(host: host) else { return nil }
                    findings.save(page: text)
                    return "https://\(host) answers; its certificate is verified against the authority's root"
                },
            ],
            [
                Milestone(name: "notice") {
                    let messages = try? await emulators?.slackMessages()
                    guard let text = messages?.map(\.text).first(where: { $0.contains(host) }) else { return nil }
                    findings.save(message: text)
                    return "Slack has the message"
                }
            ],
        ]
    }
}

/// The texts that the milestones found.
final class Findings: Sendable {
    private let found = Mutex((page: "", message: ""))

    var page: String { found.withLock { $0.page } }
    var message: String { found.withLock { $0.message } }

    func save(page text: String) { found.withLock { $0.page = text } }

    func save(message text: String) { found.withLock { $0.message = text } }
}

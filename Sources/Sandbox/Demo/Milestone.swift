import Emulators
import Model

/// Something in the outside world that comes true on the way from a label to a page.
struct Milestone: Sendable {
    let name: String
    /// What is true, in a few words; nil as long as it is not.
    let look: @Sendable () async -> String?
}

extension Sandbox {
    /// What comes true for a host, in the order in which each needs the one before; those of different rows do not wait for
    /// each other.
    func milestones(for host: String, proxy service: String, saysHello page: Page) -> [[Milestone]] {
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
                    let log = try? await docker(["service", "logs", "--raw", service])
                    return log?.contains("serving \(host)") == true ? "nginx got its HUP and serves the name" : nil
                },
                Milestone(name: "page") {
                    guard let text = try? await fetch(host: host) else { return nil }
                    page.set(text)
                    return "https://\(host) answers, verified against the authority's root"
                },
            ],
            [
                Milestone(name: "notice") {
                    let messages = try? await emulators?.slackMessages()
                    return messages?.first { $0.text.contains(host) }.map { "Slack: \(oneLine($0.text, limit: 100))" }
                }
            ],
        ]
    }
}

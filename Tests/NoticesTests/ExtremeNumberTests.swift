import Model
@testable import Notices
import Ports
import TestSupport
import Testing

@Suite struct ExtremeNumberTests {
    private let notice = Notice(
        id: "0123",
        time: Timestamp(seconds: 0),
        message: Message(title: "Landfall", lines: [], level: .info)
    )

    @Test(arguments: [200, 429, 503]) func `a service may ask for a pause of any length`(status: Int) async throws {
        for number in Extremes.numbers {
            let body = #"{"ok": false, "error": "ratelimited", "retry_after": \#(number)}"#
            let transport = AnsweringTransport { _ in
                HTTPResponse(status: status, headers: ["retry-after": number], body: Array(body.utf8))
            }
            let notifiers: [any Notifier] = [
                SlackNotifier(.webhook(Secret("https://slack.test/x")), transport: transport),
                SlackNotifier(
                    .bot(token: Secret("x"), channel: "#ops", name: "Landfall", icon: nil, url: "https://slack.test"),
                    transport: transport
                ),
            ]
            for notifier in notifiers {
                do throws(NotifierError) {
                    try await notifier.deliver(notice)
                } catch .tooSoon(let pause) {
                    #expect((.seconds(1)...(.seconds(86_400))).contains(pause))
                } catch {}
            }
        }
    }

    @Test func `the counters of an outbox may be any number`() {
        for number in [Int.min, -1, 0, .max - 1, .max] {
            var outbox = Outbox(counters: ["next": number, "lost": number])
            for _ in 0..<3 {
                _ = outbox.add(notice.message, problems: [], of: "default", at: Timestamp(seconds: 0))
                _ = outbox.discard { _, _ in true }
            }
        }
    }
}

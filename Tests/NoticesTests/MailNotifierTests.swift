import FoundationEssentials
import Model
@testable import Notices
import Ports
import TestSupport
import Testing
import Transport

/// Mails, as an emulated mail server gets them.
@Suite struct MailNotifierTests {
    private let server: MailEmulator

    init() throws { server = try MailEmulator() }

    private func notifier(
        _ security: MailServer.Security = .off,
        login: MailServer.Login? = nil,
        to: [String] = ["a@example.test", "b@example.test"]
    ) throws -> MailNotifier {
        let endpoint = try #require(ProbeEndpoint("127.0.0.1:\(server.port)"))
        return MailNotifier(
            .init(
                server: MailServer(endpoint, security, login: login),
                from: "landfall@example.test",
                to: to
            ),
            client: CurlMailClient()
        )
    }

    private func notice(_ title: String = "Landfall: 1 change", _ lines: [String] = ["b → 192.0.2.1"]) -> Notice {
        let message = Message(title: title, lines: lines.map { .init(.news, $0) }, level: .info)
        return Notice(id: "0123abcd", time: Timestamp(seconds: 1_795_485_783), message: message)
    }

    private func error(_ notifier: MailNotifier) async -> NotifierError? {
        do throws(NotifierError) {
            try await notifier.deliver(notice())
            return nil
        } catch {
            return error
        }
    }

    @Test func `a mail has the title as its subject and the lines as its text`() async throws {
        try await notifier().deliver(notice())
        let mail = try #require(server.received.first)
        #expect(mail.from == "landfall@example.test" && mail.to == ["a@example.test", "b@example.test"])
        #expect(mail.header("From") == "Landfall <landfall@example.test>")
        #expect(mail.header("To") == "a@example.test, b@example.test")
        #expect(mail.header("Subject") == "Landfall: 1 change")
        #expect(mail.header("Date") == "24 Nov 2026 02:03:03 +0000")
        // The same for a mail that is sent again.
        #expect(mail.header("Message-ID") == "<0123abcd@example.test>")
        let body = try #require(Data(base64Encoded: mail.body))
        #expect(String(decoding: body, as: UTF8.self) == "• b → 192.0.2.1\r\n")
        #expect(mail.login == nil)
        try await eventually("the goodbye") { server.commands.last == "QUIT" }
    }

    @Test func `neither title nor text can add a header, a line of SMTP or a long line`() async throws {
        let hostile =
            "x\r\nBcc: evil@example.test\r\n.\r\nMAIL FROM:<evil@example.test>" + String(repeating: "é", count: 200)
        try await notifier().deliver(notice(hostile, [hostile, ".", ".."]))
        let mail = try #require(server.received.first)
        #expect(server.received.count == 1 && mail.header("Bcc") == nil)
        #expect(mail.lines.allSatisfy { $0.utf8.count <= 998 && $0.utf8.allSatisfy { (0x20..<0x7F).contains($0) } })
        #expect(mail.lines.filter { $0.hasPrefix(" =?utf-8?B?") }.allSatisfy { $0.utf8.count <= 76 })
        let text = String(decoding: try #require(Data(base64Encoded: mail.body)), as: UTF8.self)
        #expect(text.hasPrefix("• x  Bcc: evil@example.test  .  MAIL FROM:") && text.hasSuffix("\r\n• .\r\n• ..\r\n"))
    }

    @Test func `many recipients make no long line`() async throws {
        let all = (1...50).map { "somebody-\($0)@a-long-name.example.test" }
        try await notifier(to: all).deliver(notice())
        let mail = try #require(server.received.first)
        #expect(mail.to == all && mail.header("To") == all.joined(separator: ", "))
        #expect(mail.lines.allSatisfy { $0.utf8.count <= 76 })
    }

    @Test func `a refusal in any words is one short line`() async throws {
        let words = "550-\u{1B}[31m \u{202E}no\r\n550 " + String(repeating: "é\u{7}", count: 400)
        server.answer("MAIL", with: words)
        guard case .refused(let text) = await error(try notifier()) else {
            Issue.record("it was not refused")
            return
        }
        #expect(text.count <= 400 && text == sanitized(text, limit: 400) && text.hasPrefix("127.0.0.1 answers: 550 é"))
    }

    @Test func `a notice of a title alone has it as its text too`() async throws {
        try await notifier().deliver(notice("Landfall stopped", []))
        let body = try #require(server.received.first.flatMap { Data(base64Encoded: $0.body) })
        #expect(String(decoding: body, as: UTF8.self) == "Landfall stopped\r\n")
    }

    @Test func `the login goes to a server that asks for one`() async throws {
        try await notifier(login: .init(name: "landfall", password: Secret("pass word"))).deliver(notice())
        #expect(server.received.first?.login == Data("\0landfall\0pass word".utf8).base64EncodedString())
    }

    @Test(arguments: [
        (
            "", "554 5.7.1 go away",
            NotifierError.refused("127.0.0.1 answers: 554 5.7.1 go away; see SMTP_FROM, SMTP_TO and the login")
        ),
        ("MAIL", "451 4.3.0 later", .unavailable("127.0.0.1 answers: 451 4.3.0 later")),
        (
            "RCPT", "550 5.1.1 no such user",
            .refused("127.0.0.1 answers: 550 5.1.1 no such user; see SMTP_FROM, SMTP_TO and the login")
        ),
        ("RCPT", "450 4.2.0 greylisted", .unavailable("127.0.0.1 answers: 450 4.2.0 greylisted")),
        (".", "554 5.6.0 spam", .unacceptable("127.0.0.1 answers: 554 5.6.0 spam")),
        (".", "452 4.3.1 full", .unavailable("127.0.0.1 answers: 452 4.3.1 full")),
        (
            "AUTH PLAIN", "535 5.7.8 wrong",
            .refused("127.0.0.1 refuses the login: 535 5.7.8 wrong; see SMTP_USERNAME")
        ),
        ("AUTH PLAIN", "454 4.7.0 busy", .unavailable("127.0.0.1 refuses the login: 454 4.7.0 busy")),
    ])
    func `a refusal is told in the server's words`(command: String, reply: String, expected: NotifierError) async throws
    {
        server.answer(command, with: reply)
        let login = command.hasPrefix("AUTH") ? MailServer.Login(name: "a", password: Secret("b")) : nil
        #expect(await error(try notifier(login: login)) == expected)
        #expect(server.received.isEmpty)
    }

    @Test func `nothing is sent without the encryption that was asked for`() async throws {
        let login = MailServer.Login(name: "landfall", password: Secret("secret"))
        guard case .refused(let text) = await error(try notifier(.starttls, login: login)) else {
            Issue.record("it was not refused")
            return
        }
        #expect(text.hasPrefix("127.0.0.1 offers no STARTTLS") && text.hasSuffix("see SMTP_SECURITY"))
        guard case .refused(let text) = await error(try notifier(.tls, login: login)) else {
            Issue.record("it was not refused")
            return
        }
        #expect(text.hasPrefix("no TLS connection to 127.0.0.1:\(server.port) is possible"))
        #expect(Set(server.commands).isDisjoint(with: ["AUTH", "AUTH PLAIN", "MAIL"]))
    }

    @Test func `a mail is delivered when the server has taken it, whether or not it says goodbye`() async throws {
        server.answer("QUIT", with: "")
        try await notifier().deliver(notice())
        #expect(server.received.count == 1)
    }

    @Test func `a server that is down, hangs up or falls silent is unavailable`() async throws {
        server.answer("EHLO", with: "")
        let notifier = try notifier()
        let sending = Task { await error(notifier) }
        try await eventually("the greeting") { server.commands.contains("EHLO") }
        // The outbox ends an attempt so.
        sending.cancel()
        #expect(await sending.value == .unavailable("it was interrupted"))
        server.answer("", with: "")
        guard case .unavailable(let text) = await error(notifier),
            text.hasPrefix("127.0.0.1:\(server.port) cannot be used")
        else {
            Issue.record("a server that hangs up is unavailable")
            return
        }
        server.stop()
        guard case .unavailable = await error(notifier) else {
            Issue.record("it was not unavailable")
            return
        }
    }

    @Test func `a look at the server logs in and sends nothing`() async throws {
        let endpoint = try #require(ProbeEndpoint("127.0.0.1:\(server.port)"))
        let login = MailServer.Login(name: "landfall", password: Secret("secret"))
        try await CurlMailClient().verify(MailServer(endpoint, .off, login: login))
        #expect(server.commands.contains("AUTH PLAIN") && !server.commands.contains("MAIL"))
    }
}

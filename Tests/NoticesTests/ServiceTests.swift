import Emulators
import FoundationEssentials
import Model
@testable import Notices
import Ports
import Processes
import TestSupport
import Testing
import Transport

/// What each service is sent, against what its documentation says that it takes.
@Suite struct ServiceTests {
    private let servers: EmulatorServers
    private let transport = PatientTransport(CurlTransport(.init(userAgent: "landfall-tests")))
    private let notice: Notice

    init() throws {
        servers = try EmulatorServers(
            cloudflare: CloudflareEmulator(zones: [], credentials: []),
            slack: SlackEmulator(token: Secret("xoxb-secret"), channels: ["#ops"])
        )
        notice = Self.notice(
            [.init(.problem, "<@everyone> `rm` [a](https://evil.test)\u{202E}\n"), .init(.news, "b → 1.2.3.4")],
            hosts: [try DomainName("b.example.test"), try DomainName("a.example.test")]
        )
    }

    private static func notice(_ lines: [Message.Line], hosts: [DomainName] = []) -> Notice {
        let message = Message(title: "Landfall: 1 problem, 1 change", lines: lines, level: .error, hosts: hosts)
        return Notice(id: "0123", time: Timestamp(seconds: 1_795_485_783), message: message)
    }

    private func url(_ path: String) -> String { servers.urls.webhook.replacing("/hook", with: path) }

    private func webhook(secret: String? = nil) -> WebhookNotifier {
        WebhookNotifier(url: Secret(servers.urls.webhook), secret: secret.map(Secret.init), transport: transport)
    }

    private func error(of notifier: some Notifier) async -> NotifierError? {
        do throws(NotifierError) {
            try await notifier.deliver(notice)
            return nil
        } catch {
            return error
        }
    }

    private static let text = "✗ <@everyone> `rm` [a](https://evil.test)  \n• b → 1.2.3.4"

    @Test func `a webhook gets plain JSON`() async throws {
        try await webhook().deliver(notice)
        #expect(
            servers.webhook.bodies == [
                #"{"events":[{"kind":"problem","text":"<@everyone> `rm` [a](https://evil.test)  "},"#
                    + #"{"kind":"news","text":"b → 1.2.3.4"}],"hosts":["a.example.test","b.example.test"],"id":"0123","#
                    + #""level":"error","message":"✗ <@everyone> `rm` [a](https://evil.test)  \n• b → 1.2.3.4","#
                    + #""time":"2026-11-24T02:03:03.000Z","title":"Landfall: 1 problem, 1 change"}"#
            ]
        )
        #expect(servers.webhook.log.requests.map { $0.headers["x-landfall-signature"] } == [nil])
    }

    /// The signature was made with `openssl dgst -sha256 -hmac`.
    @Test func `a webhook's body can be signed`() async throws {
        try await webhook(secret: "a secret").deliver(notice)
        let signature = try #require(servers.webhook.log.requests.first?.headers["x-landfall-signature"])
        let folder = try TemporaryFolder()
        let body = try #require(servers.webhook.bodies.first)
        try Data(body.utf8).write(to: URL(filePath: folder.path + "/body"))
        let request = ProcessRequest(
            ["openssl", "dgst", "-sha256", "-hmac", "a secret", "-r", folder.path + "/body"],
            environment: ["PATH": "/usr/bin:/bin"],
            timeLimit: .seconds(20).scaledToLoad
        )
        let digest = try await SpawnRunner().run(request, for: .run).outputText.prefix { $0 != " " }
        #expect(signature == "sha256=\(digest)")
    }

    @Test func `what a status means decides whether the notice or the service is at fault`() async throws {
        for (status, error) in [
            (404, NotifierError.refused("the webhook answers 404; check LANDFALL_WEBHOOK_URL and what it leads to")),
            (502, .unavailable("the webhook answers 502")),
            (400, .unacceptable("the webhook answers 400")), (413, .unacceptable("the webhook answers 413")),
            (429, .tooSoon(after: .seconds(1))),
        ] {
            servers.webhook.faults.add(Fault(.error(status: status, code: 0, message: "x"), times: 1))
            #expect(await self.error(of: webhook()) == error)
        }
    }

    @Test func `ntfy gets the text as the body, and the rest in headers`() async throws {
        let ntfy = NtfyNotifier(.init(url: Secret(url("/ntfy/landfall")), token: Secret("tk_1")), transport: transport)
        try await ntfy.deliver(notice)
        let request = try #require(servers.webhook.log.requests.first)
        #expect((request.path, request.body, request.status) == ("/ntfy/landfall", Self.text, 200))
        #expect((request.headers["title"], request.headers["priority"]) == ("Landfall: 1 problem, 1 change", "5"))
        #expect((request.headers["tags"], request.authorization) == ("rotating_light", .bearer))
        // 4096 bytes, not characters.
        try await ntfy.deliver(
            Self.notice((1...30).map { _ in .init(.news, String(repeating: "→", count: 100)) })
        )
        let long = try #require(servers.webhook.log.requests.last)
        #expect(long.status == 200 && long.body.hasSuffix("→\n…") && long.body.utf8.count > 3700)
    }

    @Test func `Discord gets text in which nothing is formatted and no user is mentioned`() async throws {
        let discord = DiscordNotifier(url: Secret(url("/api/webhooks/1/token")), transport: transport)
        try await discord.deliver(notice)
        #expect(
            servers.webhook.bodies == [
                #"{"allowed_mentions":{"parse":[]},"content":"**Landfall\\: 1 problem, 1 change**\n"#
                    + #"✗ \\<\\@everyone\\> \\`rm\\` \\[a\\]\\(https\\://evil.test\\)  \n• b → 1.2.3.4","flags":4}"#
            ]
        )
    }

    @Test func `what is too long for Discord goes out in pieces, parted between lines`() async throws {
        struct Post: Decodable { let content: String }
        let discord = DiscordNotifier(url: Secret(url("/api/webhooks/1/token")), transport: transport)
        try await discord.deliver(
            Self.notice((1...11).map { .init(.news, "\($0)" + String(repeating: "*", count: 290)) })
        )
        let posts = try servers.webhook.bodies.map { try JSONDecoder().decode(Post.self, from: Data($0.utf8)).content }
        #expect(posts.count == 4 && posts.allSatisfy { $0.utf16.count <= 2000 })
        #expect(posts.joined(separator: "\n").split(separator: "\n").count == 12)
    }

    @Test func `Gotify gets a priority, and its token in a header`() async throws {
        let gotify = GotifyNotifier(.init(url: url("/gotify"), token: Secret("A1b2")), transport: transport)
        try await gotify.deliver(notice)
        let request = try #require(servers.webhook.log.requests.first)
        #expect((request.path, request.authorization, request.status) == ("/gotify/message", .key, 200))
        #expect(
            request.body
                == #"{"extras":{"client::display":{"contentType":"text/plain"}},"#
                + #""message":"✗ <@everyone> `rm` [a](https://evil.test)  \n• b → 1.2.3.4","priority":8,"#
                + #""title":"Landfall: 1 problem, 1 change"}"#
        )
    }

    @Test func `a notice of a title alone is one everywhere`() async throws {
        let alone = Notice(
            id: "1",
            time: notice.time,
            message: Message(title: "Landfall stopped", lines: [], level: .info)
        )
        let all: [any Notifier] = [
            webhook(), NtfyNotifier(.init(url: Secret(url("/ntfy/landfall")), token: nil), transport: transport),
            DiscordNotifier(url: Secret(url("/api/webhooks/1/token")), transport: transport),
            GotifyNotifier(.init(url: url("/gotify"), token: Secret("A1b2")), transport: transport),
        ]
        for notifier in all { try await notifier.deliver(alone) }
        #expect(servers.webhook.bodies.count == 4)
    }
}

/// A program of the user's.
@Suite struct CommandNotifierTests {
    private let folder: TemporaryFolder
    private let message = Message(title: "Landfall: 1 change", lines: [.init(.news, "$(touch x)")], level: .info)

    init() throws { folder = try TemporaryFolder() }

    private func deliver(_ script: String) async throws(NotifierError) {
        let path = folder.path + "/command"
        do {
            try Data(("#!/bin/sh\n" + script).utf8).write(to: URL(filePath: path))
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
        } catch {
            throw .unavailable("\(error)")
        }
        let program = CommandNotifier.Program(
            path: path,
            environment: ["PATH": "/usr/bin:/bin", "OUT": folder.path + "/out"]
        )
        let notice = Notice(id: "0123", time: Timestamp(seconds: 0), message: message)
        let notifier = CommandNotifier(program, processes: SpawnRunner())
        while true {
            do throws(NotifierError) {
                try await notifier.deliver(notice)
                return
            } catch .unavailable(let reason) where reason.contains("busy") {
                // A child that another test is just starting holds the file open for a moment.
                await Task.yield()
            }
        }
    }

    @Test func `it reads the notice from its standard input, and nothing from its arguments`() async throws {
        try await deliver(#"cat > "$OUT"; echo "$#" >> "$OUT""#)
        let text = String(decoding: try Data(contentsOf: URL(filePath: folder.path + "/out")), as: UTF8.self)
        #expect(text.hasPrefix(#"{"events":[{"kind":"news","text":"$(touch x)"}]"#) && text.hasSuffix("}0\n"))
    }

    @Test func `its failure has its last line of error output`() async throws {
        await #expect(throws: NotifierError.unavailable("the command ended with status 3: no network")) {
            try await deliver("echo one >&2; echo no network >&2; exit 3")
        }
    }
}

import Configuration
import Model
import Notices
import Ports
import Testing

@Suite struct NoticeConfigurationTests {
    private func read(_ environment: [String: String]) throws -> Configuration.Notices {
        try Configuration(environment: environment, files: MemoryFiles(contents: [:])).notices
    }

    @Test func `a notifier is on if its destination is set`() throws {
        let none = try read([:])
        #expect(none.slack == nil && none.webhook == nil && none.ntfy == nil && none.discord == nil)
        #expect(none.gotify == nil && none.command == nil && none.heartbeat == nil)
        #expect(none.telegram == nil && none.mail == nil)
        let all = try read([
            "LANDFALL_WEBHOOK_URL": "https://a.example/b", "LANDFALL_WEBHOOK_SECRET": "s3cret",
            "NTFY_URL": "https://ntfy.example/topic", "NTFY_TOKEN": "tk_1", "GOTIFY_URL": "https://g.example/",
            "GOTIFY_TOKEN": "A1", "DISCORD_WEBHOOK_URL": "https://discord.example/api/webhooks/1/x",
            "LANDFALL_NOTIFY_COMMAND": "/usr/local/bin/tell", "LANDFALL_HEARTBEAT_URL": "https://hc.example/ping/1",
            "PATH": "/bin", "SLACK_LEVEL": "warning", "NTFY_LEVEL": "Error",
        ])
        #expect(all.webhookSecret?.revealed == "s3cret")
        #expect(all.ntfy?.url.revealed == "https://ntfy.example/topic" && all.ntfy?.token?.revealed == "tk_1")
        #expect(all.gotify?.url == "https://g.example" && all.discord != nil && all.heartbeat != nil)
        // Landfall's own secrets are none of its business.
        #expect(all.command?.path == "/usr/local/bin/tell" && all.command?.environment == ["PATH": "/bin"])
        #expect(all.levels["slack"] == .warning && all.levels["ntfy"] == .error && all.levels["gotify"] == .info)
    }

    @Test func `Telegram takes a chat's number or name, and a topic`() throws {
        let telegram = try #require(
            read(["TELEGRAM_TOKEN": "123456:AA-b_c", "TELEGRAM_CHAT": "-1001234567890", "TELEGRAM_TOPIC": "7"]).telegram
        )
        #expect(telegram.token.revealed == "123456:AA-b_c" && telegram.topic == 7)
        #expect(telegram.chat == "-1001234567890" && telegram.url == "https://api.telegram.org")
        #expect(try read(["TELEGRAM_TOKEN": "1:A", "TELEGRAM_CHAT": "@ops_channel"]).telegram?.chat == "@ops_channel")
    }

    @Test(arguments: [
        ("mail.example.org", "starttls", "mail.example.org:587"), ("mail.example.org", "TLS", "mail.example.org:465"),
        ("relay", "off", "relay:25"), ("[::1]:2525", "off", "[::1]:2525"),
    ])
    func `the port of a mail server is that of its encryption`(host: String, security: String, place: String) throws {
        let environment = [
            "SMTP_HOST": host, "SMTP_SECURITY": security, "SMTP_FROM": "landfall@example.org",
            "SMTP_TO": "a@example.org, b@bücher.example",
        ]
        let mail = try #require(read(environment).mail)
        #expect("\(mail.server.endpoint)" == place && mail.server.login == nil)
        #expect(mail.to == ["a@example.org", "b@xn--bcher-kva.example"])
    }

    @Test func `mails come from the login, if that is an address`() throws {
        var environment = ["SMTP_HOST": "mail.example.org", "SMTP_TO": "a@example.org", "SMTP_LEVEL": "error"]
        environment["SMTP_USERNAME"] = "landfall@example.org"
        environment["SMTP_PASSWORD"] = "pass 'word"
        let notices = try read(environment)
        #expect(notices.mail?.from == "landfall@example.org" && notices.levels["mail"] == .error)
        #expect(notices.mail?.server.login?.password.revealed == "pass 'word")
    }

    @Test(
        arguments: [
            (["TELEGRAM_TOKEN": "1:A"], "TELEGRAM_TOKEN is set, but TELEGRAM_CHAT is not"),
            (["TELEGRAM_CHAT": "-1"], "TELEGRAM_CHAT is set, but TELEGRAM_TOKEN is not"),
            (
                ["TELEGRAM_TOKEN": "1:A", "TELEGRAM_CHAT": "ops"],
                "TELEGRAM_CHAT takes a number such as -1001234567890, or a channel's @NAME; got `ops`"
            ),
            (
                ["TELEGRAM_TOKEN": "1/../A", "TELEGRAM_CHAT": "@ops"],
                "TELEGRAM_TOKEN takes a token of @BotFather's; its value is not valid"
            ),
            (["SMTP_TO": "a@example.org"], "SMTP_TO is set, but SMTP_HOST is not"),
            (["SMTP_HOST": "mail", "SMTP_FROM": "a@example.org"], "SMTP_HOST is set, but SMTP_TO is not"),
            (["SMTP_HOST": "mail", "SMTP_TO": "a@example.org"], "SMTP_HOST is set, but SMTP_FROM is not"),
            (
                ["SMTP_HOST": "mail", "SMTP_TO": "a@example.org", "SMTP_USERNAME": "a@example.org"],
                "SMTP_USERNAME is set, but SMTP_PASSWORD is not"
            ),
            (
                [
                    "SMTP_HOST": "mail", "SMTP_TO": "a@example.org", "SMTP_USERNAME": "a@example.org",
                    "SMTP_PASSWORD": "x", "SMTP_SECURITY": "off",
                ], "SMTP_SECURITY=off would send SMTP_PASSWORD in the clear; use starttls or tls"
            ),
            (
                ["SMTP_HOST": "smtp://mail:25", "SMTP_TO": "a@example.org", "SMTP_FROM": "a@example.org"],
                "SMTP_HOST takes HOST or HOST:PORT; the ports are otherwise 587 for starttls, 465 for tls and 25 for off; "
                    + "got `smtp://mail:25`"
            ),
            (
                ["SMTP_HOST": "mail", "SMTP_TO": "Ops <a@example.org>", "SMTP_FROM": "a@example.org"],
                "SMTP_TO takes e-mail addresses, comma separated; got `Ops <a@example.org>`"
            ),
            (
                ["NTFY_URL": "https://ntfy.example"],
                "NTFY_URL takes an http(s) URL with the topic; its value is not valid"
            ),
            (["NTFY_TOKEN": "tk_1"], "NTFY_TOKEN is set, but NTFY_URL with the topic is not"),
            (["GOTIFY_URL": "https://g.example"], "GOTIFY_URL is set, but GOTIFY_TOKEN is not"),
            (["GOTIFY_TOKEN": "A1"], "GOTIFY_TOKEN is set, but GOTIFY_URL is not"),
            (
                ["LANDFALL_WEBHOOK_SECRET": "x"],
                "LANDFALL_WEBHOOK_SECRET is set, but LANDFALL_WEBHOOK_URL, for which it signs, is not"
            ),
            (["DISCORD_LEVEL": "loud"], "DISCORD_LEVEL takes info, warning or error; got `loud`"),
            (
                ["LANDFALL_NOTIFY_COMMAND": "tell"],
                "LANDFALL_NOTIFY_COMMAND takes the absolute path of a program; got `tell`"
            ),
        ] as [([String: String], String)]
    )
    func `contradictory values are one clear line`(environment: [String: String], problem: String) throws {
        let error = #expect(throws: ConfigurationError.self) { try read(environment) }
        #expect(error?.problems == [problem])
    }
}

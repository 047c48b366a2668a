import Configuration
import Model
import Notices
import Testing

@Suite struct NoticeConfigurationTests {
    private func read(_ environment: [String: String]) throws -> Configuration.Notices {
        try Configuration(environment: environment, files: MemoryFiles(contents: [:])).notices
    }

    @Test func `a notifier is on if its destination is set`() throws {
        let none = try read([:])
        #expect(none.slack == nil && none.webhook == nil && none.ntfy == nil && none.discord == nil)
        #expect(none.gotify == nil && none.command == nil && none.heartbeat == nil)
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

    @Test(
        arguments: [
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

import Emulators
import Model
import Ports
import Processes
import TestSupport
import Testing

/// The client that certbot's own Cloudflare plugin uses, as an independent judge of the emulator.
@Suite struct CloudflarePeerTests {
    private let account: CloudflareAccount

    init() throws { account = try CloudflareAccount() }

    private func python(_ script: String) async throws -> String {
        let request = ProcessRequest(
            ["/usr/bin/python3", "-c", script],
            environment: ["CLOUDFLARE_API_URL": account.url, "HOME": "/nonexistent", "PATH": "/usr/bin:/bin"],
            timeLimit: .seconds(60).scaledToLoad
        )
        let result = try await SpawnRunner().run(request, for: .run)
        #expect(result.end == .exited(0), "\(result.errorText)")
        return result.outputText
    }

    private static let client = """
        from certbot_dns_cloudflare._internal.dns_cloudflare import _CloudflareClient
        from certbot.errors import PluginError
        owner = _CloudflareClient(None, None, 'owner-token')
        name = '_acme-challenge.deep.www.example.test'
        """

    @Test func `certbot's plugin finds the zone and adds its values side by side`() async throws {
        _ = try await python(
            Self.client + """

                owner.add_txt_record('deep.www.example.test', name, 'one', 120)
                owner.add_txt_record('deep.www.example.test', name, 'two', 120)
                """
        )
        let records = account.emulator.records(in: "example.test")
        #expect(records.map(\.name) == Array(repeating: "_acme-challenge.deep.www.example.test", count: 2))
        #expect(records.map(\.content) == ["one", "two"])
        #expect(records.map(\.ttl) == [120, 120])
    }

    @Test func `certbot's plugin removes its own value alone`() async throws {
        for value in ["one", "two"] {
            let draft = RecordDraft(name: "_acme-challenge.deep.www", type: "TXT", content: value)
            try account.emulator.put(draft, in: "example.test")
        }
        _ = try await python(Self.client + "\nowner.del_txt_record('deep.www.example.test', name, 'one')")
        #expect(account.emulator.records(in: "example.test").map(\.content) == ["two"])
    }

    @Test func `certbot's plugin understands the refusals`() async throws {
        let output = try await python(
            Self.client + """

                for token in ['unknown', 'reader-token', 'two words']:
                    try:
                        _CloudflareClient(None, None, token).add_txt_record('www.example.test', name, 'one', 120)
                    except PluginError as error:
                        print(error)
                """
        )
        let lines = output.split(separator: "\n")
        try #require(lines.count == 3, "\(output)")
        #expect(lines[0].contains("9109 Invalid access token") && lines[0].contains("valid Cloudflare Token"))
        #expect(lines[1].contains("Authentication error"))
        #expect(lines[2].contains("6003 Invalid request headers"))
        #expect(account.emulator.records(in: "example.test").isEmpty)
    }
}

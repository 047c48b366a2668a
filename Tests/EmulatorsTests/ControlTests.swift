import Emulators
import Model
import Ports
import Testing
import Transport

/// The emulators as another process sees them.
@Suite struct ControlTests {
    private let servers: EmulatorServers
    private let client: EmulatorClient
    private let transport = CurlTransport(.init(userAgent: "landfall-tests"))

    init() throws {
        servers = try EmulatorServers(
            cloudflare: CloudflareEmulator(zones: ["example.test"], credentials: [.token(Secret("owner-token"))]),
            slack: SlackEmulator(token: Secret("xoxb-secret"), channels: ["#ops"])
        )
        client = EmulatorClient(transport, control: servers.urls.control)
    }

    private func get(_ url: String) async throws -> HTTPResponse {
        try await transport.send(HTTPRequest(.get, url), for: .run)
    }

    @Test func `requests can be read and forgotten`() async throws {
        let header = HTTPHeader("Authorization", secret: "Bearer owner-token")
        let request = HTTPRequest(.get, servers.urls.cloudflare + "/zones?page=1", headers: [header])
        _ = try await transport.send(request, for: .run)
        let requests = try await client.requests(of: .cloudflare)
        #expect(requests == servers.cloudflare.log.requests)
        #expect(requests.map(\.path) == ["/client/v4/zones"])
        #expect(requests.map(\.authorization) == [.bearer])
        #expect(requests.map(\.status) == [200])
        try await client.clearRequests(of: .cloudflare)
        #expect(try await client.requests(of: .cloudflare).isEmpty)
    }

    @Test(arguments: [
        Fault(.hang, method: "GET"), Fault(.lostAnswer, host: "a.example.test", times: 2), Fault(.html(status: 502)),
        Fault(.error(status: 500, code: 1, message: "x"), path: "/zones"), Fault(.redirect(to: "https://x/")),
        Fault(.page(.short(by: 3)), after: 2), Fault(.page(.totals(count: 1, pages: 2))), Fault(.page(.repeated)),
        Fault(.slow(.seconds(2))), Fault(.reset), Fault(.truncated),
        Fault(.error(status: 429, code: 1, message: "x", retryAfter: 300)),
    ])
    func `faults can be added, read and cleared`(fault: Fault) async throws {
        try await client.add(fault, to: .webhook)
        #expect(try await client.faults(of: .webhook) == [fault])
        #expect(servers.webhook.faults.all == [fault])
        try await client.clearFaults(of: .webhook)
        #expect(servers.webhook.faults.all.isEmpty)
    }

    @Test func `settings can be read and set`() async throws {
        let cloudflare = CloudflareSettings(
            latency: .milliseconds(1),
            propagation: .seconds(2),
            rate: CloudflareRate(requests: 3, seconds: 4)
        )
        try await client.set(cloudflare)
        #expect(servers.cloudflare.settings == cloudflare)
        #expect(try await client.cloudflareSettings() == cloudflare)
        let address = AddressSettings(ipv4: "85.214.132.118", ipv6: "2a01:238::1")
        try await client.set(address)
        #expect(try await client.addressSettings() == address)
        #expect(try await get(servers.urls.address).text == "85.214.132.118")
        for url in servers.urls.addressServices { #expect(try await get(url).text.contains("85.214.132.118\n")) }
        let slack = SlackSettings(gap: .seconds(1), latency: .milliseconds(1))
        try await client.set(slack)
        #expect(try await client.slackSettings() == slack)
    }

    @Test func `somebody else can change the zone, within Cloudflare's rules`() async throws {
        let record = try await client.put(
            RecordDraft(name: "a", type: "A", content: "85.214.132.117", comment: "mine"),
            in: "example.test"
        )
        #expect(try await client.records(in: "example.test") == [record])
        let changed = try await client.patch(
            record.id,
            with: RecordDraft(content: "85.214.132.118"),
            in: "example.test"
        )
        #expect((changed.content, changed.comment) == ("85.214.132.118", "mine"))
        await #expect(throws: EmulatorClientError.self) {
            try await client.put(RecordDraft(name: "a", type: "A", content: "no"), in: "example.test")
        }
        await #expect(throws: EmulatorClientError.self) {
            try await client.put(RecordDraft(name: "a"), in: "other.test")
        }
        try await client.remove(record.id, in: "example.test")
        #expect(try await client.records(in: "example.test").isEmpty)
        #expect(servers.cloudflare.log.requests.isEmpty)
    }

    @Test func `Slack's messages can be read and forgotten, and a webhook keeps what it got`() async throws {
        func post(_ url: String, _ body: String) async throws -> Int {
            try await transport.send(HTTPRequest(.post, url, body: Array(body.utf8)), for: .run).status
        }
        #expect(try await post(servers.urls.slackWebhook, #"{"text":"hello"}"#) == 200)
        #expect(try await client.slackMessages() == servers.slack.messages)
        #expect(servers.slack.messages.map(\.text) == ["hello"])
        try await client.clearSlackMessages()
        #expect(servers.slack.messages.isEmpty)
        #expect(try await post(servers.urls.webhook, "anything") == 200)
        #expect(servers.webhook.bodies == ["anything"])
        #expect(try await client.requests(of: .webhook).map(\.body) == ["anything"])
    }

    @Test func `what there is not to control is said to be so`() async throws {
        for path in ["/", "/cloudflare", "/cloudflare/zones/example.test", "/other/requests", "/webhook/settings"] {
            #expect(try await get(servers.urls.control + path).status == 404)
        }
    }
}

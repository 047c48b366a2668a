import DNS
import Model
import Ports
import TestSupport
import Testing

/// Whatever numbers a provider sends, it may get an error, but it does not end the process.
@Suite(.limited(minutes: 5)) struct ExtremeNumberTests {
    private static let list = """
        {"success": true, "errors": [], "messages": [], "result": [{"id": "1", "name": "www.example.test", "type": "A", \
        "content": "192.0.2.1", "ttl": 300, "proxied": false, "status": "active"}], "result_info": {"page": 1, \
        "per_page": 1, "count": 1, "total_count": 1, "total_pages": 1}}
        """
    private static let record = """
        {"success": true, "result": {"id": "1", "name": "www.example.test", "type": "A", "content": "192.0.2.1", \
        "ttl": 300, "proxied": false}}
        """
    private static let rejection = """
        {"success": false, "errors": [{"code": 9109, "message": "no", "error_chain": [{"code": 1, "message": "no"}]}]}
        """

    private func zone() throws -> Zone { Zone(name: try DomainName("example.test"), id: "z") }

    /// Asks for everything that there is.
    private func ask(_ provider: some DNSProvider) async throws {
        let zone = try zone()
        _ = try? await provider.zones()
        _ = try? await provider.records(in: zone)
        let record = DNSRecord(id: "1", name: try DomainName("www.example.test"), kind: .a, content: "192.0.2.1")
        _ = await provider.apply([.create(record), .update(record, to: record), .delete(record)], in: zone)
        let challenge = try? await provider.publishChallenge("value", at: "_acme-challenge.example.test", in: zone)
        if let challenge { try? await provider.removeChallenge(challenge, in: zone) }
        _ = provider.budget?.summary
    }

    @Test(arguments: [list, record, rejection]) func `Cloudflare's API`(answer: String) async throws {
        for body in Extremes.variants(of: answer) {
            let transport = AnsweringTransport { _ in HTTPResponse(status: 200, body: Array(body.utf8)) }
            try await ask(CloudflareProvider(CloudflareFixture.token, transport: transport, clock: LeapingClock()))
        }
    }

    @Test func `a list of more pages than there can be is an error`() async throws {
        let body = Self.list.replacing(#""total_count": 1"#, with: #""total_count": 9223372036854775807"#)
        let transport = AnsweringTransport { _ in HTTPResponse(status: 200, body: Array(body.utf8)) }
        let provider = CloudflareProvider(CloudflareFixture.token, transport: transport, clock: LeapingClock())
        let error = await failure { () async throws(ProviderError) in try await provider.zones() }
        #expect("\(try #require(error))".contains("the list has 9223372036854775807 pages; at most 200 are read"))
    }

    @Test(arguments: [200, 429, 500, 503]) func `headers about rate limits`(status: Int) async throws {
        for number in Extremes.numbers {
            let headers = [
                "ratelimit": #""default";r=\#(number);t=\#(number)"#,
                "ratelimit-policy": #""default";q=\#(number);w=300, "burst";q=\#(number);w=\#(number)"#,
                "retry-after": number,
            ]
            let transport = AnsweringTransport { _ in
                HTTPResponse(status: status, headers: headers, body: Array(Self.list.utf8))
            }
            try await ask(CloudflareProvider(CloudflareFixture.token, transport: transport, clock: LeapingClock()))
        }
    }

    @Test func `a user's program`() async throws {
        let answer = """
            {"zones": [{"id": "1", "name": "example.test"}], "records": [{"id": "1", "name": "www.example.test", \
            "type": "A", "content": "192.0.2.1", "ttl": 300}], "results": [{"record": {"name": "www.example.test", \
            "type": "A", "content": "192.0.2.1", "ttl": 300}}], "id": "1"}
            """
        for output in Extremes.variants(of: answer) {
            let processes = AnsweringProcesses(output: Array(output.utf8))
            try await ask(ExecProvider("/program", environment: [:], processes: processes))
        }
    }
}

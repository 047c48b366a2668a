import Emulators
import Ports
import TestSupport
import Testing

/// What the emulator does wrong when it is told to, as a client sees it.
@Suite struct CloudflareFaultTests {
    private let clock = TestClock()
    private let account: CloudflareAccount

    init() throws { account = try CloudflareAccount(clock: clock) }

    private func fill() throws {
        for number in 0..<10 {
            let draft = RecordDraft(name: "h\(number)", type: "A", content: "85.214.132.117")
            try account.emulator.put(draft, in: "example.test")
        }
    }

    /// What a page of four shows: its first and last record, how many it says it has, and of how many in all.
    private func page(_ number: Int) async throws -> [String] {
        let path = try account.records() + "?per_page=4&page=\(number)"
        let answer = try await account.call(.get, path, giving: [CloudflareRecord].self)
        let (records, page) = (try #require(answer.result), try #require(answer.page))
        let names = [records.first, records.last].compactMap { $0?.name.prefix { $0 != "." } }.map(String.init)
        return names + ["\(page.count)", "\(page.totalCount)", "\(page.totalPages)"]
    }

    @Test func `pages can be short, the wrong one, or tell wrong totals`() async throws {
        try fill()
        #expect(try await page(2) == ["h4", "h7", "4", "10", "3"])
        account.emulator.faults.add(Fault(.page(.short(by: 2)), times: 1))
        #expect(try await page(2) == ["h4", "h5", "4", "10", "3"])
        account.emulator.faults.add(Fault(.page(.repeated), times: 1))
        #expect(try await page(2) == ["h0", "h3", "4", "10", "3"])
        account.emulator.faults.add(Fault(.page(.totals(count: 99, pages: 1)), times: 1))
        #expect(try await page(2) == ["h4", "h7", "4", "99", "1"])
        #expect(try await page(3) == ["h8", "h9", "2", "10", "3"])
    }

    @Test func `a fault can wait for its turn`() async throws {
        account.emulator.faults.add(Fault(.html(status: 502), path: "/zones", after: 2, times: 1))
        var statuses: [Int] = []
        for _ in 0..<4 { statuses.append(try await account.send(.get, "/zones").status) }
        #expect(statuses == [200, 200, 502, 200])
    }

    @Test func `half an answer comes, although all of the work is done`() async throws {
        let body = #"{"type":"A","name":"a","content":"85.214.132.117"}"#
        account.emulator.faults.add(Fault(.truncated, method: "POST", times: 1))
        let response = try await account.send(.post, account.records(), body)
        #expect(response.status == 200 && response.text.hasPrefix("{") && !response.text.hasSuffix("}"))
        #expect(account.emulator.records(in: "example.test").count == 1)
    }

    @Test func `a connection ends without an answer, and nothing is done`() async throws {
        let body = #"{"type":"A","name":"a","content":"85.214.132.117"}"#
        account.emulator.faults.add(Fault(.reset, method: "POST"))
        await #expect(throws: TransportError.self) { try await account.send(.post, account.records(), body) }
        #expect(account.emulator.records(in: "example.test").isEmpty)
        #expect(account.emulator.log.requests.allSatisfy { $0.status == nil })
    }

    @Test func `an answer can be late`() async throws {
        account.emulator.faults.add(Fault(.slow(.seconds(9))))
        async let status = account.send(.get, "/zones").status
        await clock.sleepers(1)
        clock.advance(by: .seconds(9))
        #expect(try await status == 200)
    }

    @Test(arguments: [(429, nil, "1"), (429, 300, "300"), (503, 60, "60"), (500, nil, nil)])
    func `a rest of any length can be asked for`(status: Int, asked: Int?, header: String?) async throws {
        account.emulator.faults.add(Fault(.error(status: status, code: 1, message: "x", retryAfter: asked)))
        let response = try await account.send(.get, "/zones")
        #expect(response.status == status && response.headers["retry-after"] == header)
    }

    @Test func `every answer tells what is left, and a window may be shorter than five minutes`() async throws {
        #expect(try await account.send(.get, "/zones").headers["ratelimit"] == #""default";r=1199;t=300"#)
        account.emulator.settings.rate = CloudflareRate(requests: 2, seconds: 3)
        clock.advance(by: .seconds(1))
        let response = try await account.send(.get, "/zones")
        #expect(response.headers["ratelimit"] == #""default";r=1;t=3"#)
        #expect(response.headers["ratelimit-policy"] == #""default";q=2;w=3"#)
        for _ in 0..<2 { _ = try await account.send(.get, "/zones") }
        #expect(try await account.send(.get, "/zones").headers["retry-after"] == "3")
        clock.advance(by: .seconds(3))
        #expect(try await account.send(.get, "/zones").status == 200)
    }

    @Test func `a new rate ends the silence that the old one led to`() async throws {
        account.emulator.settings.rate = CloudflareRate(requests: 0, seconds: 300)
        #expect(try await account.send(.get, "/zones").status == 429)
        account.emulator.settings.rate = CloudflareRate()
        #expect(try await account.send(.get, "/zones").status == 200)
    }
}

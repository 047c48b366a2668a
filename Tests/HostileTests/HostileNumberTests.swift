import Emulators
import HTTPServer
import Model
import Ports
import Report
import TestSupport
import Testing

/// Numbers from outside that no arithmetic is made for.
@Suite(.limited(minutes: 10)) struct HostileNumberTests {
    private static let greatest = Int(Int64.max)

    /// A part of what there is to try, so that no provider's budget is used up; more of it where all tests run in full.
    private static func chosen(_ variants: [String], for test: String) -> [String] {
        let count = TestScale.isFull ? 100 : 30
        guard variants.count > count else { return variants }
        var chance = TestScale.chance(for: test)
        return (0..<count).map { _ in chance.one(of: variants) } + variants.suffix(Extremes.numbers.count)
    }

    @Test(arguments: [
        PageFault.totals(count: greatest, pages: greatest), .totals(count: -greatest, pages: 1),
        .totals(count: greatest, pages: 1), .totals(count: 0, pages: greatest), .totals(count: 1, pages: -1),
    ])
    func `no total of a list ends Landfall, and nothing is written for it`(fault: PageFault) async throws {
        try await HostileFixture.use { fixture in
            fixture.deploy(StubService("web", ["landfall.host": "www.example.test"]))
            let daemon = try await fixture.start()
            fixture.cloudflare.log.clear()
            fixture.cloudflare.faults.add(Fault(.page(fault)))
            for _ in 0..<2 { _ = try await fixture.run() }
            #expect(daemon.isRunning)
            #expect(fixture.cloudflare.log.requests.allSatisfy { $0.method == "GET" })
            fixture.cloudflare.faults.clear()
            #expect(try await fixture.run().isClean)
        }
    }

    private static let zones =
        #"{"success":true,"errors":[],"messages":[],"result":[{"id":"z1","name":"example.test","status":"active"}],"#
        + #""result_info":{"page":1,"per_page":50,"count":1,"total_count":1,"total_pages":1}}"#
    private static let list =
        #"{"success":true,"errors":[],"messages":[],"result":[{"id":"r1","type":"A","name":"www.example.test","#
        + #""content":"85.214.132.117","ttl":300,"proxied":true,"comment":"landfall:default"}],"#
        + #""result_info":{"page":1,"per_page":5000,"count":1,"total_count":1,"total_pages":1}}"#
    private static let rejection =
        #"{"success":false,"errors":[{"code":1004,"message":"x","error_chain":[{"code":9005,"message":"y"}]}],"result":null}"#

    @Test(arguments: [("/zones", zones), ("/dns_records", list), ("/batch", rejection)])
    func `no number in an answer of Cloudflare's ends Landfall`(path: String, json: String) async throws {
        try await HostileFixture.use { fixture in
            fixture.deploy(StubService("web", ["landfall.host": "www.example.test", "landfall.dns.ttl": "600"]))
            let daemon = try await fixture.start()
            for variant in Self.chosen(Extremes.variants(of: json), for: "numbers of Cloudflare's \(path)") {
                fixture.answerAsCloudflare { $0.path.hasSuffix(path) ? .json(text: variant) : nil }
                _ = try await fixture.run()
                guard daemon.isRunning else {
                    Issue.record("ended by \(variant)")
                    return
                }
            }
            fixture.answerAsCloudflare(nil)
            #expect(try await fixture.run().isClean)
        }
    }

    @Test func `no number in a header of Cloudflare's ends Landfall, or holds it up for more than ten minutes`()
        async throws
    {
        try await HostileFixture.use { fixture in
            fixture.deploy(StubService("web", ["landfall.host": "www.example.test"]))
            let daemon = try await fixture.start()
            let numbers =
                Extremes.numbers + ["", "x", "Fri, 31 Dec 9999 23:59:59 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"]
            for number in numbers {
                fixture.answerAsCloudflare { request in
                    guard request.path.hasSuffix("/zones") else { return nil }
                    var response = ServerResponse.json(text: Self.zones)
                    response.headers["Ratelimit"] = "\"default\";r=\(number);t=\(number)"
                    response.headers["Ratelimit-Policy"] = "\"default\";q=\(number);w=300"
                    response.headers["Retry-After"] = number
                    response.headers["Date"] = number
                    response.status = number.isEmpty ? 429 : 503
                    return response
                }
                let report = try await fixture.run()
                #expect(daemon.isRunning, "ended by \(number)")
                let end = report.budgets.compactMap(\.restsUntil).max()
                #expect(end.map { $0 <= report.started + .seconds(660) } ?? true, "\(number)")
            }
        }
    }

    private static let service =
        #"[{"ID":"s1","Version":{"Index":7},"Spec":{"Name":"web","Labels":{"landfall.host":"www.example.test"},"#
        + #""TaskTemplate":{"ForceUpdate":0}},"UpdateStatus":{"State":"completed"}}]"#
    private static let containers =
        #"[{"Id":"c1","Names":["/web"],"Labels":{"landfall.signal":"HUP"},"State":"running","Created":1795485783}]"#

    @Test(arguments: [("/services", service), ("/containers/json", containers)])
    func `no number in an answer of the engine's ends Landfall`(path: String, json: String) async throws {
        try await HostileFixture.use { fixture in
            fixture.deploy(StubService("web", ["landfall.host": "www.example.test"]))
            let daemon = try await fixture.start()
            for variant in Self.chosen(Extremes.variants(of: json), for: "numbers of the engine's \(path)") {
                fixture.docker.answer(path, with: .reply(200, variant))
                _ = try await fixture.run()
                guard daemon.isRunning else {
                    Issue.record("ended by \(variant)")
                    return
                }
            }
        }
    }

    @Test func `no number in an event ends Landfall or its events`() async throws {
        try await HostileFixture.use { fixture in
            let daemon = try await fixture.start()
            let event =
                #"{"Type":"service","Action":"create","Actor":{"ID":"s","Attributes":{"name":"s"}},"scope":"swarm","#
                + #""time":1795485783,"timeNano":1795485783000000000}"#
            for variant in Extremes.variants(of: event) { fixture.docker.feed.send(variant + "\n") }
            fixture.deploy(StubService("web", ["landfall.host": "www.example.test"]))
            fixture.docker.feed.send(event.replacing("create", with: "update") + "\n")
            try await eventually("the record of web") { !fixture.records.isEmpty }
            #expect(daemon.isRunning)
        }
    }

    @Test(arguments: Extremes.numbers) func `no number in a label ends Landfall`(number: String) async throws {
        try await HostileFixture.use { fixture in
            let labels: StubLabels = [
                "landfall.host": "www.example.test", "landfall.dns.ttl": number, "landfall.dns": number,
                "landfall.probe": "127.0.0.1:\(number)", "landfall.certificate.name": number,
                "landfall.certificate": "shared", "landfall.secret": "\(number)=\(number)",
            ]
            fixture.deploy(StubService(number, labels, containerLabels: ["landfall.signal": number]))
            let daemon = try await fixture.start()
            _ = try await fixture.run()
            #expect(daemon.isRunning)
        }
    }

    /// Deep enough for the stack of any parser that calls itself.
    private static let deep = String(repeating: "[", count: 500_000)

    @Test func `no depth of an answer ends Landfall`() async throws {
        try await HostileFixture.use { fixture in
            fixture.deploy(StubService("web", ["landfall.host": "www.example.test"]))
            let daemon = try await fixture.start()
            let objects = String(repeating: #"{"a":"#, count: 200_000)
            for json in [Self.deep, objects, #"{"success":true,"result":\#(Self.deep)"#] {
                fixture.answerAsCloudflare { _ in .json(text: json) }
                _ = try await fixture.run()
                fixture.answerAsCloudflare(nil)
                fixture.docker.answer("/services", with: .reply(200, json))
                _ = try await fixture.run()
                fixture.docker.set { $0.override = nil }
                fixture.docker.feed.send(json + "\n")
                fixture.addresses.faults.add(Fault(.text(json), times: 2))
                _ = try await fixture.run()
                fixture.slack.faults.add(Fault(.text(json), times: 1))
            }
            #expect(daemon.isRunning)
            fixture.addresses.faults.clear()
            try await eventually("a clean run") { try await fixture.run().isClean }
        }
    }
}

extension ServerResponse {
    fileprivate static func json(text: String) -> ServerResponse {
        ServerResponse(headers: ["Content-Type": "application/json"], body: Array(text.utf8))
    }
}

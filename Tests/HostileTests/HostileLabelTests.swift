import Emulators
import FoundationEssentials
import Model
import Ports
import Processes
import Report
import TestSupport
import Testing

/// What labels may cost, whatever is in them.
@Suite(.serialized, .limited(minutes: 8)) struct HostileLabelTests {
    /// Where a person who deploys a service can write any text.
    enum Place: String, CaseIterable, Sendable {
        case value, key, containerValue = "container value", containerKey = "container key", name, image

        func service(with text: String) -> StubService {
            var service = StubService("hostile", ["landfall.host": "hostile.example.test"])
            switch self {
            case .value: service.labels = ["landfall.host": text]
            case .key: service.labels = ["landfall.\(text)": "x", text: "x", "landfall.host": "hostile.example.test"]
            case .containerValue: service.containerLabels = ["landfall.signal": text, "landfall.signal.hosts": text]
            case .containerKey: service.containerLabels = ["landfall.\(text)": "x", text: "x"]
            case .name: service.name = text
            case .image: service.image = text
            }
            return service
        }
    }

    /// Work that grew with the square of the text would take minutes.
    private static let workLimit = Duration.seconds(20)
    private static let marks = HostileText.combiningMarks(bytes: 700_000)
    private static let memoryLimit = 64 << 20

    private func expectBounds(_ fixture: HostileFixture, _ daemon: LandfallProcess) throws {
        let (work, memory) = (try fixture.processorTime(of: daemon), try fixture.peakMemory(of: daemon))
        print("\(Test.current?.name ?? ""): \(work), \(memory >> 20) MiB")
        #expect(work < Self.workLimit)
        #expect(memory <= Self.memoryLimit)
    }

    @Test(arguments: Place.allCases)
    func `combining marks cost no more than their length, wherever in a service they are`(place: Place) async throws {
        try await HostileFixture.use { fixture in
            fixture.deploy(place.service(with: Self.marks), StubService("web", ["landfall.host": "www.example.test"]))
            let daemon = try await fixture.start()
            try await fixture.run()
            try await fixture.awaitRecord("A www.example.test \(fixture.publicAddress)")
            try expectBounds(fixture, daemon)
        }
    }

    @Test func `so do combining marks that are written as escapes`() async throws {
        try await HostileFixture.use { fixture in
            let text = "a" + String(repeating: #"\u0316\u0301"#, count: 60_000)
            let labels = #"{"\#(text)":"x","landfall.host":"\#(text)","landfall.\#(text)":"x"}"#
            fixture.docker.answer(
                "/services",
                with: .reply(200, #"[{"ID":"s","Spec":{"Name":"\#(text)","Labels":\#(labels)}}]"#)
            )
            let daemon = try await fixture.start()
            try await fixture.run()
            try expectBounds(fixture, daemon)
        }
    }

    @Test func `so do those in the labels of containers of a plain engine`() async throws {
        try await HostileFixture.use { fixture in
            let marks = Self.marks
            fixture.docker.set { contents in
                contents.isManager = false
                contents.containers = [
                    StubContainer("one", ["landfall.host": marks, "landfall.secret": marks, marks: marks]),
                    StubContainer(marks, id: "two", ["landfall.signal": marks, "landfall.probe": marks]),
                    StubContainer("web", ["landfall.host": "www.example.test"]),
                ]
            }
            let daemon = try await fixture.start()
            try await fixture.run()
            try await fixture.awaitOnlyRecord("A www.example.test \(fixture.publicAddress)")
            try expectBounds(fixture, daemon)
        }
    }

    @Test func `so do those in events`() async throws {
        try await HostileFixture.use { fixture in
            let daemon = try await fixture.start()
            func event(_ name: String) -> String {
                #"{"Type":"service","Action":"create","Actor":{"ID":"s","Attributes":{"name":\#(quoted(name)),"#
                    + #"\#(quoted(name)):"x"}},"time":1795485783,"timeNano":1795485783000000000}"# + "\n"
            }
            fixture.docker.feed.send(event(Self.marks))
            fixture.deploy(StubService("web", ["landfall.host": "www.example.test"]))
            fixture.docker.feed.send(event("web"))
            try await eventually("the record of web") { !fixture.records.isEmpty }
            try expectBounds(fixture, daemon)
        }
    }

    @Test(arguments: [1, 3], [true, false])
    func `labels of 1.4 MB are told of in a few words`(services: Int, hasNotifier: Bool) async throws {
        try await HostileFixture.use { fixture in
            let names = (0..<200_000).map { "a_\($0 % 1000)" }.joined(separator: ",")
            let hostile = (0..<services).map {
                StubService("hostile-\($0)", id: swarmID($0), ["landfall.host": names, names: "x"])
            }
            fixture.docker.set { $0.services = hostile }
            let notifier = hasNotifier ? [:] : ["SLACK_TOKEN": "", "SLACK_CHANNEL": ""]
            let daemon = try await fixture.start(notifier)
            let report = try await fixture.run()
            #expect(report.refusals.count == services)
            #expect(try await fixture.askPage("/api/status").body.count < 64 << 10)
            #expect(fixture.log.utf8.count < 64 << 10)
            try expectBounds(fixture, daemon)
        }
    }

    @Test func `of a label with many wrong names ten are told of, and how many more there are`() async throws {
        try await HostileFixture.use { fixture in
            let names = (0..<2000).map { "a_\($0)" }.joined(separator: ",")
            fixture.deploy(StubService("hostile", ["landfall.host": names]))
            try await fixture.start()
            let report = try await fixture.run()
            #expect(report.refusals.count == 11)
            #expect(report.refusals.last?.value == "and 1990 more")
        }
    }

    @Test(arguments: [true, false]) func `a label of any length keeps no other service from its host`(isSwarm: Bool)
        async throws
    {
        try await HostileFixture.use { fixture in
            let long = String(repeating: "x", count: 6 << 20)
            fixture.docker.set { contents in
                contents.isManager = isSwarm
                contents.services = [
                    StubService("hostile", id: swarmID(1), ["landfall.host": long]),
                    StubService("web", id: swarmID(2), ["landfall.host": "www.example.test"]),
                ]
                contents.containers = [
                    StubContainer("hostile", ["landfall.host": long]),
                    StubContainer("web", ["landfall.host": "www.example.test"]),
                ]
            }
            try await fixture.start()
            try await fixture.awaitOnlyRecord("A www.example.test \(fixture.publicAddress)")
        }
    }

    /// Each with as much as is read, and with what is not read.
    private static func hostileService(_ number: Int) -> StubService {
        let wrong = (0..<20).map { "\(HostileText.payload)a_\($0)" }.joined(separator: ",")
        let marks = HostileText.combiningMarks(bytes: 400)
        return StubService(
            "hostile-\(number)\(HostileText.payload)",
            id: swarmID(number),
            [
                "landfall.host": "www.example.test,h\(number).other.test,\(wrong)", "landfall.dns": marks,
                "landfall.dns.ttl": "99999999999999999999", "landfall.dns.proxied": "maybe",
                "landfall.certificate": "all", "landfall.probe": "\(marks):99999",
                "landfall.secret": "x=www.example.test",
                "landfall.host\(number)": "x", marks: marks, "landfall.signal.hosts": wrong,
            ],
            containerLabels: ["landfall.signal": wrong, "landfall.host": "www.example.test"]
        )
    }

    @Test func `a thousand hostile services leave the memory below 64 MB, and the first service its host`() async throws
    {
        try await HostileFixture.use { fixture in
            let web = StubService("web", id: swarmID(5000), ["landfall.host": "www.example.test"])
            fixture.deploy(web)
            let daemon = try await fixture.start()
            fixture.docker.set { $0.services = [web] + (0..<1000).map(Self.hostileService) }
            for _ in 0..<2 {
                let report = try await fixture.run()
                #expect(report.refusals.count == 500)
                #expect(report.hints.count <= 502)
            }
            #expect(try await fixture.askPage("/api/status").body.count < 1 << 20)
            #expect(try await fixture.askPage("/metrics").body.count < 1 << 20)
            try await fixture.awaitOnlyRecord("A www.example.test \(fixture.publicAddress)")
            #expect(fixture.cloudflare.records(in: "other.test").isEmpty)
            let (work, memory) = (try fixture.processorTime(of: daemon), try fixture.peakMemory(of: daemon))
            print("a thousand hostile services: \(work), \(memory >> 20) MiB")
            #expect(memory <= Self.memoryLimit)
        }
    }

    /// The processor time of a run that plans records and certificates for so many names.
    private func work(names count: Int) async throws -> Duration {
        var work = Duration.zero
        try await HostileFixture.use { fixture in
            let services = (0..<count / 100).map { service in
                let names = (0..<100).map { "n\($0).s\(service).example.test" }
                return StubService("s\(service)", id: swarmID(service), ["landfall.host": names.joined(separator: ",")])
            }
            fixture.docker.set { $0.services = services }
            let certbot = try await StubCertbot(fixture)
            let daemon = try await fixture.start(certbot.variables.merging(["LANDFALL_DRY_RUN": "yes"]) { $1 })
            work = try fixture.processorTime(of: daemon)
            print("\(count) names: \(work), \(try fixture.peakMemory(of: daemon) >> 20) MiB")
        }
        return work
    }

    @Test func `four times as many names cost about four times the work, and not sixteen`() async throws {
        let few = try await work(names: 5000)
        let many = try await work(names: 20_000)
        #expect(many < few * 8)
    }
}

import Docker
import Files
import Model
import Ports
import TestSupport
import Testing
import Timing
import Transport

@testable import Delivery

@Suite struct HelperTests {
    private func service(_ name: String, _ labels: [String: String]) -> Service {
        Service(id: name, name: name, labels: labels)
    }

    @Test func `a helper is known again by its name and its labels together`() {
        let name = HelperName(instance: "one", randomness: SystemRandomness())
        let ours = service(name.text, name.labels)
        let others = [
            service("landfall-signal-abc", [:]), service("landfall_web", name.labels),
            service(name.text + "x", name.labels), service(name.text, ["landfall.helper": "one"]),
        ]
        #expect(HelperName.leftovers(among: [ours] + others, of: "one") == [name.text])
        #expect(HelperName.leftovers(among: [ours], of: "two") == [])
        #expect(ours.isHelper)
        #expect(!others[0].isHelper && !others[1].isHelper)
    }

    @Test func `an order is read as it is written, and nothing else is one`() throws {
        let order = try #require(SignalOrder("1a2b=sighup"))
        #expect("\(order)" == "1a2b=HUP")
        for text in ["", "1a2b", "1a2b=", "=HUP", "1a2b=KILL", "../x=HUP", "a b=HUP", "1a2b=HUP=HUP"] {
            #expect(SignalOrder(text) == nil, "\(text)")
        }
    }

    @Test(arguments: [
        SignalDelivery.signalled, .gone, .notRunning, .refused("no \"such\" signal"), .ended("ended at HUP (129)"),
        .heldBack("proxy.1 ended at HUP (129)"),
    ])
    func `what a helper says of a container is read as it was meant`(delivery: SignalDelivery) {
        let line = DeliveryLine("1a2b", delivery)
        #expect(!line.text.contains("\n"))
        #expect(DeliveryLine(line.text)?.delivery == delivery)
    }

    @Test func `what a helper did not say is judged by how it ended`() throws {
        var output = TaskOutput()
        output.lines = [DeliveryLine("a", .notRunning).text, "nonsense"]
        let well = try NodeReport(of: task("complete"), output, on: "w1")
        #expect(well.delivery(to: "a") == .notRunning)
        #expect(well.delivery(to: "b") == .signalled)
        let badly = try NodeReport(of: task("rejected", error: "No such image"), output, on: "w1")
        #expect(badly.delivery(to: "a") == .notRunning)
        #expect(badly.delivery(to: "b") == .pending("the helper could not run on node w1: No such image"))
    }

    @Test func `a program of another architecture is told of in the system's words`() throws {
        var output = TaskOutput()
        output.errors = ["exec /usr/bin/landfall: exec format error"]
        let report = try NodeReport(of: task("failed", error: "task: non-zero exit (1)"), output, on: "w1")
        #expect(
            report.delivery(to: "a").reason
                == "the helper could not run on node w1: task: non-zero exit (1): exec /usr/bin/landfall: exec format error"
        )
    }

    private func task(_ state: String, error: String = "") throws -> ServiceTask {
        let json = #"{"ID":"t","ServiceID":"s","NodeID":"n","Status":{"State":"\#(state)","Err":"\#(error)"}}"#
        return try ServiceTask(json: json)
    }

    @Test(arguments: [
        ("ghcr.io/x/landfall:1", ["other/y@sha256:2", "ghcr.io/x/landfall@sha256:1"], "ghcr.io/x/landfall@sha256:1"),
        ("localhost:5000/landfall", ["localhost:5000/landfall@sha256:3"], "localhost:5000/landfall@sha256:3"),
        ("landfall", ["moved/away@sha256:4"], "moved/away@sha256:4"), ("landfall:1", [], "landfall:1"),
        ("landfall@sha256:5", [], "landfall@sha256:5"), ("unknown", [], "unknown"),
    ])
    func `an image is named so that every node takes the one of its platform`(
        name: String,
        digests: [String],
        pinned: String
    )
        async throws
    {
        let engine = try StubEngine { request in
            guard !request.path.contains("unknown") else { return .reply(404, #"{"message":"no such image"}"#) }
            let list = digests.map { #""\#($0)""# }.joined(separator: ",")
            return .reply(200, #"{"Id":"sha256:id","RepoDigests":[\#(list)]}"#)
        }
        defer { engine.stop() }
        let client = EngineClient(
            try EngineEndpoint(host: "unix://\(engine.socketPath)"),
            transport: CurlTransport(.init(userAgent: "landfall-tests"))
        )
        #expect(try await HelperImage(named: name, files: SystemFiles()).find(client) == pinned)
    }

    @Test(arguments: [
        (["landfall.signal": "hup"], ["a.test", "b.test", "*.c.test", "d.e.test"]),
        (["landfall.signal": "HUP", "landfall.signal.hosts": "a, x.c.test"], ["a.test", "*.c.test"]),
        (["landfall.signal": "HUP", "landfall.signal.hosts": "*.c.test"], ["*.c.test"]),
        (["landfall.signal": "HUP", "landfall.signal.hosts": "d.e, *.c"], ["*.c.test", "d.e.test"]),
    ])
    func `a container hears of the certificates of its hosts`(labels: [String: String], heard: [String]) throws {
        let rules = SignalRules(labels: ["landfall.signal"], defaultDomain: try DomainName("test"))
        let request = try #require(try rules.requestedSignal(in: labels))
        let certificates = try ["a.test", "b.test", "*.c.test", "d.e.test"].map { name in
            CertificateOnDisk(
                lineage: name,
                names: [try DomainName(name)],
                fingerprint: Fingerprint(hex: "f"),
                notBefore: Timestamp(seconds: 0),
                notAfter: Timestamp(seconds: 0),
                changed: Timestamp(seconds: 0)
            )
        }
        #expect(CertificateIndex(certificates).certificates(for: request).map(\.lineage) == heard)
    }

    @Test(.limited(minutes: 1))
    func `labels that are too long, or name too many hosts, are refused`() throws {
        let rules = SignalRules(labels: ["landfall.signal"])
        let long = String(repeating: "a\u{316}\u{301}", count: 300_000)
        let many = (0..<101).map { "a\($0).test" }.joined(separator: ",")
        for labels in [
            ["landfall.signal": long], ["landfall.signal": "HUP", "landfall.signal.hosts": long],
            ["landfall.signal": "HUP", "landfall.signal.hosts": many],
        ] {
            #expect(throws: SignalRejection.self) { try rules.requestedSignal(in: labels) }
        }
    }

    @Test(arguments: ["", " , ", "not a name", "a.test,,-"])
    func `hosts that are none are refused before anything is sent`(value: String) {
        let rules = SignalRules(labels: ["landfall.signal"])
        #expect(throws: SignalRejection.self) {
            try rules.requestedSignal(in: ["landfall.signal": "HUP", "landfall.signal.hosts": value])
        }
    }
}

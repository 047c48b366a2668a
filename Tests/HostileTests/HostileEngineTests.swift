import Emulators
import FoundationEssentials
import HTTPServer
import Model
import Ports
import Report
import Status
import TestSupport
import Testing

/// Engines, proxies in front of them, and containers that are not as one expects.
@Suite(.limited(minutes: 5)) struct HostileEngineTests {
    private static let host = "www.example.test"
    private static let service = StubService("web", ["landfall.host": host])

    @Test func `a container that ends at its signal is told of in report, plan, explain and one notice`() async throws {
        try await HostileFixture.use { fixture in
            let certbot = try await StubCertbot(fixture)
            try await certbot.store(Self.host, Self.host)
            fixture.docker.set { contents in
                contents.isManager = false
                contents.containers = [
                    StubContainer("web", ["landfall.host": Self.host]),
                    StubContainer("proxy", ["landfall.signal": "HUP"]),
                ]
                contents.containers[1].exit = 129
            }
            try await fixture.start(certbot.variables)
            try await certbot.store(Self.host, Self.host)
            let words = "ended at HUP (129)"
            let once = try await fixture.command("once", changes: certbot.variables)
            #expect(once.outputText.contains("! HUP → proxy: \(words): it is not signalled for this again"))
            try await fixture.awaitMessage(about: "proxy \(words)")
            try await fixture.run()
            #expect(fixture.docker.acts == ["POST /containers/proxy/kill"])
            for command in ["plan", "explain"] {
                let arguments = command == "plan" ? [command] : [command, Self.host]
                let result = try await LandfallProgram.run(arguments, fixture.variables(certbot.variables))
                #expect(result.outputText.contains("proxy \(words)"), "\(result.outputText)")
            }
            #expect(try await fixture.status().hints.contains { $0.contains("proxy \(words)") })
            #expect(fixture.slack.messages.count { $0.text.contains(words) } == 1)
        }
    }

    @Test func `a certificate's single file in a mount is told of, and is the cause of what is not served`()
        async throws
    {
        try await HostileFixture.use { fixture in
            let certbot = try await StubCertbot(fixture)
            try await certbot.store(Self.host, Self.host)
            var proxy = StubService("proxy")
            let file = "/etc/letsencrypt/live/\(Self.host)/fullchain.pem"
            proxy.mounts = #"[{"Type":"bind","Source":"\#(file)","Target":"/certs/www.pem"}]"#
            fixture.deploy(StubService("web", ["landfall.host": Self.host, "landfall.probe": "127.0.0.1:9"]), proxy)
            let hint = "service proxy: /certs/www.pem is the single file \(file)"
            let plan = try await fixture.command("plan", changes: certbot.variables)
            #expect(plan.outputText.contains("* \(hint)"), "\(plan.outputText)")
            let once = try await fixture.command("once", changes: certbot.variables)
            let line = once.outputText.split(separator: "\n").first { $0.contains("not served") }
            #expect(line?.contains(hint) == true, "\(once.outputText)")
            let explanation = try await fixture.command("explain", Self.host, changes: certbot.variables)
            #expect(explanation.outputText.contains("not served: 127.0.0.1:9"))
            #expect(explanation.outputText.contains("its certificate is issued, but not served"))
            #expect(explanation.outputText.contains(hint))
        }
    }

    @Test func `nothing stays pending for tasks on a node that was removed from the Swarm`() async throws {
        try await HostileFixture.use { fixture in
            let certbot = try await StubCertbot(fixture)
            try await certbot.store(Self.host, Self.host)
            fixture.docker.set { contents in
                contents.services = [Self.service, StubService("proxy", containerLabels: ["landfall.signal": "HUP"])]
                contents.nodes = [#"{"ID":"m","Spec":{"Availability":"active"},"Status":{"State":"ready"}}"#]
                contents.tasks = [
                    #"{"ID":"t1","ServiceID":"proxy","NodeID":"gone","CreatedAt":"2026-01-01T00:00:00Z","#
                        + #""Status":{"State":"running","ContainerStatus":{"ContainerID":"c1"}},"#
                        + #""Spec":{"ContainerSpec":{"Labels":{"landfall.signal":"HUP"}}}}"#
                ]
            }
            try await fixture.start(certbot.variables)
            try await certbot.store(Self.host, Self.host)
            let report = try await fixture.run()
            #expect(report.signals.isEmpty && report.isClean)
            #expect(fixture.docker.acts.isEmpty)
        }
    }

    @Test func `containers beside a Swarm's services are served, noticed, and subject to the same rule`() async throws {
        try await HostileFixture.use { fixture in
            fixture.deploy(Self.service)
            try await fixture.start()
            try await fixture.awaitOnlyRecord("A \(Self.host) \(fixture.publicAddress)")
            fixture.docker.set { contents in
                let labels: StubLabels = [
                    "landfall.host": "alone.example.test,\(Self.host)", "landfall.dns": "192.0.2.7",
                ]
                contents.containers = [StubContainer("alone", labels)]
            }
            let runs = fixture.endedRuns
            fixture.docker.feed.send(
                #"{"Type":"container","Action":"start","Actor":{"ID":"alone","Attributes":{"name":"alone","#
                    + #""landfall.host":"alone.example.test"}},"timeNano":1800000000000000000}"# + "\n"
            )
            try await eventually("a run for the container") { fixture.endedRuns > runs }
            try await fixture.awaitRecord("A alone.example.test 192.0.2.7")
            // The service had the name first.
            #expect(fixture.records.contains("A \(Self.host) \(fixture.publicAddress)"))
            #expect(fixture.records.count == 2)
        }
    }
}

/// A proxy in front of the engine with rules for methods and paths, as files under `deploy/` have them.
@Suite(.limited(minutes: 5)) struct SocketRulesTests {
    private static let host = "www.example.test"

    private struct Rules: Sendable {
        /// By method; each is a pattern of whole paths.
        let patterns: [String: String]

        init(of file: String) throws {
            let path = URL(filePath: #filePath).deletingLastPathComponent().path + "/../../deploy/\(file)"
            let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
            let options = text.matches(of: /- -allow([A-Z]+)=(.+)/).map { (String($0.1), String($0.2)) }
            patterns = Dictionary(options) { "(\($0)|\($1))" }
        }

        /// What the proxy answers; nil where it asks the engine.
        func refusal(of request: StubEngine.Request) -> StubEngine.Answer? {
            guard let pattern = patterns[request.method] else {
                return .reply(405, "Method Not Allowed", type: "text/plain")
            }
            let path = String(request.target.prefix { $0 != "?" })
            guard let regex = try? Regex(pattern), path.wholeMatch(of: regex) != nil else {
                return .reply(403, "Forbidden", type: "text/plain")
            }
            return nil
        }
    }

    @Test(arguments: [("stack.socket-rules.yml", true), ("compose.socket-rules.yaml", false)])
    func `behind the rules that are offered, all works that they are for`(file: String, isSwarm: Bool) async throws {
        try await HostileFixture.use { fixture in
            let rules = try Rules(of: file)
            let certbot = try await StubCertbot(fixture)
            try await certbot.store(Self.host, Self.host)
            let proxy = StubContainer("proxy", ["landfall.signal": "HUP", "com.docker.swarm.service.name": "proxy"])
            fixture.docker.set { contents in
                contents.isManager = isSwarm
                contents.services = [StubService("web", ["landfall.host": Self.host])]
                contents.containers = [proxy] + (isSwarm ? [] : [StubContainer("web", ["landfall.host": Self.host])])
                contents.override = { rules.refusal(of: $0) }
            }
            var variables = certbot.variables
            if isSwarm { variables["LANDFALL_CROSS_NODE"] = "off" }
            let check = try await fixture.command("check", changes: variables)
            #expect(check.outputText.contains("✓ engine calls: "), "\(check.outputText)")
            try await fixture.start(variables)
            try await certbot.store(Self.host, Self.host)
            let report = try await fixture.run()
            #expect(report.isClean && report.signals.map(\.result) == [.signalled])
            #expect(fixture.records == ["A \(Self.host) \(fixture.publicAddress)"])
        }
    }

    @Test(arguments: ["stack.socket-rules.yml", "compose.socket-rules.yaml"])
    func `the rules that are offered let no program become root`(file: String) throws {
        let rules = try Rules(of: file)
        for (method, path) in [
            ("POST", "/v1.41/containers/create"), ("POST", "/v1.41/containers/c1/exec"),
            ("POST", "/v1.41/exec/e1/start"),
            ("POST", "/v1.41/services/create"), ("POST", "/v1.41/containers/c1/update"),
            ("PUT", "/v1.41/containers/c1/archive"),
            ("GET", "/v1.41/containers/c1/archive"), ("GET", "/v1.41/containers/c1/export"),
            ("DELETE", "/v1.41/services/s1"),
            ("GET", "/v1.41/secrets"), ("GET", "/v1.41/containers/c1/json/../archive"), ("POST", "/build"),
            ("GET", "/_ping/v1.41/containers/c1/archive"),
        ] {
            #expect(rules.refusal(of: .init(method: method, target: path)) != nil, "\(method) \(path)")
        }
        #expect(rules.refusal(of: .init(method: "POST", target: "/v1.41/containers/c1/kill?signal=HUP")) == nil)
    }

    @Test func `check names every call that a proxy refuses and the configuration needs, and changes nothing`()
        async throws
    {
        try await HostileFixture.use { fixture in
            fixture.docker.set { contents in
                contents.override = { request in
                    request.method == "GET" || request.path.hasSuffix("/kill") ? nil : .reply(403, "Forbidden")
                }
            }
            let check = try await fixture.command("check")
            #expect(check.end == .exited(1))
            for call in ["POST /services/create", "DELETE /services/landfall-check-"] {
                #expect(check.outputText.contains("✗ engine calls: \(call)"), "\(check.outputText)")
            }
            #expect(check.outputText.contains("SERVICES=1 and POST=1"))
            #expect(!check.outputText.contains("/kill"))
            let off = try await fixture.command("check", changes: ["LANDFALL_SIGNALS": "off"])
            #expect(off.outputText.contains("✓ engine calls: "), "\(off.outputText)")
        }
    }

    @Test func `check says which nodes there are, and which of them cannot run the helper's image`() async throws {
        try await HostileFixture.use { fixture in
            fixture.docker.set { contents in
                contents.nodes = [("m", "one", "x86_64"), ("w1", "two", "aarch64"), ("w2", "two", "x86_64")].map {
                    #"{"ID":"\#($0)","Spec":{"Availability":"active"},"Status":{"State":"ready"},"#
                        + #""Description":{"Hostname":"\#($1)","Platform":{"Architecture":"\#($2)","OS":"linux"}}}"#
                }
                contents.override = { request in
                    request.path == "/images/landfall%3A1/json"
                        ? .reply(200, #"{"Id":"sha256:1","RepoDigests":[],"Architecture":"amd64"}"#) : nil
                }
            }
            let check = try await fixture.command("check", changes: ["LANDFALL_HELPER_IMAGE": "landfall:1"])
            #expect(check.outputText.contains("✓ nodes: one (x86_64), two (w1) (aarch64), two (w2) (x86_64)"))
            #expect(
                check.outputText.contains(
                    "✗ helper image: landfall:1 has no digest, and is here for amd64 only; two (w1)"
                )
            )
        }
    }
}

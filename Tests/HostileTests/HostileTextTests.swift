import Emulators
import HTTPServer
import Model
import Ports
import Processes
import Report
import Status
import TestSupport
import Testing

/// Escape sequences in every text from outside.
@Suite(.limited(minutes: 8)) struct HostileTextTests {
    /// It also begins a line of its own, and looks like markup.
    private static let text = HostileText.payload + "\nforged <img src=x onerror=alert(1)> @channel"

    /// Who writes it.
    enum Writer: String, CaseIterable, Sendable {
        case services, containers, engineErrors = "the engine's errors", events, records
        case providerErrors = "the provider's errors", addresses = "address services", slack
        case certbot, deployHook = "a deploy hook", nodes = "other nodes"
    }

    @Test(arguments: Writer.allCases, ["json", "text"])
    func `no escape sequence reaches a terminal, the log, the page or a notice`(writer: Writer, format: String)
        async throws
    {
        try await HostileFixture.use { fixture in
            let changes = try await Self.prepare(fixture, writer).merging(["LANDFALL_LOG": format]) { $1 }
            let daemon = try await fixture.start(changes)
            try await Self.act(fixture, writer)
            _ = try await fixture.command("once", changes: changes)
            let outputs = try await Self.outputs(of: fixture, changes)
            for (place, output) in outputs {
                #expect(HostileText.unprintable(in: output).isEmpty, "\(place): \(sanitized(output, limit: 2000))")
                #expect(!output.split(separator: "\n").contains { $0.hasPrefix("forged") }, "\(place)")
            }
            #expect(outputs.contains { $0.output.contains("owned") }, "the text is shown nowhere")
            #expect(daemon.isRunning)
        }
    }

    /// Everything that people read, by where.
    private static func outputs(
        of fixture: HostileFixture,
        _ changes: [String: String]
    ) async throws -> [(place: String, output: String)] {
        var outputs: [(place: String, output: String)] = []
        let commands = [["once"], ["plan"], ["status"], ["explain", "www.example.test"], ["check"], ["health"]]
        for command in commands + commands.prefix(4).map({ $0 + ["--json"] }) {
            let result = try await LandfallProgram.run(command, fixture.variables(changes))
            outputs.append((command.joined(separator: " "), result.outputText + result.errorText))
        }
        for path in ["/", "/metrics", "/healthz"] {
            outputs.append((path, try await fixture.askPage(path).text))
        }
        // The page shows the texts of these; a line break in one of them counts as a forged line.
        for path in ["/api/status", "/api/runs"] {
            let document: JSONValue = try decodeJSON(from: try await fixture.askPage(path).body)
            outputs.append(
                (path, document.texts.map { $0.split(separator: "\n").joined(separator: "\nforged") }.joined())
            )
        }
        outputs.append(("the log", fixture.log))
        try await eventually("the delivery of notices") { !fixture.slack.messages.isEmpty }
        outputs.append(("Slack", fixture.slack.messages.map(\.text).joined(separator: "\n")))
        return outputs
    }

    /// Sets what the outside has from the beginning; returns changes of the configuration.
    private static func prepare(_ fixture: HostileFixture, _ writer: Writer) async throws -> [String: String] {
        let text = text
        fixture.deploy(StubService("web", ["landfall.host": "www.example.test"]))
        switch writer {
        case .services: fixture.deploy(StubService("web", ["landfall.host": "www.example.test"]), service)
        case .containers:
            fixture.docker.set { contents in
                contents.isManager = false
                contents.containers = [StubContainer("web", ["landfall.host": "www.example.test"]), container]
            }
        case .records:
            fixture.deploy(StubService("web", ["landfall.host": "www.example.test, x.example.test"]))
            fixture.answerAsCloudflare { request in
                guard request.method == "GET", request.path.hasSuffix("/dns_records") else { return nil }
                return ServerResponse(body: Array(records.utf8))
            }
        case .certbot:
            try await fixture.writeProgram(failingCertbot, to: "certbot")
            return ["LANDFALL_CERTIFICATES": "on", "CERTBOT_PROGRAM": "\(fixture.path)/certbot"]
        case .deployHook:
            let certbot = try await StubCertbot(fixture)
            try fixture.write(Array(text.utf8), to: "output")
            return certbot.variables.merging([
                "CERTBOT_DEPLOY_HOOK": "cat \(fixture.path)/output >&2; exit 1"
            ]) { $1 }
        case .nodes:
            let certbot = try await StubCertbot(fixture)
            try await certbot.store("www.example.test", "www.example.test")
            fixture.docker.set { contents in
                contents.services.append(StubService("proxy", containerLabels: ["landfall.signal": "HUP"]))
                contents.nodes = [node]
                contents.tasks = [task]
            }
            return ["LANDFALL_HELPER_IMAGE": "registry.test/landfall@sha256:1"]
        default: break
        }
        return [:]
    }

    /// Does what shows the text once the first run has ended.
    private static func act(_ fixture: HostileFixture, _ writer: Writer) async throws {
        let text = text
        switch writer {
        case .engineErrors:
            fixture.docker.set { contents in
                contents.override = {
                    $0.path == "/services" ? .reply(500, #"{"message":\#(quoted(text))}"#) : nil
                }
            }
        case .events:
            fixture.docker.feed.send(
                #"{"Type":"service","Action":"update","Actor":{"ID":\#(quoted(text)),"Attributes":{"name":\#(quoted(text))}},"#
                    + #""time":1795485783,"timeNano":1795485783000000000}"# + "\n"
            )
            try await eventually("the run") { try await fixture.status().runs.count > 1 }
        case .providerErrors:
            fixture.cloudflare.faults.add(Fault(.error(status: 400, code: 9999, message: text)))
        case .addresses: fixture.addresses.faults.add(Fault(.text(text)))
        case .slack: fixture.slack.faults.add(Fault(.error(status: 200, code: 0, message: text), times: 1))
        case .nodes:
            let certbot = try await StubCertbot(fixture)
            try await certbot.store("www.example.test", "www.example.test")
            fixture.docker.set { $0.tasks.append(helperTask) }
        default: break
        }
        // Something to tell of.
        fixture.docker.set { $0.services.append(StubService("news", ["landfall.host": "news.example.test, a_b"])) }
    }

    private static var records: String {
        let records = [
            #"{"id":"1","type":"A","name":"www.example.test","content":"85.214.1.1","comment":\#(quoted("landfall:" + text))}"#,
            #"{"id":"2","type":"A","name":"x.example.test","content":\#(quoted(text)),"comment":\#(quoted(text))}"#,
            #"{"id":"3","type":"A","name":\#(quoted(text)),"content":"85.214.1.1","comment":"landfall:default"}"#,
            #"{"id":"4","type":"TXT","name":"x.example.test","content":\#(quoted(text))}"#,
        ]
        let pages = #"{"page":1,"per_page":5000,"count":4,"total_count":4,"total_pages":1}"#
        return #"{"success":true,"errors":[],"result":[\#(records.joined(separator: ","))],"result_info":\#(pages)}"#
    }

    private static var service: StubService {
        var service = StubService(
            text,
            id: text,
            [
                "landfall.host": "x.example.test, www.example.test, \(text)", "landfall.dns": text,
                "landfall.dns.internal": text, "landfall.dns.ttl": text, "landfall.dns.proxied": text,
                "landfall.certificate": text,
                "landfall.certificate.name": text, "landfall.probe": text, "landfall.secret": "x=\(text)",
                "landfall.\(text)": text, "landfall.signal": text,
            ],
            containerLabels: [
                "landfall.signal": text, "landfall.signal.hosts": text, "landfall.host": text, "landfall.\(text)": text,
            ]
        )
        service.image = text
        return service
    }

    private static var container: StubContainer {
        var container = StubContainer(
            text,
            id: text,
            [
                "landfall.host": "x.example.test, \(text)", "landfall.dns": text, "landfall.secret": text,
                "landfall.signal": text, "landfall.signal.hosts": text, "landfall.\(text)": text,
                "com.docker.compose.project": text, "com.docker.compose.service": text,
            ]
        )
        container.image = text
        return container
    }

    private static var node: String {
        #"{"ID":"n","Spec":{"Availability":"active"},"Status":{"State":"ready"},"Description":{"Hostname":\#(quoted(text))}}"#
    }

    private static var task: String {
        #"{"ID":"t","ServiceID":"proxy","NodeID":"n","CreatedAt":"2026-01-01T00:00:00Z","#
            + #""Status":{"State":"running","ContainerStatus":{"ContainerID":\#(quoted(text))}},"#
            + #""Spec":{"ContainerSpec":{"Labels":{"landfall.signal":"HUP"}}}}"#
    }

    private static var helperTask: String {
        #"{"ID":"h","ServiceID":"helper","NodeID":"n","Status":{"State":"rejected","Err":\#(quoted(text))}}"#
    }

    private static var failingCertbot: String {
        """
        #!/bin/sh
        while [ $# -gt 0 ]; do
            [ "$1" = --logs-dir ] && mkdir -p "$2" && logs=$2
            shift
        done
        [ "$logs" ] || exec echo certbot 2.1.0
        cat >"$logs/letsencrypt.log" <<'END'
        \(text)
        END
        cat "$logs/letsencrypt.log" >&2
        exit 1

        """
    }
}

extension JSONValue {
    /// All texts, keys included.
    fileprivate var texts: [String] {
        switch self {
        case .string(let text): [text]
        case .array(let items): items.flatMap(\.texts)
        case .object(let members): members.flatMap { [$0.key] + $0.value.texts }
        default: []
        }
    }
}

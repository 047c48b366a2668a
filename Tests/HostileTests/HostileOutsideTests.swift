import Emulators
import HTTPServer
import Model
import Ports
import Report
import Synchronization
import TestSupport
import Testing

/// What containers, other nodes and proxies can do.
@Suite(.serialized, .limited(minutes: 8)) struct HostileOutsideTests {
    private static let memoryLimit = 64 << 20

    @Test func `what programs in containers print is not kept`() async throws {
        try await HostileFixture.use { fixture in
            let certbot = try await StubCertbot(fixture)
            try await certbot.store("www.example.test", "www.example.test")
            fixture.docker.set { contents in
                contents.isManager = false
                contents.containers = (0..<6).map { StubContainer("proxy\($0)", ["landfall.signal": "HUP"]) }
                contents.output = String(repeating: "x", count: 64 << 20)
            }
            let daemon = try await fixture.start()
            try await certbot.store("www.example.test", "www.example.test")
            let report = try await fixture.run()
            #expect(fixture.docker.acts.count { $0 == "POST /exec/e1/start" } == 6)
            #expect(report.signals.map(\.result) == Array(repeating: .signalled, count: 6))
            let memory = try fixture.peakMemory(of: daemon)
            print("six programs with 64 MiB of output: \(memory >> 20) MiB")
            #expect(memory <= Self.memoryLimit)
        }
    }

    @Test func `of the logs of helpers on other nodes little is kept`() async throws {
        try await HostileFixture.use { fixture in
            let certbot = try await StubCertbot(fixture)
            try await certbot.store("www.example.test", "www.example.test")
            fixture.docker.set { contents in
                contents.services = [StubService("proxy", containerLabels: ["landfall.signal": "HUP"])]
                contents.nodes = (0..<4).map {
                    #"{"ID":"n\#($0)","Spec":{"Availability":"active"},"Status":{"State":"ready"}}"#
                }
                contents.tasks = (0..<4).map {
                    #"{"ID":"t\#($0)","ServiceID":"proxy","NodeID":"n\#($0)","CreatedAt":"2026-01-01T00:00:00Z","#
                        + #""Status":{"State":"running","ContainerStatus":{"ContainerID":"c\#($0)"}},"#
                        + #""Spec":{"ContainerSpec":{"Labels":{"landfall.signal":"HUP"}}}}"#
                }
                contents.output = String(repeating: "\u{1}\0\0\0\0\0\0\u{8}xxxxxxx\n", count: 4 << 20)
            }
            let daemon = try await fixture.start(["LANDFALL_HELPER_IMAGE": "registry.test/landfall@sha256:1"])
            try await certbot.store("www.example.test", "www.example.test")
            fixture.docker.set { contents in
                contents.tasks += (0..<4).map {
                    #"{"ID":"h\#($0)","ServiceID":"helper","NodeID":"n\#($0)","Status":{"State":"failed"}}"#
                }
            }
            _ = try await fixture.run()
            #expect(fixture.docker.engine.requests.all.contains { $0.path == "/tasks/h0/logs" })
            let memory = try fixture.peakMemory(of: daemon)
            print("four helpers with 64 MiB of log: \(memory >> 20) MiB")
            #expect(memory <= Self.memoryLimit)
        }
    }

    /// Answers that are longer than any that is meant.
    @Test(arguments: ["cloudflare", "address", "slack", "engine's error"])
    func `answers without an end are cut off`(service: String) async throws {
        try await HostileFixture.use { fixture in
            fixture.deploy(StubService("web", ["landfall.host": "www.example.test"]))
            let daemon = try await fixture.start()
            let long = String(repeating: "x", count: 60 << 20)
            switch service {
            case "cloudflare": fixture.answerAsCloudflare { _ in .text(long) }
            case "address": fixture.addresses.faults.add(Fault(.text(long)))
            case "slack": fixture.slack.faults.add(Fault(.text(long)))
            default:
                fixture.docker.set { contents in
                    contents.override = {
                        $0.path == "/services" ? .reply(500, #"{"message":"\#(long)"}"#) : nil
                    }
                }
            }
            for _ in 0..<2 { _ = try await fixture.run() }
            let memory = try fixture.peakMemory(of: daemon)
            print("60 MiB from \(service): \(memory >> 20) MiB")
            #expect(memory <= 128 << 20)
            #expect(fixture.log.utf8.count < 256 << 10)
            #expect(try await fixture.askPage("/api/status").body.count < 64 << 10)
        }
    }

    @Test(arguments: [["https_proxy", "http_proxy"], ["HTTPS_PROXY", "http_proxy"], ["ALL_PROXY"], ["all_proxy"]])
    func `the public address is not asked for through a proxy, and records do not get the proxy's`(
        names: [String]
    ) async throws {
        try await HostileFixture.use { fixture in
            let proxy = try StubProxy(fixture)
            defer { proxy.stop() }
            fixture.deploy(StubService("web", ["landfall.host": "www.example.test"]))
            let environment = Dictionary(uniqueKeysWithValues: names.map { ($0, proxy.url) })
            try await fixture.start(environment)
            try await fixture.awaitOnlyRecord("A www.example.test \(fixture.publicAddress)")
            let targets = proxy.targets.all
            #expect(targets.contains { $0.contains("/client/v4/zones") }, "the provider is asked through it")
            #expect(
                !targets.contains { $0.contains(AddressEmulator.linePath) || $0.contains(AddressEmulator.tracePath) }
            )
        }
    }

    @Test func `where only a proxy leads out, the address is unavailable, and the record stays`() async throws {
        try await HostileFixture.use { fixture in
            let proxy = try StubProxy(fixture)
            defer { proxy.stop() }
            fixture.deploy(StubService("web", ["landfall.host": "www.example.test"]))
            try await fixture.start([
                "https_proxy": proxy.url, "http_proxy": proxy.url,
                "LANDFALL_IP": "http://127.0.0.1:9/one,http://127.0.0.2:9/two",
            ])
            let report = try await fixture.run()
            #expect(fixture.records.isEmpty)
            #expect(report.records.first?.reason?.contains("public address is not known") == true, "\(report.records)")
            #expect(!proxy.targets.all.contains { $0.contains(":9/") })
        }
    }

    @Test func `the engine at an address is asked directly, too`() async throws {
        try await HostileFixture.use { fixture in
            let proxy = try StubProxy(fixture)
            defer { proxy.stop() }
            fixture.deploy(StubService("web", ["landfall.host": "www.example.test"]))
            let docker = fixture.docker
            let engine = try HTTPServer(listening: .tcp(address: "127.0.0.1", port: 0)) { docker.response(to: $0) }
            defer { engine.stop() }
            let result = try await fixture.command(
                "plan",
                changes: [
                    "DOCKER_HOST": "tcp://127.0.0.1:\(engine.port)", "http_proxy": proxy.url, "https_proxy": proxy.url,
                ]
            )
            #expect(result.end == .exited(0), "\(result.outputText)\(result.errorText)")
            #expect(result.outputText.contains("www.example.test"))
            #expect(!proxy.targets.all.contains { $0.contains(":\(engine.port)") })
        }
    }
}

/// A proxy through which only the emulated Cloudflare is reached; it notes what is asked of it.
private final class StubProxy: Sendable {
    let targets = AsyncCollector<String>()
    private let server: HTTPServer

    init(_ fixture: HostileFixture) throws {
        let (targets, cloudflare) = (targets, fixture.cloudflare)
        server = try HTTPServer(listening: .tcp(address: "127.0.0.1", port: 0)) { request in
            targets.add("\(request.method) \(request.path)")
            // `http://127.0.0.1:1234/client/v4/zones`
            let path = "/" + request.path.split(separator: "/").dropFirst(2).joined(separator: "/")
            guard path.hasPrefix(CloudflareEmulator.basePath) else { return .text("203.0.113.1") }
            let passed = ServerRequest(
                method: request.method,
                path: path,
                query: request.query,
                headers: request.headers,
                body: request.body
            )
            return await cloudflare.handler(passed)
        }
    }

    var url: String { "http://127.0.0.1:\(server.port)" }

    func stop() { server.stop() }
}

extension StubDocker {
    /// The answer of an engine at a TCP port.
    fileprivate func response(to request: ServerRequest) -> ServerResponse {
        if request.path == "/_ping" { return ServerResponse(headers: ["Api-Version": "1.41"], body: Array("OK".utf8)) }
        let asked = StubEngine.Request(method: request.method, target: request.path)
        guard case .reply(let status, let body, let type) = reply(to: asked) else { return .hangUp }
        return ServerResponse(status: status, headers: ["Content-Type": type], body: Array(body.utf8))
    }
}

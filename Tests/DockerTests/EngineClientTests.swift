import Docker
import Glibc
import Model
import Ports
import Synchronization
import TestSupport
import Testing
import Transport

@Suite(.limited(minutes: 1)) struct EngineClientTests {
    private let transport = CurlTransport(.init(userAgent: "landfall-tests"))

    private func client(of engine: StubEngine) throws -> EngineClient { try client(at: engine.socketPath) }

    private func client(at path: String) throws -> EngineClient {
        EngineClient(try EngineEndpoint(host: "unix://\(path)"), transport: transport)
    }

    /// The description of what `call` throws.
    private func complaint(_ call: () async throws -> Void) async -> String {
        do {
            try await call()
            return "no complaint"
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: [("1.41", "1.41"), ("1.44", "1.44"), ("1.99", "1.51")])
    func `the version is agreed upon once, and used`(offered: String, agreed: String) async throws {
        let engine = try StubEngine(version: offered) { _ in .reply(200, "[]") }
        defer { engine.stop() }
        let client = try client(of: engine)
        _ = try await client.services()
        _ = try await client.services()
        #expect(engine.requests.all.map(\.target) == ["/_ping", "/v\(agreed)/services", "/v\(agreed)/services"])
    }

    @Test(arguments: ["tcp://192.0.2.1:2375", "https://192.0.2.1:2376"])
    func `the engine is asked directly, never through a proxy`(host: String) async throws {
        let transport = RequestCollector()
        let client = EngineClient(try EngineEndpoint(host: host), transport: transport)
        try await client.negotiate()
        _ = try? await client.services()
        _ = try? await client.events(.all, since: Timestamp(seconds: 0))
        let requests = transport.requests.withLock(\.self)
        #expect(requests.count == 3 && requests.allSatisfy(\.isDirect))
    }

    @Test func `of what a container or another node writes only so much is kept`() async throws {
        let frame = [1, 0, 0, 0, 0, 0, 0, 8] as [UInt8]
        let log = String(
            decoding: Array(repeating: frame + Array("a line.\n".utf8), count: 20_000).joined(),
            as: UTF8.self
        )
        let engine = try StubEngine { request in
            switch request.path {
            case "/containers/c/exec": .reply(201, #"{"Id": "e"}"#)
            case "/exec/e/start": .reply(200, String(repeating: "x", count: 1 << 20), type: "text/plain")
            case "/exec/e/json": .reply(200, #"{"ExitCode": 0}"#)
            default: .reply(200, log, type: "application/octet-stream")
            }
        }
        defer { engine.stop() }
        let sizes = AsyncCollector<Int>()
        let client = EngineClient(
            try EngineEndpoint(host: "unix://\(engine.socketPath)"),
            transport: MeasuringTransport(transport, sizes)
        )
        #expect(try await client.execute(["true"], inContainer: "c") == 0)
        let lines = try await client.output(ofTask: "t").lines
        #expect(lines.count == (64 << 10) / 16 && Set(lines) == ["a line."])
        #expect(sizes.all.max() == 64 << 10)
        #expect(sizes.all.contains(4 << 10))
    }

    /// Objects whose labels make the list of them far longer than one answer may be.
    private static func list(_ ids: [String], member: String) -> String {
        let label = String(repeating: "x", count: 1 << 20)
        let objects = ids.map {
            #"{"\#(member)": "\#($0)", "Names": ["/c"], "State": "running", "Spec": {"Name": "s"}, "Labels": {"a": "\#(label)"}}"#
        }
        return "[\(objects.joined(separator: ","))]"
    }

    /// The value in `filters={"id":["a"]}`, as it is sent.
    private static func filter(in request: StubEngine.Request) -> String? {
        request.target.split(separator: "%5B%22").dropFirst().first.map { String($0.prefix { $0 != "%" }) }
    }

    @Test func `a long list of a Swarm's objects is read in parts, by the beginnings of their IDs`() async throws {
        let ids = (0..<40).map { "\($0 < 20 ? "a" : "z")\(String($0 % 20, radix: 36))" }
        let engine = try StubEngine { request in
            let prefix = Self.filter(in: request) ?? ""
            return .reply(200, Self.list(ids.filter { $0.hasPrefix(prefix) }, member: "ID"))
        }
        defer { engine.stop() }
        let sizes = AsyncCollector<Int>()
        let client = EngineClient(
            try EngineEndpoint(host: "unix://\(engine.socketPath)"),
            transport: MeasuringTransport(transport, sizes)
        )
        #expect(try await client.services().map(\.id).sorted() == ids.sorted())
        #expect(sizes.all.allSatisfy { $0 <= 2 << 20 })
        // The whole, an ID that none has, each of 36 first digits, and of two of them each second digit.
        let lists = engine.requests.all.count { $0.path == "/services" }
        #expect(lists == 110)
    }

    @Test func `an engine that takes no notice of filters by ID is asked for the whole list`() async throws {
        let ids = ["a", "b", "c"]
        let engine = try StubEngine { _ in .reply(200, Self.list(ids, member: "ID")) }
        defer { engine.stop() }
        #expect(try await client(of: engine).services().map(\.id) == ids)
        #expect(engine.requests.all.count { $0.path == "/services" } == 3)
    }

    @Test func `a long list of containers is read in parts, from the newest to the oldest`() async throws {
        let ids = (0..<40).map { "c\($0)" }
        let engine = try StubEngine { request in
            let start = ids.firstIndex { $0 == Self.filter(in: request) }.map { $0 + 1 } ?? 0
            let limit = request.target.split(separator: "limit=").dropFirst().first.flatMap {
                Int($0.prefix { $0.isNumber })
            }
            return .reply(200, Self.list(Array(ids[start...].prefix(limit ?? ids.count)), member: "Id"))
        }
        defer { engine.stop() }
        let client = try client(of: engine)
        #expect(try await client.containers(includingStopped: false).map(\.id) == ids)
    }

    @Test func `labels of combining marks cost no time, and such a service is not written back`() async throws {
        let marks = "a" + String(repeating: "\u{316}\u{301}", count: 200_000)
        let service =
            #"{"ID": "s", "Version": {"Index": 1}, "Spec": {"Name": "web", "Labels": {"\#(marks)": "\#(marks)"}}}"#
        let engine = try StubEngine { request in .reply(200, request.path == "/services" ? "[\(service)]" : service) }
        defer { engine.stop() }
        let client = try client(of: engine)
        let found = try #require(try await client.services().first)
        #expect(found.labels.keys.map(\.unicodeScalars.count) == [31])
        let complaint = await complaint { _ = try await client.update(found, files: []) }
        #expect(complaint.contains("text that cannot be sent back unchanged"))
        #expect(engine.requests.all.allSatisfy { $0.method == "GET" })
    }

    @Test func `an engine that is too old has its own error, with advice`() async throws {
        let engine = try StubEngine(version: "1.40") { _ in .reply(200, "[]") }
        defer { engine.stop() }
        let client = try client(of: engine)
        let text = await complaint { _ = try await client.services() }
        #expect(text.contains("API 1.40"))
        #expect(text.contains("upgrade Docker"))
    }

    @Test func `services come with their labels and those of their containers`() async throws {
        let engine = try StubEngine { _ in
            .reply(
                200,
                """
                [{"ID":"s1","Version":{"Index":7},"Spec":{"Name":"web","Labels":{"landfall.host":"a"},
                "TaskTemplate":{"ContainerSpec":{"Image":"x","Labels":{"landfall.signal":"HUP"}}}}},
                {"ID":"s2","Spec":{"Name":"bare","Labels":null,"TaskTemplate":{"ContainerSpec":{"Image":"x"}}}},
                {"ID":"s3","Spec":{"Name":"plugin","TaskTemplate":{"PluginSpec":{}}}}]
                """
            )
        }
        defer { engine.stop() }
        let services = try await client(of: engine).services()
        #expect(services.map(\.name) == ["web", "bare", "plugin"])
        #expect(services[0].labels == ["landfall.host": "a"])
        #expect(services[0].containerLabels == ["landfall.signal": "HUP"])
        #expect(services[1].labels.isEmpty && services[1].containerLabels.isEmpty)
    }

    @Test func `containers are named by themselves, not by old links`() async throws {
        let engine = try StubEngine { _ in
            .reply(
                200,
                """
                [{"Id":"c1","Names":["/other/alias","/web"],"Labels":{"a":"b"},"State":"running"},
                {"Id":"0123456789abcdef","Names":[],"Labels":null,"State":"exited"}]
                """
            )
        }
        defer { engine.stop() }
        let containers = try await client(of: engine).containers(includingStopped: true)
        #expect(containers.map(\.name) == ["web", "0123456789ab"])
        #expect(containers.map(\.isRunning) == [true, false])
        #expect(engine.requests.all.last?.target == "/v1.41/containers/json?all=true")
    }

    @Test(arguments: [
        (
            #"{"Swarm":{"LocalNodeState":"active","ControlAvailable":true,"Cluster":{"ID":"k1"}}}"#,
            EngineMode.manager(cluster: "k1")
        ),
        (
            #"{"Swarm":{"LocalNodeState":"active","ControlAvailable":true,"Cluster":{"ID":""},"Error":"no leader"}}"#,
            .leaderless
        ),
        (#"{"Swarm":{"LocalNodeState":"active","ControlAvailable":false}}"#, .worker),
        (#"{"Swarm":{"LocalNodeState":"inactive"}}"#, .plain), (#"{"Swarm":null}"#, .plain), ("{}", .plain),
        (#"{"Swarm":{"LocalNodeState":"locked"}}"#, .unsettled("locked")),
    ])
    func `the engine's part is read`(body: String, mode: EngineMode) async throws {
        let engine = try StubEngine { _ in .reply(200, body) }
        defer { engine.stop() }
        #expect(try await client(of: engine).mode() == mode)
    }

    @Test func `what goes into a URL is encoded`() async throws {
        let engine = try StubEngine { _ in .reply(204, "") }
        defer { engine.stop() }
        try await client(of: engine).kill(container: "../a b", signal: "HUP&x=1")
        #expect(engine.requests.all.last?.description == "POST /v1.41/containers/..%2Fa%20b/kill?signal=HUP%26x%3D1")
    }

    @Test func `a container's start is a time or never`() async throws {
        let engine = try StubEngine { request in
            let time = request.path.contains("never") ? "0001-01-01T00:00:00Z" : "2026-11-24T03:37:00.25Z"
            return .reply(200, #"{"State":{"StartedAt":"\#(time)"}}"#)
        }
        defer { engine.stop() }
        let client = try client(of: engine)
        #expect(try await client.container("c1").started?.nanoseconds == 1_795_491_420_250_000_000)
        #expect(try await client.container("never").started == nil)
    }

    @Test func `the engine's own words are kept, in one line`() async throws {
        let engine = try StubEngine { _ in .reply(409, #"{"message":"Container c1 is not\nrunning"}"#) }
        defer { engine.stop() }
        await #expect(throws: EngineError.status(409, message: "Container c1 is not running")) {
            try await client(of: engine).kill(container: "c1", signal: "HUP")
        }
    }

    @Test func `a proxy that forbids has its own error, with what it must allow`() async throws {
        let engine = try StubEngine { _ in
            .reply(403, "<html><body><h1>403 Forbidden</h1></body></html>", type: "text/html")
        }
        defer { engine.stop() }
        let client = try client(of: engine)
        let text = await complaint { _ = try await client.services() }
        #expect(text.contains("403: an HTML page, as a proxy sends it"))
        #expect(text.contains("GET /services") && text.contains("SERVICES=1") && text.contains("-allowGET"))
    }

    @Test(arguments: [403, 405]) func `what a proxy forbids is named with its method, and with what allows it`(
        status: Int
    ) async throws {
        let engine = try StubEngine { _ in .reply(status, "Forbidden", type: "text/plain") }
        defer { engine.stop() }
        let client = try client(of: engine)
        let kill = await complaint { try await client.kill(container: "c1", signal: "HUP") }
        #expect(kill.contains("POST /containers/c1/kill was answered \(status): Forbidden"))
        #expect(kill.contains("CONTAINERS=1 and POST=1") && kill.contains("-allowPOST"))
        let removal = await complaint { try await client.removeService("s1") }
        #expect(removal.contains("DELETE /services/s1") && removal.contains("-allowDELETE"))
        let events = await complaint { _ = try await client.events(.all, since: Timestamp(seconds: 0)) }
        #expect(events.contains("GET /events") && events.contains("EVENTS=1"))
    }

    @Test(arguments: ["<html>hello</html>", "", "[{]", #"{"message":"a"}"#])
    func `an answer that is no list of services is an error, never an empty list`(body: String) async throws {
        let engine = try StubEngine { _ in .reply(200, body) }
        defer { engine.stop() }
        await #expect(throws: EngineError.self) { try await client(of: engine).services() }
    }

    @Test func `a daemon that hangs costs the time limit`() async throws {
        let engine = try StubEngine(version: nil) { _ in .silence }
        defer { engine.stop() }
        let client = try client(of: engine)
        let text = await complaint { _ = try await client.negotiate(timeLimit: .milliseconds(60)) }
        #expect(text.contains("hangs"))
    }

    @Test func `a connection that breaks off is an error`() async throws {
        let engine = try StubEngine { _ in .hangUp }
        defer { engine.stop() }
        await #expect(throws: EngineError.self) { try await client(of: engine).mode() }
    }

    @Test func `a missing socket, a deserted one, and what to do`() async throws {
        let folder = try TemporaryFolder()
        let missing = try client(at: folder.path + "/none.sock")
        #expect(
            await complaint { _ = try await missing.mode() }.contains(
                "there is no socket \(folder.path)/none.sock; start"
            )
        )

        let file = folder.path + "/file.sock"
        close(unsafe open(file, O_CREAT | O_WRONLY, 0o600))
        let deserted = try client(at: file)
        let text = await complaint { _ = try await deserted.mode() }
        #expect(text.contains("nothing listens on the socket"))
        #expect(text.contains("start the Docker daemon"))
    }

    @Test func `no permission has its own error, with advice`() {
        let error = EngineError.transport(
            .unreachable("no permission to use the socket /x", socket: .forbidden),
            endpoint: "unix:///x"
        )
        #expect("\(error)".contains("no permission to use the socket /x; run Landfall as root, or add its user"))
    }

    @Test func `events are asked for with a filter and nine digits`() async throws {
        let feed = EventFeed()
        let engine = try StubEngine { _ in .stream(feed) }
        defer { engine.stop() }
        let stream = try await client(of: engine).events(
            .all,
            since: Timestamp(nanoseconds: 1_795_485_783_000_000_042)
        )
        feed.send("x")
        for try await chunk in stream.chunks {
            #expect(chunk == Array("x".utf8))
            break
        }
        #expect(
            engine.requests.all.last?.target
                == "/v1.41/events?since=1795485783.000000042&filters=%7B%22type%22%3A%5B%22service%22%2C%22container%22%5D%7D"
        )
    }

    @Test func `a stream that is refused is an error`() async throws {
        let engine = try StubEngine { _ in .reply(500, #"{"message":"no"}"#) }
        defer { engine.stop() }
        await #expect(throws: EngineError.status(500, message: "refused the event stream")) {
            _ = try await client(of: engine).events(.all, since: Timestamp(seconds: 0))
        }
    }
}

/// Answers every request as an engine answers `/_ping`.
private final class RequestCollector: HTTPTransport {
    let requests = Mutex<[HTTPRequest]>([])

    func send(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPResponse {
        requests.withLock { $0.append(request) }
        return HTTPResponse(status: 200, headers: ["api-version": "1.44"])
    }

    func stream(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPStream {
        requests.withLock { $0.append(request) }
        throw .cancelled
    }
}

/// Notes how much of each answer is kept.
private struct MeasuringTransport: HTTPTransport {
    private let base: CurlTransport
    private let sizes: AsyncCollector<Int>

    init(_ base: CurlTransport, _ sizes: AsyncCollector<Int>) { (self.base, self.sizes) = (base, sizes) }

    func send(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPResponse {
        let response = try await base.send(request, for: scope)
        sizes.add(response.body.count)
        return response
    }

    func stream(_ request: HTTPRequest, for scope: Scope) async throws(TransportError) -> HTTPStream {
        try await base.stream(request, for: scope)
    }
}

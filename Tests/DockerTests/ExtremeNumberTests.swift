@testable import Docker
import Model
import Ports
import TestSupport
import Testing

/// Whatever numbers an engine sends, it may get an error, but it does not end the process.
@Suite(.limited(minutes: 5)) struct ExtremeNumberTests {
    private static let answers: [String: String] = [
        "/info": #"{"Swarm": {"LocalNodeState": "active", "ControlAvailable": true, "Cluster": {"ID": "k"}}}"#,
        "/containers/json":
            #"[{"Id": "c", "Names": ["/web"], "Labels": {}, "State": "running", "Created": 1700000000}]"#,
        "/services": #"[{"ID": "s", "Version": {"Index": 12}, "Spec": {"Name": "web", "Labels": {}}}]"#,
        "/services/s": #"{"ID": "s", "Version": {"Index": 12}, "Spec": {"Name": "web", "Mode": {"Replicas": 1}}}"#,
        "/tasks": #"[{"ID": "t", "ServiceID": "s", "NodeID": "n", "Slot": 1, "CreatedAt": "2026-01-01T00:00:00Z"}]"#,
        "/nodes": #"[{"ID": "n", "Spec": {"Availability": "active"}, "Status": {"State": "ready"}, "N": 1}]"#,
        "/containers/c/json": #"{"State": {"StartedAt": "2026-01-01T00:00:00Z", "Pid": 1}}"#,
        "/containers/c/exec": #"{"Id": "e", "N": 1}"#, "/exec/e/json": #"{"ExitCode": 0, "Pid": 1}"#,
        "/secrets": #"[{"ID": "x", "Spec": {"Name": "landfall-x"}, "N": 1}]"#,
    ]

    @Test(arguments: answers.keys.sorted()) func `an engine's answer`(path: String) async throws {
        for body in Extremes.variants(of: Self.answers[path] ?? "") {
            let transport = AnsweringTransport { request in
                let asked = String(request.url.prefix { $0 != "?" }.drop { $0 != "v" }.drop { $0 != "/" })
                let answer = asked == path ? body : Self.answers[asked] ?? "{}"
                return HTTPResponse(status: 200, headers: ["api-version": "1.45"], body: Array(answer.utf8))
            }
            let engine = EngineClient(try EngineEndpoint(host: "unix:///engine.sock"), transport: transport)
            _ = try? await engine.mode()
            for container in (try? await engine.containers(includingStopped: true)) ?? [] { _ = container.created?.day }
            for service in (try? await engine.services()) ?? [] { _ = try? await engine.update(service, files: []) }
            for task in (try? await engine.wantedTasks(of: ["s"])) ?? [] { _ = task.containerName(ofService: "web") }
            _ = try? await engine.nodes()
            _ = try? await engine.container("c")
            _ = try? await engine.execute(["true"], inContainer: "c")
            _ = try? await engine.secrets(labelled: "x=y")
        }
    }

    /// An engine whose list is too long at first, and which then gives one part after the other.
    private func engine(
        _ requests: AsyncCollector<String>,
        isTooLong: @escaping @Sendable (_ url: String) -> Bool,
        part: @escaping @Sendable (_ number: Int) -> [JSONValue]
    ) throws -> EngineClient {
        let transport = AnsweringTransport { request throws(TransportError) in
            requests.add(request.url)
            if isTooLong(request.url) { throw TransportError.tooLarge(limit: 1) }
            let body = JSONValue.array(part(requests.all.count)).bytes
            return HTTPResponse(status: 200, headers: ["api-version": "1.45"], body: body)
        }
        return EngineClient(try EngineEndpoint(host: "unix:///engine.sock"), transport: transport)
    }

    @Test(arguments: [true, false]) func `a list of containers that does not end is an error`(isRepeated: Bool)
        async throws
    {
        let requests = AsyncCollector<String>()
        let engine = try engine(requests, isTooLong: { $0.contains("all=") }) { number in
            let first = isRepeated ? 0 : number * 64
            return (first..<(first + 64)).map { ["Id": .string("\($0)")] }
        }
        await #expect(throws: EngineError.undecodable("a list at /containers/json that does not end")) {
            try await engine.containers(includingStopped: true)
        }
        #expect(requests.all.count <= 2010)
    }

    @Test func `a list of services that is too long in ever more parts is an error`() async throws {
        let requests = AsyncCollector<String>()
        let isTooLong: @Sendable (String) -> Bool = { url in
            // `filters={"id":["a1b"]}`
            let words = url.split(separator: "%22")
            return url.contains("/services") && (words.count < 4 || words[3] != "-" && words[3].utf8.count < 4)
        }
        let engine = try engine(requests, isTooLong: isTooLong) { _ in [] }
        await #expect(throws: EngineError.undecodable("a list at /services that does not end")) {
            try await engine.services()
        }
        #expect(requests.all.count <= 10_010)
    }

    @Test(arguments: Extremes.numbers) func `the engine's version`(number: String) async throws {
        for version in ["\(number).45", "1.\(number)", "\(number).\(number)"] {
            let transport = AnsweringTransport { _ in HTTPResponse(status: 200, headers: ["api-version": version]) }
            let engine = EngineClient(try EngineEndpoint(host: "unix:///engine.sock"), transport: transport)
            _ = try? await engine.negotiate()
        }
    }

    @Test(
        arguments: [[0xFF, 0xFF, 0xFF, 0xFF], [0x7F, 0xFF, 0xFF, 0xFF], [0, 0, 0, 0], [0x80, 0, 0, 0]] as [[UInt8]]
    )
    func `the length of a frame of a log`(length: [UInt8]) {
        #expect(LogFrames.output(in: [1, 0, 0, 0] + length + Array("line\n".utf8)).lines.isEmpty)
    }
}

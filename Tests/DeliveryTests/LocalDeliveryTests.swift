import Delivery
import Docker
import Log
import Model
import Ports
import Synchronization
import TestSupport
import Testing
import Transport

/// Signals to containers of a plain engine, where `kill` may cost a container its restarts.
@Suite(.limited(minutes: 1)) struct LocalDeliveryTests {
    private static let details = #"{"State":{"StartedAt":"2026-01-01T00:00:00Z"},"Image":"sha256:1""#

    /// - Parameters:
    ///   - policy: of restarts.
    ///   - stop: its StopSignal.
    ///   - processes: its PidMode.
    ///   - shell: what a program in the container exits with; nil where there is no shell.
    private func engine(
        policy: String,
        stop: String = "",
        labels: String = "",
        processes: String = "",
        shell: Int?
    ) throws -> StubEngine {
        try StubEngine { request in
            if request.path.hasSuffix("/kill") { return .reply(204, "") }
            if request.path.hasSuffix("/exec") { return .reply(201, #"{"Id":"e1"}"#) }
            if request.path.hasSuffix("/start") {
                return shell == nil ? .reply(400, #"{"message":"no such file"}"#) : .reply(200, "")
            }
            if request.path == "/exec/e1/json" { return .reply(200, #"{"ExitCode":\#(shell ?? 127)}"#) }
            let config = #""Config":{"Image":"nginx","StopSignal":"\#(stop)","Labels":{\#(labels)}}"#
            return .reply(
                200,
                #"\#(Self.details),\#(config),"HostConfig":{"PidMode":"\#(processes)","RestartPolicy":{"Name":"\#(policy)"}}}"#
            )
        }
    }

    private func delivery(_ engine: StubEngine, _ log: Logger = .silent) throws -> LocalDelivery {
        let client = EngineClient(
            try EngineEndpoint(host: "unix://\(engine.socketPath)"),
            transport: CurlTransport(.init(userAgent: "landfall-tests"))
        )
        return LocalDelivery(engine: client, clock: TestClock(), log: log)
    }

    private func order(_ signal: SignalName) throws -> LocalDelivery.Order {
        LocalDelivery.Order(try #require(SignalOrder("c1=\(signal)")))
    }

    private func posts(_ engine: StubEngine) -> [String] {
        engine.requests.all.filter { $0.method == "POST" }.map(\.path)
    }

    private static let kill = "/containers/c1/kill"

    @Test(arguments: [
        ("always", "", "HUP"), ("unless-stopped", "", "HUP"), ("on-failure", "", "HUP"),
        ("unless-stopped", "SIGQUIT", "HUP"), ("always", "SIGQUIT", "QUIT"), ("always", "quit", "QUIT"),
        ("always", "1", "HUP"),
    ])
    func `where a kill would end restarts, a shell in the container sends the signal`(
        policy: String,
        stop: String,
        signal: String
    ) async throws {
        let engine = try engine(policy: policy, stop: stop, shell: 0)
        defer { engine.stop() }
        let name = try #require(SignalName(signal))
        #expect(try await delivery(engine).deliver([order(name)]) == [.signalled])
        #expect(posts(engine) == ["/containers/c1/exec", "/exec/e1/start"])
        #expect(engine.requests.all.contains { $0.body.contains(#""Cmd":["sh","-c","kill -s \#(signal) 1"]"#) })
    }

    @Test func `a container that ends while its shell signals it is not signalled a second time`() async throws {
        let state = Mutex(#""Running":true,"StartedAt":"2026-01-01T00:00:00Z""#)
        let engine = try StubEngine { request in
            if request.path.hasSuffix("/exec") { return .reply(201, #"{"Id":"e1"}"#) }
            if request.path.hasSuffix("/start") {
                state.withLock { $0 = #""Running":true,"StartedAt":"2026-01-01T00:00:09Z""# }
                return .hangUp
            }
            let policy = #""HostConfig":{"RestartPolicy":{"Name":"always"}}"#
            return request.path == "/containers/c1/json"
                ? .reply(200, #"{"State":{\#(state.withLock(\.self))},\#(policy)}"#) : .reply(500, "{}")
        }
        defer { engine.stop() }
        let hup = try #require(SignalName("HUP"))
        #expect(try await delivery(engine).deliver([order(hup)]) == [.ended("ended at HUP")])
        #expect(!posts(engine).contains(Self.kill))
    }

    @Test(arguments: ["host", "container:c2"])
    func `where process 1 is another's, no shell signals it`(processes: String) async throws {
        let engine = try engine(policy: "always", processes: processes, shell: 0)
        defer { engine.stop() }
        let hup = try #require(SignalName("HUP"))
        #expect(try await delivery(engine).deliver([order(hup)]) == [.signalled])
        #expect(posts(engine) == [Self.kill])
    }

    @Test(arguments: [("no", "", ""), ("", "", ""), ("always", "SIGQUIT", ""), ("always", "", "swarm")])
    func `everywhere else the engine sends it`(policy: String, stop: String, place: String) async throws {
        let labels = place.isEmpty ? "" : #""com.docker.swarm.service.name":"web""#
        let engine = try engine(policy: policy, stop: stop, labels: labels, shell: 0)
        defer { engine.stop() }
        let hup = try #require(SignalName("HUP"))
        #expect(try await delivery(engine).deliver([order(hup)]) == [.signalled])
        #expect(posts(engine) == [Self.kill])
    }

    @Test(arguments: [nil, 1, 126, 127])
    func `without a shell that can, the engine sends it, and one warning is given`(shell: Int?) async throws {
        let engine = try engine(policy: "always", shell: shell)
        defer { engine.stop() }
        let lines = AsyncCollector<String>()
        let log = Logger(level: .info, format: .text, now: { Timestamp(seconds: 0) }, write: { lines.add($0) })
        let delivery = try delivery(engine, log)
        let hup = try #require(SignalName("HUP"))
        for _ in 0..<2 { #expect(try await delivery.deliver([order(hup)]) == [.signalled]) }
        #expect(posts(engine).count { $0 == Self.kill } == 2)
        #expect(lines.all.count { $0.contains("stop_signal") } == 1)
    }
}

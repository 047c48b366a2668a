import Glibc
import Model
import Ports
import Report
import Synchronization
import TestSupport
import Testing
import Threads

/// Endpoints that a label names, and that say nothing.
@Suite(.limited(minutes: 5)) struct HostileProbeTests {
    private static let hosts = (0..<96).map { "h\($0).example.test" }

    @Test func `silent endpoints of probes do not hold up a run, and are asked once for a certificate`() async throws {
        try await HostileFixture.use { fixture in
            let silent = try SilentServer { fixture.endedRuns }
            defer { silent.stop() }
            let certbot = try await StubCertbot(fixture)
            let labels: StubLabels = [
                "landfall.host": Self.hosts.joined(separator: ","), "landfall.certificate": "shared",
                "landfall.certificate.name": "hostile", "landfall.probe": "127.0.0.1:\(silent.port)",
            ]
            fixture.deploy(StubService("hostile", labels), StubService("web", ["landfall.host": "www.example.test"]))
            let daemon = try await fixture.start(certbot.variables)
            try await fixture.awaitRecord("A www.example.test \(fixture.publicAddress)")
            let runs = 10
            for _ in 0..<runs { try await fixture.run() }
            // A run that waited for a probe would end after it.
            #expect(try #require(await silent.ended.wait(for: 1).first) >= 1)
            #expect(silent.connections.all.count <= runs + 1)
            #expect(try await fixture.askPage("/healthz").status == 200)
            #expect(daemon.isRunning)
            let report = try await eventually("the report of the probe") { () -> Report? in
                let report = try await fixture.run()
                return report.serving.contains { !$0.isServed } ? report : nil
            }
            #expect(report.serving.count == 96)
        }
    }
}

/// Accepts connections, and never says a word.
private final class SilentServer: Sendable {
    let port: UInt16
    let connections = AsyncCollector<Int32>()
    /// How many runs had ended when a connection did.
    let ended = AsyncCollector<Int>()
    private let listener: Int32

    init(runs: @escaping @Sendable () -> Int) throws {
        let socket = try LoopbackSocket()
        let listener = socket.descriptor
        try #require(listen(listener, 128) == 0)
        (self.listener, port) = (listener, socket.port)
        try startThread(named: "silent server") { [connections, ended] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                connections.add(connection)
                try? startThread(named: "silent server") {
                    var buffer = [UInt8](repeating: 0, count: 4096)
                    while unsafe read(connection, &buffer, buffer.count) > 0 {}
                    ended.add(runs())
                    close(connection)
                }
            }
        }
    }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }
}

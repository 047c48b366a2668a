import Model
import Ports
import Testing
@testable import Recording

/// What goes through the ports of RFC 2136 and of programs, recorded and given again.
@Suite struct ProviderReplayTests {
    @Test func `a zone and its changes are replayed`() async throws {
        let fixture = try RecordingFixture()
        let key = TSIGKey(name: "landfall", algorithm: .sha256, secret: Secret("c2VjcmV0LXNlY3JldA=="))
        let peer = DNSPeer(server: try #require(DNSServer("192.0.2.1")), key: key)
        let zone = try DomainName("example.org")
        let records = (0..<20).map {
            ZoneRecord(name: "h\($0).example.org", kind: .a, content: "192.0.2.\($0)", ttl: 60)
        }
        let base = StubUpdater(records: records, reason: "the network is down")
        let updater = fixture.recorded { $0.dns = base }.dns
        let update = DNSUpdate(zone: zone, prerequisites: [.unused(name: "a.example.org")], changes: [.add(records[0])])
        _ = try await updater.transfer(zone, textsBelow: "_landfall", from: peer, for: .zone("example.org"))
        _ = try await updater.transfer(zone, textsBelow: "_landfall", from: peer, for: .zone("example.org"))
        try? await updater.update(update, at: peer, for: .zone("example.org"))

        // The same zone is written once.
        #expect(try await fixture.lines().count { if case .blob = $0 { true } else { false } } == 1)
        let replay = try await fixture.replayed()
        let ports = replay.ports
        let clock = try #require(ports.clock as? VirtualTime)
        let (read, error) = try clock.run { () async -> ([ZoneRecord]?, DNSUpdateError?) in
            let read = try? await ports.dns.transfer(
                zone,
                textsBelow: "_landfall",
                from: peer,
                for: .zone("example.org")
            )
            do throws(DNSUpdateError) {
                try await ports.dns.update(update, at: peer, for: .zone("example.org"))
                return (read, nil)
            } catch {
                return (read, error)
            }
        }
        #expect(read == records)
        #expect(error == .unreachable(reason: "the network is down"))
        #expect(replay.deviations.isEmpty)
    }

    @Test func `a program's answer is found by its input, in any order`() async throws {
        let fixture = try RecordingFixture()
        let processes = fixture.recorded { $0.processes = EchoingProcesses() }.processes
        @Sendable func request(_ text: String) -> ProcessRequest {
            ProcessRequest(["/zones", "publish"], environment: [:], input: Array(text.utf8), timeLimit: .seconds(1))
        }
        for text in ["first", "second"] { _ = try await processes.run(request(text), for: .run) }
        let replay = try await fixture.replayed()
        let ports = replay.ports
        let clock = try #require(ports.clock as? VirtualTime)
        let answers = try clock.run { () async -> [String] in
            var answers: [String] = []
            for text in ["second", "first"] {
                answers.append((try? await ports.processes.run(request(text), for: .run))?.outputText ?? "")
            }
            return answers
        }
        #expect(answers == ["second", "first"])
        #expect(replay.deviations.isEmpty)
    }
}

private struct EchoingProcesses: ProcessRunner {
    func run(_ request: ProcessRequest, for scope: Scope) async throws(ProcessError) -> ProcessResult {
        ProcessResult(end: .exited(0), output: request.input ?? [], error: [])
    }
}

import DNS
import Model
import Ports
import Testing
@testable import Recording

/// What goes through the ports of RFC 2136 and of programs, recorded and given again.
@Suite struct ProviderReplayTests {
    private func replayed(_ fixture: RecordingFixture) async throws -> ReplayPorts {
        await fixture.journal.flush(within: .seconds(10))
        let file = try #require(fixture.recordings.last)
        let session = try #require(try RecordedSession.all(in: InputFile(file)).first)
        return ReplayPorts(session, clock: VirtualTime(from: session.header.started), isFaithful: true)
    }

    @Test func `a zone and its changes`() async throws {
        let fixture = try RecordingFixture()
        let key = TSIGKey(name: "landfall", algorithm: .sha256, secret: Secret("c2VjcmV0LXNlY3JldA=="))
        let peer = DNSPeer(server: try #require(DNSServer("192.0.2.1")), key: key)
        let zone = try DomainName("example.org")
        let records = (0..<20).map {
            ZoneRecord(name: "h\($0).example.org", kind: .a, content: "192.0.2.\($0)", ttl: 60)
        }
        let base = StubUpdater(records: records, reason: "the network is down")
        let updater = RecordingUpdater(base, fixture.recorder)
        let update = DNSUpdate(zone: zone, prerequisites: [.unused(name: "a.example.org")], changes: [.add(records[0])])
        _ = try await updater.transfer(zone, textsBelow: "_landfall", from: peer, for: .zone("example.org"))
        _ = try await updater.transfer(zone, textsBelow: "_landfall", from: peer, for: .zone("example.org"))
        try? await updater.update(update, at: peer, for: .zone("example.org"))

        // The same zone is written once.
        #expect(try await fixture.lines().count { if case .blob = $0 { true } else { false } } == 1)
        let ports = try await replayed(fixture)
        let clock = ports.clock
        let (read, error) = try clock.run { () async -> ([ZoneRecord]?, DNSUpdateError?) in
            let read = try? await ports.updater.transfer(
                zone,
                textsBelow: "_landfall",
                from: peer,
                for: .zone("example.org")
            )
            do throws(DNSUpdateError) {
                try await ports.updater.update(update, at: peer, for: .zone("example.org"))
                return (read, nil)
            } catch {
                return (read, error)
            }
        }
        #expect(read == records)
        #expect(error == .unreachable(reason: "the network is down"))
        #expect(ports.strayed.isEmpty)
    }

    @Test func `what a program reads finds what it answered, in whatever order`() async throws {
        let fixture = try RecordingFixture()
        let processes = RecordingProcesses(EchoingProcesses(), fixture.recorder)
        @Sendable func request(_ text: String) -> ProcessRequest {
            ProcessRequest(["/zones", "publish"], environment: [:], input: Array(text.utf8), timeLimit: .seconds(1))
        }
        for text in ["first", "second"] { _ = try await processes.run(request(text), for: .run) }
        let ports = try await replayed(fixture)
        let answers = try ports.clock.run { () async -> [String] in
            var answers: [String] = []
            for text in ["second", "first"] {
                answers.append((try? await ports.processes.run(request(text), for: .run))?.outputText ?? "")
            }
            return answers
        }
        #expect(answers == ["second", "first"])
        #expect(ports.strayed.isEmpty)
    }
}

private struct EchoingProcesses: ProcessRunner {
    func run(_ request: ProcessRequest, for scope: Scope) async throws(ProcessError) -> ProcessResult {
        ProcessResult(end: .exited(0), output: request.input ?? [], error: [])
    }
}

import Model
import Ports
import Testing
@testable import Recording

/// What goes through the ports of RFC 2136, of programs and of mail, recorded and given again.
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

    @Test func `a mail is replayed as it went, whatever the time in it, and the login is not recorded`() async throws {
        let fixture = try RecordingFixture()
        let client = fixture.recorded { $0.mail = StubMail(reason: "full") }.mail
        #expect(try await refusal(of: client, at: 0) == .rejected("full"))
        let exchange = try #require(await fixture.exchanges().first)
        #expect(exchange.port == "mail" && exchange.request == "send @mail.example.test:587")
        let line = String(decoding: exchange.line, as: UTF8.self)
        #expect(line.contains("b@example.test") && !line.contains("login-"))
        let replay = try await fixture.replayed()
        let clock = try #require(replay.ports.clock as? VirtualTime)
        let again = try clock.run { [mail = replay.ports.mail] in try? await refusal(of: mail, at: 60) }
        #expect(again == .rejected("full"))
        #expect(replay.deviations.isEmpty)
    }

    private func refusal(of client: any MailClient, at seconds: Int64) async throws -> MailError? {
        let endpoint = try #require(ProbeEndpoint("mail.example.test:587"))
        let login = MailServer.Login(name: "login-name", password: Secret("login-password"))
        let time = Timestamp(seconds: seconds)
        let mail = Mail(from: "a@example.test", to: ["b@example.test"], subject: "s", text: "t", id: "1", time: time)
        do throws(MailError) {
            try await client.send(mail, through: MailServer(endpoint, .starttls, login: login), for: .notifier("mail"))
            return nil
        } catch {
            return error
        }
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

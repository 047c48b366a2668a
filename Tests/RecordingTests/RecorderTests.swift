import Discovery
import Files
import FoundationEssentials
import Model
import Ports
import TestSupport
import Testing
import Timing
@testable import Recording

@Suite struct RecorderTests {
    private let fixture: RecordingFixture

    init() throws { fixture = try RecordingFixture() }

    private func transport(_ base: StubTransport = StubTransport()) -> any HTTPTransport {
        fixture.recorded(engine: .reading(DiscoveryRules())) { $0.transport = base }.transport
    }

    @Test func `each question has its own count, taken when it begins`() async throws {
        let transport = transport()
        for (url, scope) in [("a", Scope.run), ("b", .run), ("a", .notifier("slack")), ("a", .run)] {
            _ = try await transport.send(HTTPRequest(.get, "http://\(url)"), for: scope)
        }
        let keys = try await fixture.exchanges().map { "\($0.scope) \($0.request) \($0.occurrence)" }
        #expect(
            keys == ["run GET http://a 1", "run GET http://b 1", "notifier slack GET http://a 1", "run GET http://a 2"]
        )
    }

    @Test func `an exchange has its start time and its duration`() async throws {
        let clock = fixture.clock
        clock.advance(by: .seconds(3))
        let transport = transport(
            StubTransport { _ throws(TransportError) in
                clock.advance(by: .seconds(2))
                throw .timedOut(after: .seconds(2))
            }
        )
        _ = try? await transport.send(HTTPRequest(.get, "http://a"), for: .run)
        let exchange = try #require(try await fixture.exchanges().first)
        #expect(exchange.at == 3_000_000_000 && exchange.took == 2_000_000_000)
        let answer = exchange.answer(HTTPResponse.self, TransportError.self, blobs: RecordedBlobs())
        #expect(answer == .failure(.timedOut(after: .seconds(2))))
    }

    @Test func `a repeated body is a reference, and a short one is in its line`() async throws {
        let long = String(repeating: "x", count: 300)
        let transport = transport(
            StubTransport { request throws(TransportError) in
                HTTPResponse(status: 200, body: Array((request.url.hasSuffix("long") ? long : "short").utf8))
            }
        )
        for url in ["http://a/long", "http://b/long", "http://a/short"] {
            _ = try await transport.send(HTTPRequest(.get, url), for: .run)
        }
        let lines = try await fixture.lines()
        #expect(lines.count { if case .blob = $0 { true } else { false } } == 1)
        let bodies = try await fixture.exchanges().map { exchange in
            let line = try JSONDecoder().decode(JSONValue.self, from: Data(exchange.line))
            return line["exchange"]?["answer"]?["value"]?["body"]
        }
        #expect(bodies == [["blob": 1], ["blob": 1], ["text": "short"]])
    }

    @Test func `an answer of the disk is recorded only when it changed`() async throws {
        let files = fixture.recorded().files
        let path = fixture.folder.path + "/file"
        let long = String(repeating: "x", count: 300)
        for text in [nil, nil, "a", "a", "b", "a", long + "1", long + "2", long + "2"] {
            if let text { try SystemFiles().write(Array(text.utf8), to: path, mode: 0o600, for: .run) }
            _ = try? files.read(path, limit: 1000, for: .run)
        }
        #expect(try await fixture.exchanges().map(\.occurrence) == [1, 3, 5, 6, 7, 8])
    }

    @Test func `what is written to a file is not recorded`() async throws {
        let files = fixture.recorded().files
        try files.write(Array("a content".utf8), to: fixture.folder.path + "/file", mode: 0o600, for: .run)
        #expect(try await fixture.exchanges().count == 1)
        let lines = try SystemFiles().read(try #require(fixture.recordings.last), limit: 1 << 20, for: .run)
        #expect(lines.firstRange(of: "a content".utf8) == nil)
    }

    @Test func `setting the wall clock is recorded, drifting is not`() async throws {
        let clock = fixture.clock
        clock.setNow(clock.now + .milliseconds(90))
        fixture.recorder.received(in: 1) { [] }
        clock.setNow(clock.now + .seconds(3600))
        fixture.recorder.received(in: 1) { [] }
        clock.advance(by: .seconds(1))
        fixture.recorder.received(in: 1) { [] }
        let jumps = try await fixture.lines().compactMap { if case .clock(let jump) = $0 { jump } else { nil } }
        #expect(jumps.map(\.by) == [3_600_090_000_000])
    }

    @Test func `an event stream is recorded line by line, and passed on unchanged`() async throws {
        let event =
            #"{"Type":"service","Action":"update","Actor":{"ID":"s1","Attributes":{"name":"web","updatestate.new":"x"}},"scope":"swarm","time":1,"timeNano":1000000002}"#
        let chunks = ["\(event.prefix(40))", "\(event.dropFirst(40))\nno event\n\(event)\n{\"half"].map {
            Array($0.utf8)
        }
        let stream = try await transport(StubTransport(chunks: chunks))
            .stream(HTTPRequest(.get, "http://docker/v1.41/events?since=1.000000000&filters=x"), for: .engine)
        var read: [[UInt8]] = []
        for try await chunk in stream.chunks { read.append(chunk) }
        #expect(read == chunks)

        let lines = try await fixture.lines()
        let texts = lines.compactMap { line -> String? in
            guard case .stream(let part) = line, part.stream == 1 else { return nil }
            return switch part.content {
            case .line(let json): json
            case .unreadable: "unreadable"
            case .ended: "ended"
            case .failed: "failed"
            }
        }
        let recorded =
            #"{"Action":"update","Actor":{"Attributes":{"name":"web"},"ID":"s1"},"Type":"service","timeNano":1000000002}"#
        #expect(texts == [recorded, recorded, "unreadable", "ended"])
        #expect(try await fixture.exchanges().map(\.request) == ["GET http://docker/v1.41/events?filters=x"])
    }

    @Test func `lines of a session that is over are dropped`() async throws {
        let transport = transport()
        _ = Recorder(.plain, journal: fixture.journal)
        _ = try await transport.send(HTTPRequest(.get, "http://a"), for: .run)
        #expect(try await fixture.lines().isEmpty)
    }

    @Test func `hooks and requests for runs are recorded as they arrive`() async throws {
        fixture.recorder.triggered(Trigger(.hangUp), at: .seconds(1))
        fixture.recorder.triggered(Trigger(.event, "service update"), at: .seconds(2))
        fixture.recorder.triggered(Trigger(.once, confirmation: "1a2b3c4d"), at: .seconds(3))
        fixture.recorder.arrived(.end)
        let lines = try await fixture.lines()
        let arrivals = lines.compactMap { if case .arrival(let arrival) = $0 { arrival.content } else { nil } }
        guard arrivals.count == 3, case .request("SIGHUP", nil) = arrivals[0],
            case .request("asked for by hand", "1a2b3c4d") = arrivals[1], case .end = arrivals[2]
        else {
            Issue.record("\(arrivals)")
            return
        }
        #expect(lines.count { if case .decision = $0 { true } else { false } } == 3)
    }
}

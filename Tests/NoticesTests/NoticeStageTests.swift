import Log
import Model
@testable import Notices
import Ports
import State
import TestSupport
import Testing

@Suite struct NoticeStageTests {
    private let recorder = Recorder()
    private let state: StateStore
    private let stage: NoticeStage

    init() throws {
        state = try StateStore.inMemory()
        stage = NoticeStage(receivers: [recorder], state: state, clock: TestClock(), log: .silent)
    }

    private static func record(_ host: String, _ address: String = "85.214.132.117") throws -> Condition {
        Condition(key: "record/" + host, value: address, line: "\(host) → \(address)", hosts: [try DomainName(host)])
    }

    private static func problem(_ host: String, _ value: String = "failed", recovery: String? = nil) throws -> Condition
    {
        Condition(
            key: "record/" + host,
            value: value,
            line: "\(host): \(value)",
            level: .error,
            isProblem: true,
            recovery: recovery,
            hosts: [try DomainName(host)]
        )
    }

    /// Says `conditions` and returns the lines that were said, with their marks.
    private func said(_ conditions: [Condition], unobserved: Unobserved = .nothing) async -> [String] {
        stage.announce(conditions, unobserved: unobserved)
        return recorder.take().flatMap { $0.lines.map(\.marked) }
    }

    @Test func `the first start is one summary, however much holds`() async throws {
        let conditions = try (0..<200).map { try Self.record("h\($0).example.test") }
        let results = stage.announce(conditions)
        #expect(recorder.messages.map(\.title) == ["Landfall watches 200 hosts"])
        #expect(recorder.messages.first?.lines == [])
        #expect(recorder.messages.first?.hosts.count == 200)
        #expect(results == [NoticeResult(notifier: "recorder", outcome: .changed("Landfall watches 200 hosts"))])
        #expect(stage.announce(conditions) == [NoticeResult(notifier: "recorder", outcome: .unchanged)])
        #expect(recorder.messages.count == 1)
    }

    @Test func `the first summary names the problems`() async throws {
        stage.announce([try Self.record("a.example.test"), try Self.problem("b.example.test")])
        let message = try #require(recorder.messages.first)
        #expect(message.title == "Landfall watches 2 hosts; 1 problem")
        #expect(message.lines.map(\.marked) == ["✗ b.example.test: failed"])
        #expect(message.level == .error)
    }

    @Test func `a first run that sees little says its problems once, and makes no baseline`() async throws {
        let engine = Condition(
            key: "engine",
            value: "gone",
            line: "no engine",
            level: .error,
            isProblem: true,
            recovery: "the engine is back"
        )
        #expect(await said([engine], unobserved: .everything) == ["✗ no engine"])
        #expect(await said([engine], unobserved: .everything) == [])
        stage.announce([try Self.record("a.example.test")])
        let messages = recorder.take()
        #expect(messages.map(\.title) == ["Landfall watches 1 host"])
        #expect(messages.first?.lines.map(\.marked) == ["✓ the engine is back"])
        #expect(await said([try Self.record("a.example.test")]) == [])
    }

    @Test func `news is said once, and what changes again is said again`() async throws {
        _ = await said([])
        let first = try Self.record("a.example.test")
        let moved = try Self.record("a.example.test", "85.214.132.118")
        #expect(await said([first]) == ["• a.example.test → 85.214.132.117"])
        #expect(await said([first]) == [])
        #expect(await said([moved]) == ["• a.example.test → 85.214.132.118"])
        #expect(await said([moved]) == [])
    }

    @Test func `a problem is said once, a different one again, and its end once`() async throws {
        _ = await said([])
        #expect(await said([try Self.problem("a.example.test")]) == ["✗ a.example.test: failed"])
        #expect(await said([try Self.problem("a.example.test")]) == [])
        #expect(await said([try Self.problem("a.example.test", "refused")]) == ["✗ a.example.test: refused"])
        let well = try Self.record("a.example.test")
        #expect(await said([well]) == ["✓ a.example.test → 85.214.132.117"])
        #expect(await said([well]) == [])
    }

    @Test func `a problem that vanishes is over, in the words it brought`() async throws {
        _ = await said([])
        _ = await said([try Self.problem("a.example.test", recovery: "all well"), try Self.problem("b.example.test")])
        #expect(await said([]) == ["✓ all well", "✓ record/b.example.test: no longer a problem"])
        #expect(await said([]) == [])
    }

    @Test func `what vanishes without having been a problem is forgotten in silence`() async throws {
        let host = try Self.record("a.example.test")
        _ = await said([])
        _ = await said([host])
        #expect(await said([]) == [])
        #expect(await said([host]) == ["• a.example.test → 85.214.132.117"])
    }

    @Test func `a run that could not see everything concludes nothing from what is missing`() async throws {
        let host = try Self.record("a.example.test")
        let problem = try Self.problem("b.example.test")
        _ = await said([])
        _ = await said([host, problem])
        #expect(await said([], unobserved: .everything) == [])
        #expect(await said([host, problem]) == [])
    }

    @Test func `what is hidden stays, whatever else is over`() async throws {
        _ = await said([])
        _ = await said([.problem("record/a"), .problem("record/b"), .problem("signal/c")])
        let unobserved = Unobserved(prefixes: ["signal/"], keys: ["record/b"])
        #expect(
            await said([.problem("problem/signal")], unobserved: unobserved) == [
                "✗ problem/signal is broken", "✓ record/a is well again",
            ]
        )
        #expect(
            await said([]) == [
                "✓ problem/signal is well again", "✓ record/b is well again", "✓ signal/c is well again",
            ]
        )
    }

    @Test func `a first run that sees some is a summary of that`() async throws {
        let seen = try Self.record("a.example.test")
        stage.announce([seen, .problem("problem/signal")], unobserved: Unobserved(prefixes: ["signal/"]))
        #expect(recorder.take().map(\.title) == ["Landfall watches 1 host; 1 problem"])
        #expect(
            await said([seen, try Self.record("b.example.test"), .problem("problem/signal")]) == [
                "• b.example.test → 85.214.132.117"
            ]
        )
    }

    @Test func `one run is one message, problems first`() async throws {
        _ = await said([])
        _ = await said([try Self.problem("c.example.test")])
        stage.announce([
            try Self.record("a.example.test"), try Self.record("c.example.test"), try Self.problem("d.example.test"),
            try Self.record("b.example.test"),
        ])
        let messages = recorder.take()
        #expect(messages.map(\.title) == ["Landfall: 1 problem, 1 recovery, 2 changes"])
        #expect(messages.first?.lines.map { String($0.text.prefix(1)) } == ["d", "c", "a", "b"])
        #expect(messages.first?.level == .error)
        #expect(messages.first?.hosts.map(\.text) == ["a", "b", "c", "d"].map { $0 + ".example.test" })
    }

    @Test func `a message is bounded, and what did not fit is counted and said`() async throws {
        _ = await said([])
        let conditions = try (100..<600).map { try Self.record("h\($0).example.test") }
        let lines = await said(conditions)
        #expect(lines.count < 150)
        #expect(lines.joined(separator: "\n").count < 3600)
        #expect(lines.last == "• … and \(500 - (lines.count - 1)) more")
        #expect(await said(conditions) == [])
    }

    @Test func `hostile text stays on its line`() async throws {
        _ = await said([])
        let evil = Condition(key: "label/x", value: "x", line: "a\n\u{202E}b\r" + String(repeating: "x", count: 1000))
        let lines = await said([evil])
        #expect(lines == ["• a  b " + String(repeating: "x", count: 595) + "…"])
    }

    @Test func `memory outlives the process`() async throws {
        let conditions = [try Self.record("a.example.test")]
        stage.announce(conditions)
        let next = NoticeStage(receivers: [recorder], state: state, clock: TestClock(), log: .silent)
        #expect(next.announce(conditions).map(\.outcome) == [.unchanged])
    }
}

import Model
import Ports
import Report
import State
import TestSupport
import Testing
@testable import Status

@Suite struct StatusHistoryTests {
    private let folder = try? TemporaryFolder()

    private func store() throws -> StateStore {
        try StateStore(path: try #require(folder).path + "/state.sqlite")
    }

    /// Writes what a board hears, and ends it.
    private func live(_ reports: [Report]) async throws {
        let board = Sample.board(store: try store())
        let keeping = Task { await board.saveHistory() }
        for report in reports { board.play(report) }
        board.stop()
        await keeping.value
    }

    @Test func `the latest fifty runs and the hosts' last signals and troubles survive a restart`() async throws {
        let failure = Sample.report(
            [try Sample.host("a.example.org", .failed("no answer"))],
            [try Sample.certificate("a.example.org")],
            signals: [Sample.signal("a.example.org")]
        )
        try await live((1...60).map { Sample.report(after: $0 - 100) } + [failure])
        let board = Sample.board(store: try store())
        #expect(board.document.runs.map(\.number) == Array((12...61).reversed()))
        #expect(board.document.hosts == nil)
        board.play(Sample.report([try Sample.host("a.example.org")], after: 60))
        let host = try #require(board.document.hosts?.first)
        #expect(host.lastError?.text == "no answer" && host.lastError?.isOver == true)
        #expect(host.signal?.target == "proxy.1")
        #expect(board.document.runs.first?.number == 62)
    }

    @Test func `a host that is gone is forgotten, but not by a run that saw only a part`() async throws {
        let failing = Sample.report([try Sample.host("a.example.org", .failed("no answer"))])
        let partial = Sample.report(problems: [Report.Problem(stage: "record", text: "no zones")], after: 1)
        try await live([failing, partial])
        #expect(StatusHistoryStore(state: try store()).load().hosts.count == 1)
        try await live([Sample.report(after: 2)])
        #expect(StatusHistoryStore(state: try store()).load().hosts.isEmpty)
    }

    @Test func `an error that persists is written once`() throws {
        let first = HostHistory(signal: nil, lastError: lastError(last: 0))
        let again = HostHistory(signal: nil, lastError: lastError(last: 60))
        let name = try Sample.name("a.example.org")
        let run = RunSummary(Sample.report(), number: 1)
        #expect(StatusHistoryChange(run, from: [name: first], to: [name: again]).hosts.isEmpty)
        #expect(StatusHistoryChange(run, from: [:], to: [name: again]).hosts.count == 1)
    }

    private func lastError(last: Int) -> LastError {
        LastError(
            stage: "record",
            text: "no answer",
            isRefusal: false,
            since: Sample.start,
            last: Sample.start + .seconds(last),
            isOver: false
        )
    }

    @Test func `what cannot be decoded is left out`() throws {
        let store = try StateStore.inMemory()
        for namespace in StatusHistoryStore.namespaces {
            try store.commit([namespace: ["1": "[]", "a.example.org": "?", "else": ""]])
        }
        let history = StatusHistoryStore(state: store).load()
        #expect(history.runs.isEmpty && history.hosts.isEmpty)
    }
}

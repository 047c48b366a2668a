import Model
import Ports
import Report
import State
import TestSupport
import Testing
@testable import Status

@Suite struct ArchiveTests {
    private let folder = try? TemporaryFolder()

    private func store() throws -> StateStore {
        try StateStore(path: try #require(folder).path + "/state.sqlite")
    }

    /// Writes what a board hears, and ends it.
    private func live(_ reports: [Report]) async throws {
        let board = Sample.board(store: try store())
        let keeping = Task { await board.keep() }
        for report in reports { board.play(report) }
        board.end()
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
        #expect(host.trouble?.text == "no answer" && host.trouble?.isOver == true)
        #expect(host.signal?.target == "proxy.1")
        #expect(board.document.runs.first?.number == 62)
    }

    @Test func `a host that is gone is forgotten, but not by a run that saw only a part`() async throws {
        let sick = Sample.report([try Sample.host("a.example.org", .failed("no answer"))])
        let partial = Sample.report(problems: [Report.Problem(stage: "record", text: "no zones")], after: 1)
        try await live([sick, partial])
        #expect(StatusHistoryStore(state: try store()).read().histories.count == 1)
        try await live([Sample.report(after: 2)])
        #expect(StatusHistoryStore(state: try store()).read().histories.isEmpty)
    }

    @Test func `a trouble that goes on is written once`() throws {
        let first = HostHistory(signal: nil, trouble: trouble(last: 0))
        let again = HostHistory(signal: nil, trouble: trouble(last: 60))
        let name = try Sample.name("a.example.org")
        let run = RunSummary(Sample.report(), number: 1)
        #expect(StatusHistoryChange(run, from: [name: first], to: [name: again]).histories.isEmpty)
        #expect(StatusHistoryChange(run, from: [:], to: [name: again]).histories.count == 1)
    }

    private func trouble(last: Int) -> LastError {
        LastError(
            stage: "record",
            text: "no answer",
            isRefusal: false,
            since: Sample.start,
            last: Sample.start + .seconds(last),
            isOver: false
        )
    }

    @Test func `what cannot be understood is as good as forgotten`() throws {
        let store = try StateStore.inMemory()
        try store.commit(["run/1": "{}", "host/a.example.org": "?", "else": ""], in: StatusHistoryStore.room)
        let past = StatusHistoryStore(state: store).read()
        #expect(past.runs.isEmpty && past.histories.isEmpty)
    }
}

import Composition
@testable import Daemon
import Pipeline
import Report
import TestSupport
import Testing

@Suite(.limited(minutes: 1)) struct SessionTests {
    private let event =
        #"{"Type":"service","Action":"update","Actor":{"ID":"s1","Attributes":{"name":"web"}},"timeNano":1}"# + "\n"

    @Test func `it runs at the beginning, on events, signals and requests, all on one executor`() async throws {
        let stage = try DaemonFixture()
        async let next = stage.run()
        await stage.reports.wait(for: 1)
        stage.feed.send(event)
        await stage.clock.sleeps.wait { $0.contains(.seconds(2)) }
        stage.clock.advance(by: .seconds(2))
        await stage.reports.wait(for: 2)
        stage.asking.yield(.hangUp)
        await stage.reports.wait(for: 3)
        let answers = AsyncCollector<Report?>()
        stage.asking.yield(.once { answers.add($0) })
        #expect(await answers.wait(for: 1).map { $0?.reasons } == [["asked for by hand"]])
        stage.asking.finish()
        #expect(try await next == nil)
        #expect(
            stage.reports.all.map(\.reasons) == [
                ["start-up"], ["service update web"], ["SIGHUP"], ["asked for by hand"],
            ]
        )
        #expect(stage.strays.all == [])
    }

    @Test func `it hands over to another session, which answers the pending requests`() async throws {
        let stage = try DaemonFixture()
        stage.asking.yield(.handOver(beginning: "a new recording"))
        let answers = AsyncCollector<Report?>()
        stage.asking.yield(.once { answers.add($0) })
        let reason = try #require(try await stage.run())
        #expect(answers.all.isEmpty)
        async let end = stage.run(beginning: reason)
        await answers.wait(for: 1)
        stage.asking.finish()
        #expect(try await end == nil)
        #expect(stage.reports.all.flatMap(\.reasons).contains("a new recording"))
        #expect(answers.all.compactMap { $0 }.count == 1)
    }
}

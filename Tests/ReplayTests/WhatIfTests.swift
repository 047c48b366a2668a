import Daemon
import Model
import Recording
import Testing

/// Yesterday's events with other settings.
@Suite struct WhatIfTests {
    private static let scenario = Scenario("certbot-failure")

    private static func changes(_ set: (inout Replay.Changes) -> Void) -> Replay.Changes {
        var changes = Replay.Changes()
        set(&changes)
        return changes
    }

    @Test func `a longer quiet period lets the run wait longer, and nothing is compared`() throws {
        let result = try Self.scenario.replay(Self.changes { ($0.quiet, $0.maximumWait) = (.seconds(4), .seconds(30)) })
        #expect(result.difference == nil)
        let timeline = result.timeline
        let run = try #require(timeline.items.first { $0.kind == .run && $0.text.contains("service create") })
        let trigger = try #require(timeline.items.last { $0.kind == .trigger && $0.text.contains("service create") })
        #expect(run.at - trigger.at == .seconds(4))
        #expect(run.text.contains("(2 triggers)"))
    }

    @Test func `without a quiet period every event has a run, as soon as the last one is over`() throws {
        let asItWas = try Self.scenario.replay().timeline
        let result = try Self.scenario.replay(Self.changes { $0.quiet = .zero })
        #expect(result.timeline.runs.count > asItWas.runs.count)
        let first = try #require(result.timeline.items.first { $0.kind == .trigger && $0.text.contains("create") })
        #expect(result.timeline.runs[1].at == first.at)
    }

    @Test func `the maximum wait limits a long quiet period`() throws {
        let changes = Self.changes { ($0.quiet, $0.maximumWait) = (.seconds(60), .seconds(3)) }
        let timeline = try Self.scenario.replay(changes).timeline
        let first = try #require(timeline.items.first { $0.kind == .trigger && $0.text.contains("create") })
        #expect(timeline.runs[1].at - first.at == .seconds(3))
    }

    @Test func `what is after the end is left out, and what is before it is compared`() throws {
        let session = try Self.scenario.session
        let began = session.header.started
        for end in [ReplayEnd.after(.seconds(3)), .at(began + .seconds(3))] {
            let result = try Self.scenario.replay(Self.changes { $0.end = end })
            #expect(result.difference?.lines == [])
            #expect(result.timeline.runs.count == 1)
            #expect(result.timeline.items.allSatisfy { $0.at <= began + .seconds(3) })
        }
    }
}

extension Timeline {
    var runs: [Item] { items.filter { $0.kind == .run } }
}

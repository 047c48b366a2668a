import Ports
import TestSupport
import Testing
import Timing

@Suite struct DebouncePropertyTests {
    private static let seeds = 1...(TestScale.isFull ? 5_000 : 300) as ClosedRange<UInt64>

    @Test func `late timers change no decision`() {
        for seed in Self.seeds {
            let script = Script(seed: seed)
            let (prompt, late) = (script.play(latest: .zero), script.play(latest: .seconds(1)))
            #expect(prompt.map(\.cause) == late.map(\.cause), "seed \(seed)")
            #expect(prompt.map(\.decided) == late.map(\.decided), "seed \(seed)")
        }
    }

    @Test func `every trigger is answered by a run that begins after it, in time, and runs never overlap`() {
        for seed in Self.seeds {
            let script = Script(seed: seed)
            let runs = script.play(latest: .milliseconds(Int(seed % 3) * 200))
            var lastEnd = Duration.zero
            for run in runs {
                let asked = script.triggers.filter { $0.run(in: runs) == run }
                #expect(run.decided >= lastEnd, "seed \(seed)")
                #expect(run.cause.triggers == asked.count + (run.cause.kinds.contains(.timer) ? 1 : 0), "seed \(seed)")
                if let first = asked.first {
                    #expect(run.decided <= max(first.time + Script.maxWait, lastEnd), "seed \(seed)")
                }
                lastEnd = run.ended
            }
            #expect(script.triggers.allSatisfy { $0.run(in: runs) != nil }, "seed \(seed)")
        }
    }
}

/// Triggers at random times, and how long each run takes.
private struct Script {
    static let maxWait = Duration.seconds(10)

    struct Event {
        let trigger: Trigger
        let time: Duration

        /// The first run that was decided after it.
        func run(in runs: [Run]) -> Run? { runs.first { $0.decided > time || $0.decided == time && isUrgent } }

        private var isUrgent: Bool { trigger.kind.isUrgent }
    }

    struct Run: Equatable {
        let cause: RunCause
        let decided: Duration
        var ended: Duration
    }

    let triggers: [Event]
    private let chance: SeededRandom

    init(seed: UInt64) {
        var chance = SeededRandom(seed)
        var time = 0
        triggers = (0..<60).map { number in
            time += 1 + chance.next(below: [300, 3000, 9000][chance.next(below: 3)])
            let kind: Trigger.Kind = chance.next(below: 12) == 0 ? .hangUp : .event
            // At a moment at which nothing else is due: there, only the order of arrival tells whose run it asks for.
            let odd: Duration = kind.isUrgent ? .microseconds(500) : .zero
            return Event(trigger: Trigger(kind, "\(number)"), time: .milliseconds(time) + odd)
        }
        self.chance = chance
    }

    /// Plays it with a loop like the daemon's, whose alarms ring up to `latest` too late, until all is quiet.
    func play(latest: Duration) -> [Run] {
        var debounce = Debounce(quiet: .seconds(2), maxWait: Self.maxWait, interval: .seconds(60))
        var (chance, delays) = (chance, SeededRandom(7))
        var rest = triggers[...]
        var runs: [Run] = []
        var runEnds: Duration?
        var alarm: (due: Duration, rings: Duration)?
        let horizon = (triggers.last?.time ?? .zero) + .seconds(50)
        while let now = [rest.first?.time, runEnds, alarm?.rings].compactMap({ $0 }).min(), now < horizon {
            if let event = rest.first, event.time == now {
                debounce.trigger(event.trigger, at: now)
                rest = rest.dropFirst()
            } else if runEnds == now {
                // Half of them read everything.
                debounce.runEnded(at: now, readAll: runs.count.isMultiple(of: 2))
                runEnds = nil
            } else if case .fire(let cause, let time) = debounce.step(at: now) {
                // How long a run takes is counted from the decision, or latency would be seen in it.
                runs.append(Run(cause: cause, decided: time, ended: .zero))
                runEnds = time + .seconds(2) + .milliseconds(chance.next(below: 8000)) + .microseconds(1)
                runs[runs.count - 1].ended = runEnds ?? .zero
            }
            if debounce.due != alarm?.due {
                let late = latest * Double(delays.next(below: 1000)) / 1000
                alarm = debounce.due.map { ($0, max($0, now) + late) }
            }
        }
        return runs
    }
}

/// A sequence that no person would think of, and yet the same every time (Knuth's MMIX constants).
private struct SeededRandom {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next(below limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(limit))
    }
}

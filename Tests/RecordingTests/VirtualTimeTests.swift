import Model
import Ports
import Recording
import Testing

@Suite struct VirtualTimeTests {
    private actor Log {
        private(set) var lines: [String] = []
        func note(_ line: String) { lines.append(line) }
    }

    private let time = VirtualTime(from: Timestamp(seconds: 1000))

    @Test func `a virtual day takes no time`() throws {
        let time = time
        try time.run { try? await time.sleep(for: .seconds(86_400)) }
        #expect(time.uptime == .seconds(86_400))
        #expect(time.now == Timestamp(seconds: 87_400))
    }

    @Test func `sleepers wake in the order of their times, not of their calls`() throws {
        let time = time
        let log = Log()
        let lines = try time.run {
            await withTaskGroup(of: Void.self) { group in
                for seconds in [3, 1, 2] {
                    group.addTask {
                        try? await time.sleep(for: .seconds(seconds))
                        await log.note("\(seconds) at \(time.uptime.readable)")
                    }
                }
            }
            return await log.lines
        }
        #expect(lines == ["1 at 1.00 s", "2 at 2.00 s", "3 at 3.00 s"])
    }

    @Test func `a sleeper that is cancelled wakes at once`() throws {
        let time = time
        let wasCancelled = try time.run {
            await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    do { try await time.sleep(for: .seconds(60)) } catch { return true }
                    return false
                }
                group.addTask {
                    try? await time.sleep(for: .seconds(1))
                    return false
                }
                _ = await group.next()
                group.cancelAll()
                return await group.next() ?? false
            }
        }
        #expect(wasCancelled)
        #expect(time.uptime == .seconds(1))
    }

    @Test func `setting the wall clock wakes no sleeper`() throws {
        let time = time
        try time.run {
            time.setWallClock(by: .seconds(-500))
            try? await time.sleep(for: .seconds(2))
        }
        #expect(time.uptime == .seconds(2))
        #expect(time.now == Timestamp(seconds: 502))
    }

    @Test func `waiting for what never comes is an error at once`() {
        let (never, continuation) = AsyncStream.makeStream(of: Int.self)
        #expect(throws: VirtualTime.Stuck.self) {
            try time.run { for await _ in never {} }
        }
        continuation.finish()
    }
}

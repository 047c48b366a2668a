import Model
import Ports
import Synchronization
import Timing

/// One thing that the start of a world has done.
package struct Step: Sendable, Hashable {
    package let name: String
    package let duration: Duration
}

/// The steps so far, handed from the supervisor to whoever awaits it through a file.
final class StepFile: Sendable {
    private let path: String
    private let clock: any Clock
    private let lines = Mutex<[String]>([])

    init(_ path: String, clock: any Clock) {
        (self.path, self.clock) = (path, clock)
    }

    /// Does something, and notes how long it took.
    func measure<Value: Sendable>(_ name: String, _ body: () async throws -> Value) async throws -> Value {
        let start = clock.uptime
        let value = try await body()
        let milliseconds = (clock.uptime - start).milliseconds
        // Written under the lock: steps of parts that start side by side end side by side.
        try lines.withLock { lines in
            lines.append("\(name)\t\(milliseconds)\n")
            try TextFile.write(lines.joined(), to: path)
        }
        return value
    }

    static func read(_ path: String) -> [Step] {
        (TextFile.read(path) ?? "").split(separator: "\n").compactMap { line in
            let fields = line.split(separator: "\t")
            guard fields.count == 2, let milliseconds = Int64(fields[1]) else { return nil }
            return Step(name: String(fields[0]), duration: .milliseconds(milliseconds))
        }
    }
}

import Model
import Ports
import Synchronization
import Timing

/// A finished step of a sandbox's start.
package struct StartupStep: Sendable, Hashable {
    package let name: String
    package let duration: Duration
}

/// The finished steps, which the supervisor writes to a file for the process that waits for it.
final class StartupLog: Sendable {
    private let path: String
    private let clock: any Clock
    private let lines = Mutex<[String]>([])

    init(_ path: String, clock: any Clock) { (self.path, self.clock) = (path, clock) }

    /// Runs `body` and logs how long it took.
    func measure<Value: Sendable>(_ name: String, _ body: () async throws -> Value) async throws -> Value {
        let start = clock.uptime
        let value = try await body()
        let milliseconds = (clock.uptime - start).milliseconds
        // Written under the lock, for parts start concurrently.
        try lines.withLock { lines in
            lines.append("\(name)\t\(milliseconds)\n")
            try TextFile.write(lines.joined(), to: path)
        }
        return value
    }

    static func read(_ path: String) -> [StartupStep] {
        (TextFile.read(path) ?? "").split(separator: "\n").compactMap { line in
            let fields = line.split(separator: "\t")
            guard fields.count == 2, let milliseconds = Int64(fields[1]) else { return nil }
            return StartupStep(name: String(fields[0]), duration: .milliseconds(milliseconds))
        }
    }
}

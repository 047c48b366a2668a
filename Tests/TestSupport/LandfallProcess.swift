import Files
package import Glibc
import Model
package import Ports
import Processes
import Synchronization
import System
import Testing

/// A `landfall run`, or another command that lasts, that tests start, signal and end.
package final class LandfallProcess: Sendable {
    package let pid: pid_t
    /// Holds exactly this process, whoever gets its number later.
    private let descriptor: Int32
    private let life: Task<Void, any Error>
    private let end: Ending

    /// - Parameters:
    ///   - file: where the number of its process is written.
    ///   - log: where its output is appended.
    package init(
        file: String,
        log: String,
        environment: [String: String],
        arguments: [String] = ["run"]
    ) async throws {
        // The shell becomes the program, and its number with it.
        let script = #"echo $$ >"$0"; log=$1; shift; exec "$@" >>"$log" 2>&1"#
        let request = ProcessRequest(
            ["/bin/sh", "-c", script, file, log, LandfallProgram.path] + arguments,
            environment: environment,
            timeLimit: .seconds(600).scaledToLoad
        )
        let end = Ending()
        self.end = end
        life = Task { end.note(try await SpawnRunner().run(request, for: .run).end) }
        pid = try await eventually("the number of landfall's process") {
            let text = String(decoding: try SystemFiles().read(file, limit: 32, for: .run), as: UTF8.self)
            return text.split(separator: "\n").first.flatMap { pid_t($0) }
        }
        descriptor = ChildProcess.descriptor(of: pid)
    }

    deinit { close(descriptor) }

    package func signal(_ number: Int32) { _ = ChildProcess.signal(descriptor, number) }

    package var isRunning: Bool { end.value == nil }

    /// How it ended.
    @discardableResult
    package func ended(within limit: Duration = .seconds(10)) async throws -> ProcessResult.End {
        try await eventually("the end of landfall", within: limit) { end.value }
    }

    /// Ends it if it still runs; hard when it does not want to. Records an issue when it had crashed, or its time was up:
    /// a command does the daemon's work as well, so that a test may not notice.
    package func dismiss() async {
        if let end = end.value, Self.isUnexpected(end) { Issue.record("landfall has ended: \(end)") }
        signal(SIGTERM)
        if (try? await ended()) == nil { signal(SIGKILL) }
        _ = try? await life.value
    }

    private static func isUnexpected(_ end: ProcessResult.End) -> Bool {
        switch end {
        case .signalled(let signal): [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGSEGV].contains(signal)
        case .timedOut: true
        case .exited, .cancelled: false
        }
    }
}

private final class Ending: Sendable {
    private let end = Mutex<ProcessResult.End?>(nil)

    var value: ProcessResult.End? { end.withLock(\.self) }

    func note(_ end: ProcessResult.End) { self.end.withLock { $0 = end } }
}

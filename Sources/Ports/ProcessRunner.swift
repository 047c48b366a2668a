package import Model

/// The port to other programs. No shell is involved: the arguments are passed on as they are.
package protocol ProcessRunner: Sendable {
    /// Runs a program to its end. Cancelling the task ends it: SIGTERM to its process group, SIGKILL after the grace.
    func run(_ request: ProcessRequest, for scope: Scope) async throws(ProcessError) -> ProcessResult
}

package struct ProcessRequest: Sendable {
    /// `arguments[0]` is the program, looked up on PATH unless it holds a slash. Never a secret: other users can read it.
    package var arguments: [String]
    /// The program's whole environment.
    package var environment: [String: String]
    package var directory: String?
    /// A file, created if it is missing, that becomes the standard input. It stays locked (fcntl(2)) until the program and
    /// all children that inherit its standard input have ended: if Landfall is killed, the next one sees that they live.
    package var lock: String?
    /// What the program reads as its standard input; a request has this or a lock. Nil: nothing.
    package var input: [UInt8]?
    package var timeLimit: Duration
    /// Between SIGTERM and SIGKILL.
    package var grace: Duration
    /// The limit for standard output, and that for standard error; the rest is dropped, and the result is `truncated`.
    package var outputLimit: Int

    package init(
        _ arguments: [String],
        environment: [String: String],
        directory: String? = nil,
        lock: String? = nil,
        input: [UInt8]? = nil,
        timeLimit: Duration,
        grace: Duration = .seconds(5),
        outputLimit: Int = 1 << 20
    ) {
        (self.arguments, self.environment, self.directory) = (arguments, environment, directory)
        (self.lock, self.input) = (lock, input)
        (self.timeLimit, self.grace, self.outputLimit) = (timeLimit, grace, outputLimit)
    }
}

package struct ProcessResult: Hashable, Sendable, Codable {
    package enum End: Sendable, Hashable, Codable {
        case exited(Int32)
        case signalled(Int32)
        /// Landfall ended it because its time was up.
        case timedOut
        /// Landfall ended it because the task was cancelled.
        case cancelled

        /// How a program ended that was to exit with status 0, as a clause without its subject.
        package func words(_ timeLimit: Duration) -> String {
            switch self {
            case .exited(let status): "ended with status \(status)"
            case .signalled(let signal): "was ended by signal \(signal)"
            case .timedOut: "took more than \(timeLimit.readable)"
            case .cancelled: "was ended with the run"
            }
        }

        private enum ExitedCodingKeys: String, CodingKey { case _0 = "status" }
        private enum SignalledCodingKeys: String, CodingKey { case _0 = "signal" }
    }

    package let end: End
    @Bytes package private(set) var output: [UInt8]
    @Bytes package private(set) var error: [UInt8]
    package let truncated: Bool

    package init(end: End, output: [UInt8], error: [UInt8], truncated: Bool = false) {
        (self.end, self.truncated) = (end, truncated)
        self.output = output
        self.error = error
    }

    package var outputText: String { String(outside: output) }
    package var errorText: String { String(outside: error) }
    package var lastErrorLine: String? {
        errorText.split(whereSeparator: \.isNewline).last.map { sanitized($0, limit: 200) }
    }
}

/// Why a program did not run.
package enum ProcessError: Error, Hashable, Sendable, Codable, CustomStringConvertible {
    case notFound(String)
    case notStarted(String, reason: String)

    package var description: String {
        switch self {
        case .notFound(let program): "\(program) is not installed, or not on the PATH"
        case .notStarted(let program, let reason): "\(program) could not be started: \(reason)"
        }
    }

    private enum NotFoundCodingKeys: String, CodingKey { case _0 = "program" }
    private enum NotStartedCodingKeys: String, CodingKey { case _0 = "program", reason }
}

public import Model

/// The port to other programs. There is no shell anywhere: an argument vector goes in as it is.
public protocol ProcessRunner: Sendable {
    /// Runs a program to its end. Cancelling the task ends it: SIGTERM to its process group, SIGKILL after the grace.
    func run(_ request: ProcessRequest, for scope: Scope) async throws(ProcessError) -> ProcessResult
}

public struct ProcessRequest: Sendable {
    /// `arguments[0]` is the program, looked up on PATH unless it holds a slash. Never a secret: other users can read it.
    public var arguments: [String]
    /// All that the program gets to see.
    public var environment: [String: String]
    public var directory: String?
    /// A file, made if it is not there, that stays locked (fcntl(2)) until the program and all children that it let have its
    /// standard input have ended: so whoever comes after us can see that they live, were we killed. It is that standard
    /// input.
    public var lock: String?
    /// What the program reads as its standard input; a request has this or a lock. Nil: nothing.
    public var input: [UInt8]?
    public var timeLimit: Duration
    /// Between SIGTERM and SIGKILL.
    public var grace: Duration
    /// Of each of standard output and error; what comes after it is dropped, and counted as truncated.
    public var outputLimit: Int

    public init(
        _ arguments: [String],
        environment: [String: String],
        directory: String? = nil,
        lock: String? = nil,
        input: [UInt8]? = nil,
        timeLimit: Duration,
        grace: Duration = .seconds(5),
        outputLimit: Int = 1 << 20
    ) {
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.lock = lock
        self.input = input
        self.timeLimit = timeLimit
        self.grace = grace
        self.outputLimit = outputLimit
    }
}

public struct ProcessResult: Sendable {
    public enum End: Sendable, Hashable {
        case exited(Int32)
        case signalled(Int32)
        /// We ended it because its time was up.
        case timedOut
        /// We ended it because the task was cancelled.
        case cancelled
    }

    public let end: End
    public let output: [UInt8]
    public let error: [UInt8]
    public let truncated: Bool

    public init(end: End, output: [UInt8], error: [UInt8], truncated: Bool = false) {
        (self.end, self.output, self.error, self.truncated) = (end, output, error, truncated)
    }

    public var outputText: String { String(decoding: output, as: UTF8.self) }
    public var errorText: String { String(decoding: error, as: UTF8.self) }
}

public enum ProcessError: Error, Hashable, Sendable, CustomStringConvertible {
    case notFound(String)
    case notStarted(String, reason: String)

    public var description: String {
        switch self {
        case .notFound(let program): "\(program) is not installed, or not on the PATH"
        case .notStarted(let program, let reason): "\(program) could not be started: \(reason)"
        }
    }
}

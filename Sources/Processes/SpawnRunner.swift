import CSystem
import Glibc
public import Model
import Synchronization
import Threads

/// Runs programs with posix_spawn: each in its own process group, watched by one thread that sleeps in `poll`.
public struct SpawnRunner: ProcessRunner {
    public init() {}

    public func run(_ request: ProcessRequest, for scope: Scope) async throws(ProcessError) -> ProcessResult {
        guard !Task.isCancelled else { return ProcessResult(end: .cancelled, output: [], error: []) }
        let child = try Child(request)
        let result = await withTaskCancellationHandler {
            await blocking(named: "child \(child.pid)") { child.watch() }
        } onCancel: {
            child.cancel()
        }
        return result
    }
}

/// One running child: its pipes, and a pipe by which cancellation reaches the watching thread.
private final class Child: Sendable {
    let pid: pid_t
    private let request: ProcessRequest
    private let pidDescriptor: Int32
    private let output: Int32
    private let error: Int32
    private let wakeRead: Int32
    /// The write end; -1 once the child was reaped, so that a late cancellation touches nothing.
    private let wakeWrite: Mutex<Int32>

    init(_ request: ProcessRequest) throws(ProcessError) {
        guard let program = request.arguments.first else { throw .notStarted("", reason: "no program was named") }
        var pipes: [(read: Int32, write: Int32)] = []
        func closeAll() { for pipe in pipes { close(pipe.read); close(pipe.write) } }
        for _ in 0..<3 {
            var descriptors: [Int32] = [-1, -1]
            guard unsafe landfall_pipe(&descriptors) == 0 else {
                let reason = systemErrorText(errno)
                closeAll()
                throw .notStarted(program, reason: reason)
            }
            pipes.append((descriptors[0], descriptors[1]))
        }
        let (code, pid) = Self.spawn(request, output: pipes[0].write, error: pipes[1].write)
        guard code == 0 else {
            closeAll()
            throw code == ENOENT ? .notFound(program) : .notStarted(program, reason: systemErrorText(code))
        }
        // Without it the child's end would never be seen.
        let pidDescriptor = landfall_pidfd_open(pid)
        guard pidDescriptor >= 0 else {
            let reason = systemErrorText(errno)
            kill(-pid, SIGKILL)
            while waitpid(pid, nil, 0) < 0 && errno == EINTR {}
            closeAll()
            throw .notStarted(program, reason: "it cannot be watched: \(reason)")
        }
        close(pipes[0].write)
        close(pipes[1].write)
        self.request = request
        self.pid = pid
        self.pidDescriptor = pidDescriptor
        (output, error, wakeRead) = (pipes[0].read, pipes[1].read, pipes[2].read)
        wakeWrite = Mutex(pipes[2].write)
    }

    private static func spawn(_ request: ProcessRequest, output: Int32, error: Int32) -> (code: Int32, pid: pid_t) {
        var pid: pid_t = 0
        let arguments = unsafe request.arguments.map { unsafe strdup($0) } + [nil]
        let environment = unsafe request.environment.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
        defer {
            unsafe arguments.forEach { unsafe free($0) }
            unsafe environment.forEach { unsafe free($0) }
        }
        let code = unsafe landfall_spawn(&pid, arguments, environment, request.directory, output, error)
        return (code, pid)
    }

    func cancel() {
        wakeWrite.withLock { descriptor in
            guard descriptor >= 0 else { return }
            var byte: UInt8 = 1
            _ = unsafe write(descriptor, &byte, 1)
        }
    }

    /// Reads until the child has ended; blocks.
    func watch() -> ProcessResult {
        var watch = Watch(limit: request.timeLimit, grace: request.grace)
        var captured = (output: Capture(limit: request.outputLimit), error: Capture(limit: request.outputLimit))
        while !watch.isOver {
            var descriptors = [
                pollfd(fd: pidDescriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: captured.output.isOpen ? output : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: captured.error.isOpen ? error : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: watch.isStopping ? -1 : wakeRead, events: Int16(POLLIN), revents: 0),
            ]
            _ = unsafe poll(&descriptors, nfds_t(descriptors.count), watch.pollMilliseconds)
            if descriptors[1].revents != 0 { captured.output.read(from: output) }
            if descriptors[2].revents != 0 { captured.error.read(from: error) }
            watch.step(
                childEnded: descriptors[0].revents != 0,
                pipesOpen: captured.output.isOpen || captured.error.isOpen,
                cancelled: descriptors[3].revents != 0
            )
            if let signal = watch.signalToSend { kill(-pid, signal) }
        }
        // Whatever the child left behind in its group goes with it, before its pid can be anybody else's.
        kill(-pid, SIGKILL)
        let status = reap()
        return ProcessResult(
            end: watch.end ?? status,
            output: captured.output.bytes,
            error: captured.error.bytes,
            truncated: captured.output.isTruncated || captured.error.isTruncated
        )
    }

    private func reap() -> ProcessResult.End {
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        wakeWrite.withLock { descriptor in
            close(descriptor)
            descriptor = -1
        }
        for descriptor in [pidDescriptor, output, error, wakeRead] { close(descriptor) }
        let signal = status & 0x7F
        return signal == 0 ? .exited((status >> 8) & 0xFF) : .signalled(signal)
    }
}

/// One of the child's output pipes, read to a limit.
private struct Capture {
    let limit: Int
    private(set) var bytes: [UInt8] = []
    private(set) var isOpen = true
    private(set) var isTruncated = false

    init(limit: Int) {
        self.limit = limit
    }

    mutating func read(from descriptor: Int32) {
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
        if count < 0 && errno == EINTR { return }
        guard count > 0 else {
            isOpen = false
            return
        }
        let room = limit - bytes.count
        bytes += chunk.prefix(min(count, room))
        if count > room { isTruncated = true }
    }
}

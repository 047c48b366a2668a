import Glibc
package import Model
package import Ports
import System
import Threads
import Timing

/// Runs programs with posix_spawn: each in its own process group, started and watched by one thread that sleeps in `poll`.
package struct SpawnRunner: ProcessRunner {
    private let openDescriptor: Child.DescriptorOpener

    package init() { self.init(openDescriptor: ChildProcess.descriptor(of:)) }

    init(openDescriptor: @escaping Child.DescriptorOpener) { self.openDescriptor = openDescriptor }

    package func run(_ request: ProcessRequest, for scope: Scope) async throws(ProcessError) -> ProcessResult {
        guard !Task.isCancelled else { return ProcessResult(end: .cancelled, output: [], error: []) }
        let child = try Child(request, openDescriptor)
        let result: Result<ProcessResult, ProcessError> = await withTaskCancellationHandler {
            do {
                return try await blocking(named: "child \(child.program)") { child.run() }
            } catch {
                return .failure(.notStarted(child.program, reason: "\(error)"))
            }
        } onCancel: {
            child.cancel()
        }
        return try result.get()
    }
}

/// One program to run: its pipes, and a pipe by which cancellation reaches the thread that runs it.
final class Child: Sendable {
    /// How long to wait for orphans that were sent SIGKILL.
    private static let orphanLimit = Duration.milliseconds(200)

    /// Opens a descriptor that becomes readable when a process ends; returns -1 with errno.
    typealias DescriptorOpener = @Sendable (pid_t) -> Int32

    let program: String
    private let request: ProcessRequest
    private let openDescriptor: DescriptorOpener
    private let wake: Wakeup

    init(_ request: ProcessRequest, _ openDescriptor: @escaping DescriptorOpener) throws(ProcessError) {
        guard let program = request.arguments.first else { throw .notStarted("", reason: "no program was named") }
        (self.request, self.program, self.openDescriptor) = (request, program, openDescriptor)
        do throws(ThreadError) {
            wake = try Wakeup()
        } catch {
            throw .notStarted(program, reason: systemErrorText(error.code))
        }
    }

    /// From any thread, at any time.
    func cancel() { wake.wake() }

    /// Starts the program and reads until it has ended; blocks.
    func run() -> Result<ProcessResult, ProcessError> {
        Result { () throws(ProcessError) in
            let output = try OutputPipe(for: program, limit: request.outputLimit)
            let error = try OutputPipe(for: program, limit: request.outputLimit)
            return try watch(spawn(output, error), output, error)
        }
    }

    private func spawn(_ output: OutputPipe, _ error: OutputPipe) throws(ProcessError) -> pid_t {
        let input = if let lock = request.lock { try lockedInput(lock) } else { try writtenInput() }
        defer { if let input { close(input) } }
        var pid: pid_t = 0
        let code = ChildProcess.spawn(
            &pid,
            request.arguments,
            environment: request.environment,
            directory: request.directory,
            input: input,
            output: output.writeEnd,
            error: error.writeEnd
        )
        guard code == 0 else {
            throw code == ENOENT ? .notFound(program) : .notStarted(program, reason: systemErrorText(code))
        }
        return pid
    }

    /// Opens and locks the lock file. The child inherits it, and then only the child holds it.
    private func lockedInput(_ path: String) throws(ProcessError) -> Int32 {
        let descriptor = openFile(path, O_CREAT | O_RDWR)
        guard descriptor >= 0, RecordLock.acquireInheritable(descriptor) else {
            let code = errno
            if descriptor >= 0 { close(descriptor) }
            let isTaken = code == EACCES || code == EAGAIN
            let reason = isTaken ? "another one is at work: it holds \(path)" : "\(path): \(systemErrorText(code))"
            throw .notStarted(program, reason: reason)
        }
        return descriptor
    }

    /// Writes the input to a file in memory: the program may read it slowly, or not at all.
    private func writtenInput() throws(ProcessError) -> Int32? {
        guard let input = request.input else { return nil }
        let descriptor = makeMemoryFile()
        guard descriptor >= 0 else { throw .notStarted(program, reason: systemErrorText(errno)) }
        guard writeAll(input, to: descriptor) else {
            let code = errno
            close(descriptor)
            throw .notStarted(program, reason: "its input cannot be stored: \(systemErrorText(code))")
        }
        lseek(descriptor, 0, SEEK_SET)
        return descriptor
    }

    private func watch(
        _ pid: pid_t,
        _ output: OutputPipe,
        _ error: OutputPipe
    ) throws(ProcessError) -> ProcessResult {
        let descriptor = openDescriptor(pid)
        guard descriptor >= 0 else {
            // Nothing would tell us of its end: better no child than one that is waited for without a limit.
            let reason = systemErrorText(errno)
            _ = end(pid)
            throw .notStarted(program, reason: "it cannot be watched: \(reason)")
        }
        defer { close(descriptor) }
        output.closeWriteEnd()
        error.closeWriteEnd()
        var watch = ChildWatch(limit: request.timeLimit, grace: request.grace)
        while !watch.isOver {
            var descriptors = [
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: output.isOpen ? output.readEnd : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: error.isOpen ? error.readEnd : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: watch.isStopping ? -1 : wake.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            _ = unsafe poll(&descriptors, nfds_t(descriptors.count), watch.pollMilliseconds)
            if descriptors[1].revents != 0 { output.read() }
            if descriptors[2].revents != 0 { error.read() }
            watch.step(
                childEnded: descriptors[0].revents != 0,
                pipesOpen: output.isOpen || error.isOpen,
                cancelled: descriptors[3].revents != 0
            )
            if let signal = watch.signalToSend { kill(-pid, signal) }
        }
        let status = end(pid)
        return ProcessResult(
            end: watch.end ?? status,
            output: output.bytes,
            error: error.bytes,
            truncated: output.isTruncated || error.isTruncated
        )
    }

    /// Ends the child and the rest of its process group, before its pid can be used again.
    private func end(_ pid: pid_t) -> ProcessResult.End {
        kill(-pid, SIGKILL)
        var status: Int32 = 0
        while unsafe waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        reapOrphans(of: pid)
        let signal = status & 0x7F
        return signal == 0 ? .exited((status >> 8) & 0xFF) : .signalled(signal)
    }

    /// Reads the statuses of what the child left behind, as a PID 1 must: only its group's, for other children may have ended.
    private func reapOrphans(of group: pid_t) {
        let deadline = SystemClock().uptime + Self.orphanLimit
        while SystemClock().uptime < deadline {
            let pid = waitpid(-group, nil, WNOHANG)
            if pid < 0 && errno != EINTR { return }
            if pid == 0 { usleep(1000) }
        }
    }
}

/// A pipe for the output of a child, and what came from it, up to a limit. Both ends are closed with it at the latest.
final class OutputPipe {
    let readEnd: Int32
    /// -1 once it is closed.
    private(set) var writeEnd: Int32
    private let limit: Int
    private(set) var bytes: [UInt8] = []
    private(set) var isOpen = true
    private(set) var isTruncated = false

    /// - Parameter program: the program that it is for.
    init(for program: String, limit: Int) throws(ProcessError) {
        guard let pipe = makePipe() else { throw .notStarted(program, reason: systemErrorText(errno)) }
        (readEnd, writeEnd) = pipe
        self.limit = limit
    }

    deinit {
        close(readEnd)
        closeWriteEnd()
    }

    func closeWriteEnd() {
        if writeEnd >= 0 { close(writeEnd) }
        writeEnd = -1
    }

    func read() {
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(readEnd, $0.baseAddress, $0.count) }
        if count < 0 && errno == EINTR { return }
        guard count > 0 else {
            isOpen = false
            return
        }
        let space = limit - bytes.count
        bytes += chunk.prefix(min(count, space))
        if count > space { isTruncated = true }
    }
}

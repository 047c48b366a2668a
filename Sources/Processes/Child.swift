import Glibc
import Model
import Ports
import System
import Timing

/// One program to run: its pipes, and a pipe by which cancellation reaches the thread that runs it.
final class Child: Sendable {
    /// How long to wait for orphans that were sent SIGKILL.
    private static let orphanLimit = Duration.milliseconds(200)

    /// Opens a descriptor that becomes readable when a process ends; returns -1 with errno.
    typealias DescriptorOpener = @Sendable (pid_t) -> Int32

    let program: String
    private let request: ProcessRequest
    private let openDescriptor: DescriptorOpener
    private let output: Pipe
    private let error: Pipe
    private let wake: Pipe

    init(_ request: ProcessRequest, _ openDescriptor: @escaping DescriptorOpener) throws(ProcessError) {
        guard let program = request.arguments.first else { throw .notStarted("", reason: "no program was named") }
        (self.request, self.program, self.openDescriptor) = (request, program, openDescriptor)
        output = try Pipe(for: program)
        error = try Pipe(for: program)
        wake = try Pipe(for: program)
    }

    /// From any thread, at any time.
    func cancel() { wake.withWriteEnd { descriptor in _ = writeAll([1], to: descriptor) } }

    /// Starts the program and reads until it has ended; blocks.
    func run() -> Result<ProcessResult, ProcessError> {
        Result { () throws(ProcessError) in try watch(spawn()) }
    }

    private func spawn() throws(ProcessError) -> pid_t {
        let input = request.lock == nil ? try writtenInput() : try lockedInput()
        defer { if let input { close(input) } }
        var pid: pid_t = 0
        let code = output.withWriteEnd { output in
            error.withWriteEnd { error in
                ChildProcess.spawn(
                    &pid,
                    request.arguments,
                    environment: request.environment,
                    directory: request.directory,
                    input: input,
                    output: output,
                    error: error
                )
            }
        }
        guard code == 0 else {
            throw code == ENOENT ? .notFound(program) : .notStarted(program, reason: systemErrorText(code))
        }
        return pid
    }

    /// Opens and locks the lock file; nil if the request has none. The child inherits it, and then only the child holds it.
    private func lockedInput() throws(ProcessError) -> Int32? {
        guard let path = request.lock else { return nil }
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

    private func watch(_ pid: pid_t) throws(ProcessError) -> ProcessResult {
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
        var captured = (output: Capture(limit: request.outputLimit), error: Capture(limit: request.outputLimit))
        while !watch.isOver {
            var descriptors = [
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: captured.output.isOpen ? output.readEnd : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: captured.error.isOpen ? error.readEnd : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: watch.isStopping ? -1 : wake.readEnd, events: Int16(POLLIN), revents: 0),
            ]
            _ = unsafe poll(&descriptors, nfds_t(descriptors.count), watch.pollMilliseconds)
            if descriptors[1].revents != 0 { captured.output.read(from: output.readEnd) }
            if descriptors[2].revents != 0 { captured.error.read(from: error.readEnd) }
            watch.step(
                childEnded: descriptors[0].revents != 0,
                pipesOpen: captured.output.isOpen || captured.error.isOpen,
                cancelled: descriptors[3].revents != 0
            )
            if let signal = watch.signalToSend { kill(-pid, signal) }
        }
        let status = end(pid)
        return ProcessResult(
            end: watch.end ?? status,
            output: captured.output.bytes,
            error: captured.error.bytes,
            truncated: captured.output.isTruncated || captured.error.isTruncated
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

    /// Reads the statuses of what the child left behind, which a PID 1 must do: a container without an init. Only those of its
    /// group: another child of ours may have ended too.
    private func reapOrphans(of group: pid_t) {
        let deadline = SystemClock().uptime + Self.orphanLimit
        while SystemClock().uptime < deadline {
            let pid = waitpid(-group, nil, WNOHANG)
            if pid < 0 && errno != EINTR { return }
            if pid == 0 { usleep(1000) }
        }
    }
}

import Glibc
import Model
import Threads

/// Held while a sandbox is begun or removed, so that no two processes do that at the same time, each sweeping up what the
/// other is laying out. The kernel gives it back when its holder ends.
struct MachineLock: Sendable {
    private let descriptor: Int32

    /// Locks a directory that is always there (flock(2)): the sandboxes' own comes and goes.
    init() async throws(SandboxError) {
        let descriptor = unsafe open("/var/lib", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .folder("/var/lib", reason: systemErrorText(errno)) }
        do {
            try await blocking(named: "lock") { while flock(descriptor, LOCK_EX) != 0 && errno == EINTR {} }
        } catch {
            close(descriptor)
            throw .folder("/var/lib", reason: "\(error)")
        }
        self.descriptor = descriptor
    }

    func release() { close(descriptor) }
}

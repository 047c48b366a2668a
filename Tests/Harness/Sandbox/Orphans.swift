import Files
import Glibc
import Model
import Ports
import System

/// The processes that a program left behind when it was killed: they fall to this process once it adopts orphans, and end
/// with `end()`.
package struct Orphans: Sendable {
    private let others: Set<pid_t>

    /// Adopts orphans from now on; the children that this process has already are no orphans.
    package init() throws(SandboxError) {
        try adoptOrphans()
        others = Self.children
    }

    /// Kills what is left, children of children too, which fall to this process as their parents end.
    package func end() {
        while true {
            let left = Self.children.subtracting(others)
            if left.isEmpty { return }
            for pid in left { kill(pid, SIGKILL) }
            for pid in left { while waitpid(pid, nil, 0) < 0 && errno == EINTR {} }
        }
    }

    private static var children: Set<pid_t> {
        let files = SystemFiles()
        let threads = (try? files.list("/proc/self/task", for: .run)) ?? []
        let lists = threads.compactMap { TextFile.read("/proc/self/task/\($0)/children") }
        return Set(lists.flatMap { $0.split(separator: " ").compactMap { pid_t($0) } })
    }
}

/// Makes this process the one that orphans among its descendants fall to (PR_SET_CHILD_SUBREAPER in prctl(2), which Swift
/// does not import).
package func adoptOrphans() throws(SandboxError) {
    typealias Function = @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32
    guard let symbol = unsafe dlsym(nil, "prctl") else { throw .program("prctl", said: "it is missing") }
    let prctl = unsafe unsafeBitCast(symbol, to: Function.self)
    guard prctl(36, 1, 0, 0, 0) == 0 else { throw .program("prctl", said: systemErrorText(errno)) }
}

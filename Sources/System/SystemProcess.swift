import CSystem
import Glibc

/// System calls about this process, its signals and threads.
package enum CurrentProcess {
    /// Blocks signals in the calling thread and in all threads that it starts later.
    package static func blockSignals(_ signals: [Int32]) {
        unsafe signals.withUnsafeBufferPointer { unsafe landfall_block_signals($0.baseAddress, Int32($0.count)) }
    }

    /// Waits for one of these signals and returns it.
    package static func waitForSignal(_ signals: [Int32]) -> Int32 {
        unsafe signals.withUnsafeBufferPointer { unsafe landfall_wait_signal($0.baseAddress, Int32($0.count)) }
    }

    /// Gives free heap, and the pages of programs and libraries that were only read, back to the system.
    package static func releaseMemory() { landfall_release_memory() }

    /// How many files the process may have open.
    package static var descriptorLimit: Int? {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        return Int(clamping: limit.rlim_cur)
    }

    /// Names the calling thread; at most 15 characters count.
    package static func nameThread(_ name: String) { unsafe landfall_name_thread(name) }

    /// Moves the calling thread into the network namespace that a descriptor holds; returns false with `errno` on failure.
    package static func enterNetwork(_ descriptor: Int32) -> Bool { landfall_enter_network(descriptor) == 0 }
}

/// System calls about other processes.
package enum ChildProcess {
    /// Starts `arguments[0]` in a new process group, with only these descriptors (nil: /dev/null); returns an errno value or 0.
    package static func spawn(
        _ pid: inout Int32,
        _ arguments: [String],
        environment: [String: String],
        directory: String?,
        input: Int32?,
        output: Int32,
        error: Int32
    ) -> Int32 {
        let arguments = unsafe arguments.map { unsafe strdup($0) } + [nil]
        let environment = unsafe environment.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
        defer {
            unsafe arguments.forEach { unsafe free($0) }
            unsafe environment.forEach { unsafe free($0) }
        }
        return unsafe landfall_spawn(&pid, arguments, environment, directory, input ?? -1, output, error)
    }

    /// A descriptor that becomes readable when a process ends; -1 with `errno` on failure.
    package static func descriptor(of pid: Int32) -> Int32 { landfall_pidfd_open(pid) }

    /// Sends a signal to the process that a descriptor holds; returns false with `errno` on failure.
    package static func signal(_ descriptor: Int32, _ signal: Int32) -> Bool {
        landfall_pidfd_signal(descriptor, signal) == 0
    }
}

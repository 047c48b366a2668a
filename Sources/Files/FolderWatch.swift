import Glibc
import Model
import Ports
import Synchronization
import System

/// Watches folders, and the folders in them, for files that come, change and go (inotify(7)). A folder that is not there yet, or
/// was replaced, is looked for every few seconds.
package final class FolderWatch: Sendable {
    private static let interval: Int32 = 5_000
    /// How deep folders are nested, and how many names of one are looked at.
    private static let (deepest, mostNames) = (5, 10_000)
    /// What comes within this time is one change.
    private static let pause: UInt32 = 50_000
    private static let changes =
        UInt32(IN_CREATE) | UInt32(IN_CLOSE_WRITE) | UInt32(IN_MOVED_TO) | UInt32(IN_MOVED_FROM) | UInt32(IN_DELETE)
        | UInt32(IN_DELETE_SELF) | UInt32(IN_MOVE_SELF)

    private struct State {
        /// Nil before the first look.
        var watched: Set<String>?
        var isOver = false
        var failure: String?
    }

    private let folders: [String]
    private let descriptor: Int32
    private let state = Mutex(State())

    /// Nil if inotify is not available.
    package init?(_ folders: [String]) {
        self.folders = folders
        descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        guard descriptor >= 0 else { return nil }
        _ = watchAll()
    }

    deinit { close(descriptor) }

    /// Why a folder that is there is not watched; nil if all are.
    package var failure: String? { state.withLock(\.failure) }

    package func stop() { state.withLock { $0.isOver = true } }

    /// Waits until something in the folders changed. Returns false when it was stopped.
    package func wait() -> Bool {
        while !state.withLock(\.isOver) {
            if watchAll() { return true }
            var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard unsafe Glibc.poll(&poll, 1, Self.interval) > 0 else { continue }
            // A program that writes without end causes a run now and then, and no busy loop.
            usleep(Self.pause)
            drain()
            _ = watchAll()
            return true
        }
        return false
    }

    private func drain() {
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while unsafe buffer.withUnsafeMutableBytes({ unsafe read(descriptor, $0.baseAddress, $0.count) }) > 0 {}
    }

    /// Watches what is there; true if there is a folder that was not watched before.
    private func watchAll() -> Bool {
        var present: Set<String> = []
        for folder in folders { watch(folder, depth: 0, &present) }
        return state.withLock { state in
            defer { state.watched = present }
            return state.watched.map { !present.subtracting($0).isEmpty } ?? false
        }
    }

    private func watch(_ folder: String, depth: Int, _ present: inout Set<String>) {
        let flags = Self.changes | UInt32(IN_ONLYDIR)
        guard unsafe inotify_add_watch(descriptor, folder, flags) >= 0 else {
            let code = errno
            if code == ENOSPC || code == ENOMEM {
                let text = "\(folder): \(systemErrorText(code)); fs.inotify.max_user_watches raises the limit"
                state.withLock { $0.failure = text }
            }
            return
        }
        present.insert(folder)
        guard depth < Self.deepest else { return }
        let files = SystemFiles()
        let names = (try? files.list(folder, for: .run)) ?? []
        for name in names.prefix(Self.mostNames) where !name.hasPrefix(".") {
            let path = "\(folder)/\(name)"
            guard (try? files.information(path, for: .run))?.isOwnDirectory == true else { continue }
            watch(path, depth: depth + 1, &present)
        }
    }
}

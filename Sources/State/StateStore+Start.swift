import CSQLite
import Glibc
package import Model

extension StateStore {
    /// A damaged store that was found at a start, as it is remembered in the new one.
    struct DamagedStore: Hashable, Sendable, Codable {
        /// How long it is told.
        static let span = Duration.seconds(86_400)

        /// Where it was moved; nil where it was only read.
        let path: String?
        /// Why it counts as damaged.
        let reason: String
        let found: Timestamp
    }

    /// Opens the store of a process that goes on where another one ended, and checks it. State is safe to lose, and a start
    /// must not fail because of it: a damaged store is set aside under a dated name, and an empty one takes its place; while
    /// the disk is full or fails, what can be read is kept in memory, and written as soon as that is possible.
    package static func starting(path: String, at now: Timestamp) throws(StateError) -> StateStore {
        do throws(StateError) {
            return StateStore(try checked(path))
        } catch {
            if error.isOfDisk { return try inMemory((try? readable(path)) ?? [:], instead: path, error) }
            guard error.isDamage else { throw error }
            return try replacement(for: path, error, at: now)
        }
    }

    /// Opens the store of a process that only shows what it would do: it writes nothing, and a damaged store counts as empty.
    package static func inspecting(path: String, at now: Timestamp) throws(StateError) -> StateStore {
        do throws(StateError) {
            guard let store = try reading(path: path) else { return try inMemory() }
            try store.check()
            return store
        } catch {
            if error.isOfDisk { return StateStore(try Connection.holding(try readable(path))) }
            guard error.isDamage else { throw error }
            let store = try inMemory()
            try store.note(DamagedStore(path: nil, reason: error.description, found: now))
            return store
        }
    }

    /// That a damaged store was found within the last day; a sentence, nil if none was.
    package func damageNotice(at now: Timestamp) -> String? {
        guard let damaged = try? damagedStore.load(Self.damagedKey) else { return nil }
        return damaged.notice(at: now)
    }

    /// Opens the store at `path` and checks all of it.
    static func checked(_ path: String) throws(StateError) -> Connection {
        let connection = try Connection.creating(path)
        try connection.check()
        return connection
    }

    /// A store in memory, until the one at `path` can be used.
    private static func inMemory(
        _ entries: [String: [String: String]] = [:],
        instead path: String,
        _ error: StateError
    ) throws(StateError) -> StateStore {
        StateStore(try Connection.holding(entries), writeError: error, unopened: path)
    }

    /// The entries of a store beside which nothing can be created. A lock on all of it makes SQLite do without shared memory
    /// (https://www.sqlite.org/wal.html#noshm).
    private static func readable(_ path: String) throws(StateError) -> [String: [String: String]] {
        let connection = try Connection(path: path, flags: SQLITE_OPEN_READWRITE)
        try connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        if let old = try connection.oldEntries() { return StateMigration.migrate(old, from: 0) }
        return try connection.entries()
    }

    private static func replacement(
        for path: String,
        _ error: StateError,
        at now: Timestamp
    ) throws(StateError) -> StateStore {
        let aside = "\(path).damaged-\(now.compact)"
        for suffix in ["-shm", "-wal", ""] {
            let isGone = unsafe rename(path + suffix, aside + suffix) == 0 || errno == ENOENT
            // One that stays in the way is left alone until somebody moves it.
            guard isGone else { return try inMemory(instead: path, error) }
        }
        let store: StateStore
        do throws(StateError) {
            store = try StateStore(path: path)
        } catch {
            store = try inMemory(instead: path, error)
        }
        try? store.note(DamagedStore(path: aside, reason: error.description, found: now))
        return store
    }

    private static let damagedKey = "damaged"

    private var damagedStore: Namespace<DamagedStore> { Namespace("state-store", in: self) }

    private func note(_ damaged: DamagedStore) throws(StateError) {
        try damagedStore.save(damaged, for: Self.damagedKey)
    }
}

extension StateStore.DamagedStore {
    /// Nil once it was told for long enough, or if the clock was set back since.
    fileprivate func notice(at now: Timestamp) -> String? {
        guard (.zero..<Self.span).contains(now - found) else { return nil }
        guard let path else {
            return
                "the state store is damaged (\(reason)), so nothing of it counts here; when Landfall starts, it sets the "
                + "damaged store aside and begins without state"
        }
        return
            "the state store was damaged (\(reason)) and was moved to \(path); Landfall began without state, so certificates "
            + "on disk count as deployed; delete the damaged store, or restore a backup"
    }
}

extension Connection {
    /// Throws if the file is damaged: its pages, or the table that a store consists of.
    func check() throws(StateError) {
        let finding = try rows("PRAGMA quick_check(1)", []).first?.first ?? "no answer"
        guard finding == "ok" else {
            throw StateError(code: SQLITE_CORRUPT, description: "\(path): \(sanitized(finding))")
        }
        _ = try rows("SELECT namespace, key, value FROM entry LIMIT 1", [])
    }
}

extension Timestamp {
    /// For the name of a file: `20261124T033700Z`.
    fileprivate var compact: String { String(description.prefix(19).filter { $0.isNumber || $0 == "T" }) + "Z" }
}

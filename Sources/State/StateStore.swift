import CSQLite
import Glibc
import Synchronization

/// What Landfall remembers between runs: values keyed by (namespace, key), in SQLite.
///
/// It holds states, never intentions. Every commit is one durable transaction: after a crash it happened or it did not.
/// Stores read and write through a `Namespace`.
///
/// **Unreadable is not missing.** A store that cannot be read throws; only an entry that is not there is nil. A commit that
/// cannot be written throws too, but its changes stay in memory, so that no effect is repeated in every run: they are
/// written with the next commit, and `writeError`, which every run reports, says why. So a store whose loss costs only
/// repeated work may ignore the error.
package final class StateStore: Sendable {
    /// Namespace → key → text; nil where the entry is removed.
    typealias Texts = [String: [String: String?]]

    struct State: ~Copyable {
        var connection: Connection
        /// What could not be written yet.
        var unsaved: Texts = [:]
        var writeError: String?
        /// The file that could not be opened at the start; until it can be, `connection` holds a copy in memory.
        var unopened: String?
    }

    private let state: Mutex<State>

    /// Opens the store at `path`: creates it where there is none, and migrates one of an older version.
    package init(path: String) throws(StateError) {
        state = Mutex(State(connection: try Connection.creating(path)))
    }

    /// Opens an existing store for reading only; nil when there is none. One of an older version is migrated in memory.
    package static func reading(path: String) throws(StateError) -> StateStore? {
        guard unsafe access(path, F_OK) == 0 || errno != ENOENT else { return nil }
        let flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
        let connection = try Connection(path: path, uri: readOnlyURI(path), flags: flags)
        guard let old = try connection.oldEntries() else { return StateStore(connection) }
        let copy = try Connection.holding(StateMigration.migrate(old, from: 0))
        try copy.execute("PRAGMA query_only = ON")
        return StateStore(copy)
    }

    /// SQLite would create a write-ahead log even for reading. Without one no process is writing, so it is opened as
    /// immutable.
    private static func readOnlyURI(_ path: String) -> String {
        let escaped = path.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%25")
            .split(separator: "?", omittingEmptySubsequences: false).joined(separator: "%3f")
            .split(separator: "#", omittingEmptySubsequences: false).joined(separator: "%23")
        let isAtRest = unsafe access(path + "-wal", F_OK) != 0
        return "file:\(escaped)\(isAtRest ? "?immutable=1" : "")"
    }

    /// An empty store that is forgotten with the process.
    package static func inMemory() throws(StateError) -> StateStore { try StateStore(path: ":memory:") }

    /// A store in memory that holds a `snapshot`, which another version may have made.
    package static func inMemory(
        _ snapshot: [String: [String: String]],
        version: Int
    ) throws(StateError) -> StateStore {
        let store = try inMemory()
        try store.commit(StateMigration.migrate(snapshot, from: version))
        return store
    }

    init(_ connection: consuming sending Connection, writeError: StateError? = nil, unopened: String? = nil) {
        state = Mutex(State(connection: connection, writeError: writeError?.description, unopened: unopened))
    }

    /// Why the last commit could not be written; nil when it was.
    package var writeError: String? { state.withLock { $0.writeError } }

    /// The same as a sentence for people.
    package var writeNotice: String? {
        writeError.map {
            "the state store cannot be written: \($0); free space on its disk, or restart Landfall if the file is "
                + "damaged, because what it should hold is only in memory until then"
        }
    }

    /// Throws if the store is damaged.
    func check() throws(StateError) { try state.withLock { state throws(StateError) in try state.connection.check() } }

    /// Everything, by namespace and key, as the store keeps it; its version is `StateMigration.version`.
    package func snapshot() throws(StateError) -> [String: [String: String]] {
        try state.withLock { state throws(StateError) in
            var texts = try state.connection.entries()
            for (namespace, changes) in state.unsaved {
                for (key, text) in changes { texts[namespace, default: [:]][key] = text }
            }
            return texts
        }
    }

    /// The texts of a namespace, as the store keeps them. Stores use a `Namespace`.
    package func texts(in namespace: String) throws(StateError) -> [String: String] {
        try state.withLock { state throws(StateError) in
            var texts = try state.connection.rows("SELECT key, value FROM entry WHERE namespace = ?", [namespace])
                .reduce(into: [:]) { $0[$1[0]] = $1[1] }
            for (key, text) in state.unsaved[namespace] ?? [:] { texts[key] = text }
            return texts
        }
    }

    package func text(of key: String, in namespace: String) throws(StateError) -> String? {
        try state.withLock { state throws(StateError) in try state.text(of: key, in: namespace) }
    }

    /// Writes all `changes` or none, by namespace and key; a nil text removes the entry. Does nothing where all of it is in
    /// the store already.
    package func commit(_ changes: [String: [String: String?]]) throws(StateError) {
        guard changes.contains(where: { !$0.value.isEmpty }) else { return }
        try state.withLock { state throws(StateError) in
            let isWritten = state.unsaved.isEmpty && state.unopened == nil
            if isWritten, (try? state.holds(changes)) == true { return }
            for (namespace, texts) in changes { state.unsaved[namespace, default: [:]].merge(texts) { $1 } }
            do throws(StateError) {
                if let path = state.unopened { state.connection = try Self.checked(path) }
                state.unopened = nil
                try state.connection.write(state.unsaved)
                (state.unsaved, state.writeError) = ([:], nil)
            } catch {
                state.writeError = error.description
                throw error
            }
        }
    }
}

extension StateStore.State {
    fileprivate func text(of key: String, in namespace: String) throws(StateError) -> String? {
        if let unsaved = unsaved[namespace]?[key] { return unsaved }
        let select = "SELECT value FROM entry WHERE namespace = ? AND key = ?"
        return try connection.rows(select, [namespace, key]).first?[0]
    }

    fileprivate func holds(_ changes: StateStore.Texts) throws(StateError) -> Bool {
        for (namespace, texts) in changes {
            for (key, text) in texts where try self.text(of: key, in: namespace) != text { return false }
        }
        return true
    }
}

extension Connection {
    /// Opens the store at `path`: creates it where there is none, and migrates one of an older version.
    static func creating(_ path: String) throws(StateError) -> Connection {
        keepPrivate(path)
        let connection = try Connection(path: path, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
        // WAL with full synchronisation: a commit survives a power cut
        // (https://www.sqlite.org/pragma.html#pragma_synchronous).
        try connection.execute("PRAGMA journal_mode = WAL")
        try connection.execute("PRAGMA synchronous = FULL")
        try connection.migrate()
        return connection
    }

    /// A store in memory.
    static func holding(_ entries: [String: [String: String]]) throws(StateError) -> Connection {
        let connection = try Connection(path: ":memory:", flags: SQLITE_OPEN_READWRITE)
        try connection.create(entries)
        return connection
    }

    /// SQLite would make the store readable to all; its other files get the same mode. Never opens a store that exists:
    /// closing it would release the locks of this process on it (fcntl(2)).
    private static func keepPrivate(_ path: String) {
        guard path != ":memory:" else { return }
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 { close(descriptor) } else { unsafe chmod(path, 0o600) }
    }

    /// Brings the store to the present version, in one transaction.
    fileprivate func migrate() throws(StateError) {
        guard try version() != StateMigration.version else { return }
        try transaction { () throws(StateError) in
            // Another process may have done it since.
            guard let old = try oldEntries() else { return }
            try create(StateMigration.migrate(old, from: 0))
            try execute("DROP TABLE IF EXISTS fact")
        }
    }

    /// The entries of a store that has version 0, the one that Landfall 0.1.0 wrote or an empty one; nil when it has the
    /// present version.
    func oldEntries() throws(StateError) -> [String: [String: String]]? {
        let version = try version()
        guard version <= StateMigration.version else {
            throw StateError(
                code: SQLITE_MISMATCH,
                description: "\(path) was written by a newer Landfall (state version \(version); this one reads up to "
                    + "\(StateMigration.version))"
            )
        }
        guard version == 0 else { return nil }
        guard try !rows("SELECT 1 FROM sqlite_master WHERE name = 'fact'", []).isEmpty else { return [:] }
        return try rows("SELECT room, key, value FROM fact", [])
            .reduce(into: [:]) { $0[$1[0], default: [:]][$1[1]] = $1[2] }
    }

    /// All entries of a store of the present version.
    func entries() throws(StateError) -> [String: [String: String]] {
        try rows("SELECT namespace, key, value FROM entry", [])
            .reduce(into: [:]) { $0[$1[0], default: [:]][$1[1]] = $1[2] }
    }

    private func version() throws(StateError) -> Int {
        try rows("PRAGMA user_version", []).first.flatMap { Int($0[0]) } ?? 0
    }

    /// Makes an empty store of the present version, and fills it.
    fileprivate func create(_ entries: [String: [String: String]]) throws(StateError) {
        try execute(
            """
            CREATE TABLE entry (
                namespace TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (namespace, key)
            ) WITHOUT ROWID
            """
        )
        try execute("PRAGMA user_version = \(StateMigration.version)")
        try insert(entries.mapValues { $0.mapValues { $0 } })
    }

    fileprivate func write(_ changes: StateStore.Texts) throws(StateError) {
        try transaction { () throws(StateError) in try insert(changes) }
    }

    private func insert(_ changes: StateStore.Texts) throws(StateError) {
        let insert = "INSERT INTO entry VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"
        for (namespace, texts) in changes {
            for (key, text) in texts {
                if let text {
                    _ = try rows(insert, [namespace, key, text])
                } else {
                    _ = try rows("DELETE FROM entry WHERE namespace = ? AND key = ?", [namespace, key])
                }
            }
        }
    }
}

/// Why the store could not be read or written: disk full, corrupt, no permission. The description names the file.
package struct StateError: Error, Hashable, Sendable, CustomStringConvertible {
    let code: Int32
    package let description: String

    /// The file is no store that any Landfall left: its pages are wrong, or its tables.
    package var isDamage: Bool { [SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_ERROR].contains(code) }

    /// There is no space to write, or the disk fails. That may end by itself.
    var isOfDisk: Bool { code == SQLITE_FULL || code == SQLITE_IOERR }
}

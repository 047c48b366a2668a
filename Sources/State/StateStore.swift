import CSQLite
import Glibc
import Synchronization

/// What Landfall remembers between runs, as states, never as intentions: facts keyed by (room, key), in SQLite.
///
/// Every `commit` is one durable transaction: after a crash it happened or it did not.
public final class StateStore: Sendable {
    /// Room → key → value, nil where the fact is gone.
    private typealias Changes = [String: [String: String?]]

    private struct State: ~Copyable {
        let connection: Connection
        /// What could not be written. This process goes by it all the same: an effect is not repeated in every run
        /// because a disk is full. It goes in with the next commit.
        var unsaved: Changes = [:]
        var trouble: String?
    }

    private let state: Mutex<State>

    /// Opens the store at `path`, making it when it is not there.
    public init(path: String) throws(StateError) {
        Self.keepPrivate(path)
        let connection = try Connection(path: path, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
        // WAL with full synchronisation: a commit survives a power cut
        // (https://www.sqlite.org/pragma.html#pragma_synchronous).
        try connection.execute("PRAGMA journal_mode = WAL")
        try connection.execute("PRAGMA synchronous = FULL")
        try connection.execute(Self.schema)
        state = Mutex(State(connection: connection))
    }

    /// Opens an existing store for looking only; nil when there is none.
    public static func reading(path: String) throws(StateError) -> StateStore? {
        guard unsafe access(path, F_OK) == 0 || errno != ENOENT else { return nil }
        return StateStore(try Connection(path: readOnlyURI(path), flags: SQLITE_OPEN_READONLY | SQLITE_OPEN_URI))
    }

    /// Without a write-ahead log nobody is at work in the store, and SQLite is told so: else it would make that log.
    private static func readOnlyURI(_ path: String) -> String {
        let escaped = path.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%25")
            .split(separator: "?", omittingEmptySubsequences: false).joined(separator: "%3f")
            .split(separator: "#", omittingEmptySubsequences: false).joined(separator: "%23")
        let isAtRest = unsafe access(path + "-wal", F_OK) != 0
        return "file:\(escaped)\(isAtRest ? "?immutable=1" : "")"
    }

    /// SQLite would make the store readable to all; its other files take after it. Never opens a store that is there:
    /// closing it again would drop the locks of this process on it (fcntl(2)).
    private static func keepPrivate(_ path: String) {
        guard path != ":memory:" else { return }
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 { close(descriptor) } else { unsafe chmod(path, 0o600) }
    }

    /// An empty store that is forgotten with the process.
    public static func inMemory() throws(StateError) -> StateStore {
        try StateStore(path: ":memory:")
    }

    private init(_ connection: consuming sending Connection) {
        state = Mutex(State(connection: connection))
    }

    /// What kept the last commit from being written; nil when it was.
    public var trouble: String? { state.withLock { $0.trouble } }

    private static let schema = """
        CREATE TABLE IF NOT EXISTS fact (
            room TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (room, key)
        ) WITHOUT ROWID
        """

    /// All facts of a room.
    public func facts(in room: String) throws(StateError) -> [String: String] {
        try state.withLock { state throws(StateError) in
            var facts = try state.connection.rows("SELECT key, value FROM fact WHERE room = ?", [room])
                .reduce(into: [:]) { $0[$1[0]] = $1[1] }
            for (key, value) in state.unsaved[room] ?? [:] { facts[key] = value }
            return facts
        }
    }

    /// Everything, by room and key.
    public func snapshot() throws(StateError) -> [String: [String: String]] {
        try state.withLock { state throws(StateError) in
            var facts: [String: [String: String]] = [:]
            for row in try state.connection.rows("SELECT room, key, value FROM fact", []) {
                facts[row[0], default: [:]][row[1]] = row[2]
            }
            for (room, changes) in state.unsaved {
                for (key, value) in changes { facts[room, default: [:]][key] = value }
            }
            return facts
        }
    }

    public func fact(_ key: String, in room: String) throws(StateError) -> String? {
        try state.withLock { state throws(StateError) in
            if let unsaved = state.unsaved[room]?[key] { return unsaved }
            let select = "SELECT value FROM fact WHERE room = ? AND key = ?"
            return try state.connection.rows(select, [room, key]).first?[0]
        }
    }

    /// Writes all `changes` or none; a nil value removes the fact. On an error, this process remembers them all the same.
    public func commit(_ changes: [String: String?], in room: String) throws(StateError) {
        try commit([room: changes])
    }

    /// The same in several rooms at once, by room.
    public func commit(_ changes: [String: [String: String?]]) throws(StateError) {
        guard changes.contains(where: { !$0.value.isEmpty }) else { return }
        try state.withLock { state throws(StateError) in
            for (room, facts) in changes { state.unsaved[room, default: [:]].merge(facts) { $1 } }
            do throws(StateError) {
                try Self.write(state.unsaved, to: state.connection)
                (state.unsaved, state.trouble) = ([:], nil)
            } catch {
                state.trouble = error.description
                throw error
            }
        }
    }

    private static func write(_ changes: Changes, to connection: borrowing Connection) throws(StateError) {
        try connection.execute("BEGIN IMMEDIATE")
        do throws(StateError) {
            for (room, facts) in changes {
                for (key, value) in facts { try write(key, value, in: room, to: connection) }
            }
            try connection.execute("COMMIT")
        } catch {
            try? connection.execute("ROLLBACK")
            throw error
        }
    }

    private static func write(
        _ key: String,
        _ value: String?,
        in room: String,
        to connection: borrowing Connection
    ) throws(StateError) {
        if let value {
            let statement = "INSERT INTO fact VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"
            _ = try connection.rows(statement, [room, key, value])
        } else {
            _ = try connection.rows("DELETE FROM fact WHERE room = ? AND key = ?", [room, key])
        }
    }
}

/// The store could not do it: disk full, corrupt, no permission. The description names the file.
public struct StateError: Error, Hashable, Sendable, CustomStringConvertible {
    let code: Int32
    public let description: String
}

import CSQLite
import Glibc
import Synchronization

/// What Landfall remembers between runs, as states, never as intentions: facts keyed by (room, key), in SQLite.
///
/// Every `commit` is one durable transaction: after a crash it happened or it did not.
public final class StateStore: Sendable {
    private let connection: Mutex<Connection>

    /// Opens the store at `path`, making it when it is not there.
    public init(path: String) throws(StateError) {
        // SQLite would make it readable to all; its other files take after it.
        if path != ":memory:" { close(unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)) }
        let connection = try Connection(path: path, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
        // WAL with full synchronisation: a commit survives a power cut
        // (https://www.sqlite.org/pragma.html#pragma_synchronous).
        try connection.execute("PRAGMA journal_mode = WAL")
        try connection.execute("PRAGMA synchronous = FULL")
        try connection.execute(Self.schema)
        self.connection = Mutex(connection)
    }

    /// Opens an existing store for looking only; nil when there is none.
    public static func reading(path: String) throws(StateError) -> StateStore? {
        do throws(StateError) {
            return StateStore(try Connection(path: path, flags: SQLITE_OPEN_READONLY))
        } catch {
            if error.isMissing { return nil }
            throw error
        }
    }

    /// An empty store that is forgotten with the process.
    public static func inMemory() throws(StateError) -> StateStore {
        try StateStore(path: ":memory:")
    }

    private init(_ connection: consuming sending Connection) {
        self.connection = Mutex(connection)
    }

    private static let schema = """
        CREATE TABLE IF NOT EXISTS fact (
            room TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (room, key)
        ) WITHOUT ROWID
        """

    /// All facts of a room.
    public func facts(in room: String) throws(StateError) -> [String: String] {
        try connection.withLock { connection throws(StateError) in
            try connection.rows("SELECT key, value FROM fact WHERE room = ?", [room])
                .reduce(into: [:]) { $0[$1[0]] = $1[1] }
        }
    }

    public func fact(_ key: String, in room: String) throws(StateError) -> String? {
        try connection.withLock { connection throws(StateError) in
            try connection.rows("SELECT value FROM fact WHERE room = ? AND key = ?", [room, key]).first?[0]
        }
    }

    /// Writes all `changes` or none; a nil value removes the fact.
    public func commit(_ changes: [String: String?], in room: String) throws(StateError) {
        guard !changes.isEmpty else { return }
        try connection.withLock { connection throws(StateError) in
            try connection.execute("BEGIN IMMEDIATE")
            do throws(StateError) {
                for (key, value) in changes { try Self.write(key, value, in: room, to: connection) }
                try connection.execute("COMMIT")
            } catch {
                try? connection.execute("ROLLBACK")
                throw error
            }
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

    var isMissing: Bool { code == SQLITE_CANTOPEN }
}

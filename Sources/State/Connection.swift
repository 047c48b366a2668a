import CSQLite
import Glibc

/// One SQLite connection, used by one caller at a time.
@safe
struct Connection: ~Copyable {
    private let handle: OpaquePointer?
    let path: String

    /// - Parameter uri: what is opened, where it is not simply `path`, which errors name.
    init(path: String, uri: String? = nil, flags: Int32) throws(StateError) {
        var opened: OpaquePointer?
        let code = unsafe sqlite3_open_v2(uri ?? path, &opened, flags | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK else {
            let error = unsafe StateError(code, of: opened, "\(path): \(String(cString: sqlite3_errstr(code)))")
            unsafe sqlite3_close_v2(opened)
            throw error
        }
        unsafe handle = unsafe opened
        self.path = path
        unsafe sqlite3_busy_timeout(handle, 5000)
    }

    deinit { unsafe sqlite3_close_v2(handle) }

    func execute(_ sql: String) throws(StateError) {
        guard unsafe sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw lastError() }
    }

    /// Runs `body` in one transaction that no other process can write into.
    func transaction(_ body: () throws(StateError) -> Void) throws(StateError) {
        try execute("BEGIN IMMEDIATE")
        do throws(StateError) {
            try body()
            try execute("COMMIT")
        } catch {
            try? execute("ROLLBACK")
            throw error
        }
    }

    /// Runs one statement with text parameters and returns its rows as text.
    func rows(_ sql: String, _ parameters: [String]) throws(StateError) -> [[String]] {
        var statement: OpaquePointer?
        guard unsafe sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK else { throw lastError() }
        defer { unsafe sqlite3_finalize(statement) }
        for (index, text) in parameters.enumerated() {
            let length = Int32(text.utf8.count)
            guard unsafe landfall_sqlite_bind_text(statement, Int32(index + 1), text, length) == SQLITE_OK else {
                throw lastError()
            }
        }
        var rows: [[String]] = []
        while true {
            switch unsafe sqlite3_step(statement) {
            case SQLITE_ROW:
                let columns = unsafe 0..<sqlite3_column_count(statement)
                rows.append(columns.map { column in unsafe Self.text(of: column, in: statement) })
            case SQLITE_DONE: return rows
            default: throw lastError()
            }
        }
    }

    private static func text(of column: Int32, in statement: OpaquePointer?) -> String {
        guard let text = unsafe sqlite3_column_text(statement, column) else { return "" }
        let count = unsafe Int(sqlite3_column_bytes(statement, column))
        return unsafe String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self)
    }

    private func lastError() -> StateError {
        unsafe StateError(sqlite3_errcode(handle), of: handle, "\(path): \(String(cString: sqlite3_errmsg(handle)))")
    }
}

extension StateError {
    /// An error of SQLite. A file that cannot be created on a full disk is an error of its own to SQLite (`CANTOPEN`).
    fileprivate init(_ code: Int32, of handle: OpaquePointer?, _ description: String) {
        let cause = unsafe sqlite3_system_errno(handle)
        let isFull = code == SQLITE_CANTOPEN && (cause == ENOSPC || cause == EDQUOT)
        self.init(code: isFull ? SQLITE_FULL : code, description: description)
    }
}

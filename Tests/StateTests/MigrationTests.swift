import CSQLite
import Files
import Model
import TestSupport
import Testing

@testable import State

@Suite struct MigrationTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/state.sqlite" }

    /// A store of Landfall 0.1.0.
    init() throws {
        folder = try TemporaryFolder()
        try run(try OldState.sql(), on: path)
    }

    private func expected() throws -> StateMigration.Snapshot {
        StateMigration.migrate(try OldState.snapshot(), from: 0)
    }

    @Test func `a store of 0.1.0 is migrated when it is opened`() throws {
        let migrated = try StateStore(path: path)
        #expect(try migrated.snapshot() == expected())
        try migrated.commit(["new": ["a": "1"]])
        let again = try StateStore(path: path)
        #expect(try again.snapshot() == expected().merging(["new": ["a": "1"]]) { $1 })
        #expect(try text("PRAGMA user_version") == "1")
        #expect(try text("SELECT count(*) FROM sqlite_master WHERE name = 'fact'") == "0")
    }

    @Test func `reading a store of 0.1.0 writes nothing`() throws {
        let before = try SystemFiles().read(path, limit: 1 << 20, for: .run)
        let reader = try #require(try StateStore.reading(path: path))
        #expect(try reader.snapshot() == expected())
        #expect(throws: StateError.self) { try reader.commit(["new": ["a": "1"]]) }
        #expect(try SystemFiles().read(path, limit: 1 << 20, for: .run) == before)
        #expect(try SystemFiles().list(folder.path, for: .run) == ["state.sqlite"])
    }

    @Test func `a migration that fails changes nothing, and the next one succeeds`() throws {
        try run("CREATE TABLE entry (stray TEXT)", on: path)
        #expect(throws: StateError.self) { try StateStore(path: path) }
        #expect(try text("PRAGMA user_version") == "0")
        #expect(try text("SELECT count(*) FROM fact") == "\(OldState.snapshot().values.reduce(0) { $0 + $1.count })")
        try run("DROP TABLE entry", on: path)
        #expect(try StateStore(path: path).snapshot() == expected())
    }

    @Test func `an empty file is an empty store`() throws {
        let path = folder.path + "/empty.sqlite"
        try SystemFiles().write([], to: path, mode: 0o600, for: .run)
        #expect(try StateStore.reading(path: path)?.snapshot().isEmpty == true)
        #expect(try StateStore(path: path).snapshot().isEmpty)
    }

    @Test func `a store of a newer version is refused`() throws {
        _ = try StateStore(path: path)
        try run("PRAGMA user_version = 2", on: path)
        let sentence = "\(path) was written by a newer Landfall (state version 2; this one reads up to 1)"
        #expect(#expect(throws: StateError.self) { try StateStore(path: path) }?.description == sentence)
        #expect(#expect(throws: StateError.self) { try StateStore.reading(path: path) }?.description == sentence)
    }

    @Test func `a snapshot of the present version is taken as it is`() throws {
        let snapshot = try expected()
        #expect(StateMigration.migrate(snapshot, from: StateMigration.version) == snapshot)
        #expect(try StateStore.inMemory(snapshot, version: StateMigration.version).snapshot() == snapshot)
    }

    private func text(_ query: String) throws -> String? {
        try Connection(path: path, flags: SQLITE_OPEN_READWRITE).rows(query, []).first?.first
    }
}

func dropTable(_ path: String) throws { try run("DROP TABLE entry", on: path) }

func run(_ sql: String, on path: String) throws {
    try Connection(path: path, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE).execute(sql)
}

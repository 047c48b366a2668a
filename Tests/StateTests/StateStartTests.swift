import Files
import Model
import TestSupport
import Testing

@testable import State

/// A start with a store that is damaged, or on a disk that is full.
@Suite struct StateStartTests {
    private let folder: TemporaryFolder
    private let now = Timestamp(seconds: 1_795_000_000)
    private let files = SystemFiles()
    private var path: String { folder.path + "/state.sqlite" }

    init() throws { folder = try TemporaryFolder() }

    private func write(_ bytes: [UInt8]) throws { try files.write(bytes, to: path, mode: 0o600, for: .run) }

    private func read() throws -> [UInt8] { try files.read(path, limit: 1 << 20, for: .run) }

    enum Damage: CaseIterable, Sendable { case garbage, page, cut, otherTables, noTable }

    private func damage(_ damage: Damage) throws {
        let entries = (0..<500).map { ("key \($0)", String(repeating: "x", count: 40)) }
        try StateStore(path: path).commit(["namespace": Dictionary(uniqueKeysWithValues: entries)])
        switch damage {
        case .garbage: try write(Array(repeating: 0x41, count: 5000))
        case .page:
            var bytes = try read()
            for place in 8192..<12_288 { bytes[place] = 0xFF }
            try write(bytes)
        case .cut: try write(Array(try read().prefix(10_000)))
        case .otherTables:
            try remove()
            try run("CREATE TABLE entry (stray TEXT)", on: path)
        case .noTable: try dropTable(path)
        }
    }

    private func remove() throws { try files.remove(path, for: .run) }

    @Test(arguments: Damage.allCases)
    func `a damaged store is set aside under a dated name, and an empty one begins`(kind: Damage) throws {
        try damage(kind)
        let damaged = try read()
        let store = try StateStore.starting(path: path, at: now)
        #expect(try store.texts(in: "namespace").isEmpty)
        try store.commit(["namespace": ["a": "1"]])
        #expect(store.writeError == nil)

        let aside = "\(path).damaged-20261118T110640Z"
        // One of another kind gets a write-ahead log when it is opened.
        if kind != .otherTables { #expect(try files.read(aside, limit: 1 << 20, for: .run) == damaged) }
        let notice = try #require(store.damageNotice(at: now))
        #expect(notice.hasPrefix("the state store was damaged (\(path): "), "\(notice)")
        #expect(notice.contains("was moved to \(aside); Landfall began without state"), "\(notice)")
        // Also after a restart, for a day.
        let again = try StateStore.starting(path: path, at: now)
        #expect(try again.texts(in: "namespace") == ["a": "1"])
        #expect(again.damageNotice(at: now + .seconds(86_399)) == notice)
        #expect(again.damageNotice(at: now + .seconds(86_400)) == nil)
    }

    @Test(arguments: [Damage.garbage, .page, .cut, .noTable])
    func `looking at a damaged store moves nothing, and says what is wrong`(kind: Damage) throws {
        try damage(kind)
        let (damaged, names) = (try read(), try files.list(folder.path, for: .run))
        let store = try StateStore.inspecting(path: path, at: now)
        #expect(try store.texts(in: "namespace").isEmpty)
        #expect(store.damageNotice(at: now)?.hasPrefix("the state store is damaged (\(path): ") == true)
        #expect(try read() == damaged)
        #expect(try files.list(folder.path, for: .run) == names)
    }

    @Test func `a store of a newer version is neither set aside nor opened`() throws {
        _ = try StateStore(path: path)
        try run("PRAGMA user_version = 2", on: path)
        #expect(throws: StateError.self) { try StateStore.starting(path: path, at: now) }
        #expect(throws: StateError.self) { try StateStore.inspecting(path: path, at: now) }
        #expect(try files.list(folder.path, for: .run).allSatisfy { !$0.contains("damaged") })
    }

    @Test func `a sound store is used as it is`() throws {
        try StateStore(path: path).commit(["namespace": ["a": "1"]])
        let store = try StateStore.starting(path: path, at: now)
        #expect(try store.texts(in: "namespace") == ["a": "1"])
        #expect(store.damageNotice(at: now) == nil)
        #expect(store.writeNotice == nil)
    }

    @Test(.enabled(if: SmallDisk.isPossible, "no file system can be mounted here"))
    func `on a full disk a first start begins without a file, and writes it once there is space`() throws {
        let disk = try SmallDisk(at: folder.path, size: 128 << 10)
        defer { withExtendedLifetime(disk) {} }
        disk.fill("\(folder.path)/filler")
        let store = try StateStore.starting(path: path, at: now)
        #expect(store.writeNotice?.hasPrefix("the state store cannot be written: \(path): ") == true)
        #expect(throws: StateError.self) { try store.commit(["namespace": ["a": "1"]]) }
        #expect(try store.text(of: "a", in: "namespace") == "1")

        try files.remove("\(folder.path)/filler", for: .run)
        try store.commit(["namespace": ["b": "2"]])
        #expect(store.writeNotice == nil)
        #expect(try StateStore(path: path).texts(in: "namespace") == ["a": "1", "b": "2"])
    }

    @Test(.enabled(if: SmallDisk.isPossible, "no file system can be mounted here"))
    func `on a full disk the state that is there counts`() throws {
        let disk = try SmallDisk(at: folder.path, size: 256 << 10)
        defer { withExtendedLifetime(disk) {} }
        try StateStore(path: path).commit(["namespace": ["a": "1"]])
        disk.fill("\(folder.path)/filler")
        // As after a crash without the files beside it, which a full disk does not let SQLite make.
        for suffix in ["-shm", "-wal"] { try? files.remove(path + suffix, for: .run) }
        let store = try StateStore.starting(path: path, at: now)
        #expect(try store.texts(in: "namespace") == ["a": "1"])
        #expect(throws: StateError.self) {
            try store.commit(["namespace": ["b": String(repeating: "x", count: 50_000)]])
        }

        try files.remove("\(folder.path)/filler", for: .run)
        try store.commit(["namespace": ["c": "3"]])
        #expect(try StateStore(path: path).texts(in: "namespace").keys.sorted() == ["a", "b", "c"])
    }

    @Test(.enabled(if: SmallDisk.isPossible, "no file system can be mounted here"))
    func `a damaged store that cannot be moved is left alone, and nothing is lost in this process`() throws {
        let disk = try SmallDisk(at: folder.path, size: 1 << 20)
        defer { withExtendedLifetime(disk) {} }
        try write(Array(repeating: 0x41, count: 5000))
        try disk.makeReadOnly()
        let store = try StateStore.starting(path: path, at: now)
        #expect(store.writeNotice != nil)
        #expect(throws: StateError.self) { try store.commit(["namespace": ["a": "1"]]) }
        #expect(try store.text(of: "a", in: "namespace") == "1")
        #expect(try read() == Array(repeating: 0x41, count: 5000))
    }
}

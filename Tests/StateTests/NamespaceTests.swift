import Model
import State
import TestSupport
import Testing

@Suite struct NamespaceTests {
    private struct Order: Codable, Hashable {
        var name: String
        var tries = 1
    }

    private let folder: TemporaryFolder
    private let store: StateStore
    private let orders: StateStore.Namespace<Order>

    init() throws {
        folder = try TemporaryFolder()
        store = try StateStore(path: folder.path + "/state.sqlite")
        orders = StateStore.Namespace("orders", in: store)
    }

    @Test func `a value is there for the next process`() throws {
        try orders.save(Order(name: "a/b"), for: "one")
        try orders.commit(["two": Order(name: "c", tries: 2), "three": nil])
        let again = StateStore.Namespace<Order>("orders", in: try StateStore(path: folder.path + "/state.sqlite"))
        #expect(try again.load("one") == Order(name: "a/b"))
        #expect(try again.all() == ["one": Order(name: "a/b"), "two": Order(name: "c", tries: 2)])
        #expect(try again.load("three") == nil)
        try orders.remove("one")
        #expect(try again.all().keys.sorted() == ["two"])
    }

    @Test func `a value is kept as JSON with sorted keys`() throws {
        try orders.save(Order(name: "a/b"), for: "one")
        #expect(try store.snapshot() == ["orders": ["one": #"{"name":"a/b","tries":1}"#]])
    }

    @Test func `several namespaces are written together`() throws {
        let numbers = StateStore.Namespace<Int>("numbers", in: store)
        try numbers.save(7, for: "old")
        var changes = StateStore.Changes()
        changes.save(Order(name: "a"), for: "one", in: orders)
        changes.save(3, for: "new", in: numbers)
        changes.remove("old", in: numbers)
        try store.commit(changes)
        #expect(try numbers.all() == ["new": 3])
        #expect(try orders.all().count == 1)
    }

    @Test func `a value that cannot be decoded is missing, and holds up no other`() throws {
        try store.commit(["orders": ["broken": "{", "other": #"{"name":1}"#]])
        try orders.save(Order(name: "a"), for: "one")
        #expect(try orders.all() == ["one": Order(name: "a")])
        #expect(try orders.load("broken") == nil)
    }

    @Test func `a value that cannot be encoded changes nothing`() throws {
        let numbers = StateStore.Namespace<Double>("numbers", in: store)
        #expect(throws: StateError.self) { try numbers.commit(["a": 1, "b": .nan]) }
        #expect(try store.snapshot().isEmpty)
    }

    @Test func `a store that cannot be read is not empty`() throws {
        let path = folder.path + "/state.sqlite"
        try orders.save(Order(name: "a"), for: "one")
        let damaged = try #require(try StateStore.reading(path: path))
        try dropTable(path)
        let unreadable = StateStore.Namespace<Order>("orders", in: damaged)
        #expect(throws: StateError.self) { try unreadable.load("one") }
        #expect(throws: StateError.self) { try unreadable.all() }
        #expect(unreadable.observation().reason?.hasPrefix("the state store cannot be read: ") == true)
        #expect(unreadable.allIfReadable().isEmpty)
    }
}

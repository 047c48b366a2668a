import Files
import Model
import Ports
import State
import TestSupport
import Testing

@Suite struct StateStoreTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/state.sqlite" }

    init() throws { folder = try TemporaryFolder() }

    @Test func `what was committed is there for the next process`() throws {
        try StateStore(path: path).commit(["signals": ["a": "1", "b": "2"]])
        let again = try StateStore(path: path)
        #expect(try again.texts(in: "signals") == ["a": "1", "b": "2"])
        #expect(try again.texts(in: "notices").isEmpty)
        #expect(try again.text(of: "b", in: "signals") == "2")
    }

    @Test func `a commit replaces, adds and removes in one`() throws {
        let store = try StateStore.inMemory()
        try store.commit(["namespace": ["a": "1", "b": "2"]])
        try store.commit(["namespace": ["a": nil, "b": "3", "c": "4"]])
        #expect(try store.texts(in: "namespace") == ["b": "3", "c": "4"])
    }

    @Test func `several namespaces are written together`() throws {
        let store = try StateStore(path: path)
        try store.commit(["one": ["a": "1"], "two": ["a": "2", "b": nil]])
        #expect(try StateStore(path: path).snapshot() == ["one": ["a": "1"], "two": ["a": "2"]])
    }

    @Test func `a snapshot holds everything, also what could not be written`() throws {
        let store = try StateStore(path: path)
        try store.commit(["one": ["a": "1", "b": "2"]])
        try store.commit(["two": ["a": "3"]])
        let reader = try #require(try StateStore.reading(path: path))
        try? reader.commit(["one": ["a": nil, "c": "4"]])
        #expect(try store.snapshot() == ["one": ["a": "1", "b": "2"], "two": ["a": "3"]])
        #expect(try reader.snapshot() == ["one": ["b": "2", "c": "4"], "two": ["a": "3"]])
    }

    @Test func `any text is kept as it is`() throws {
        let store = try StateStore.inMemory()
        let text = "'; DROP TABLE fact; -- \u{0}ü\n\"🌊"
        try store.commit([text: [text: text]])
        #expect(try store.text(of: text, in: text) == text)
    }

    @Test func `nobody else may read it`() throws {
        let store = try StateStore(path: path)
        try store.commit(["namespace": ["a": "1"]])
        for name in try SystemFiles().list(folder.path, for: .run) {
            #expect(try permissions("\(folder.path)/\(name)") == 0o600, "\(name)")
        }
    }

    @Test func `looking makes nothing`() throws {
        #expect(try StateStore.reading(path: path) == nil)
        #expect(try SystemFiles().list(folder.path, for: .run).isEmpty)
    }

    @Test func `looking leaves nothing beside a store at rest`() throws {
        try StateStore(path: path).commit(["namespace": ["a": "1"]])
        let before = try SystemFiles().list(folder.path, for: .run)
        let reader = try #require(try StateStore.reading(path: path))
        #expect(try reader.text(of: "a", in: "namespace") == "1")
        #expect(try SystemFiles().list(folder.path, for: .run) == before)
    }

    @Test func `what cannot be written is remembered by this process`() throws {
        try StateStore(path: path).commit(["namespace": ["a": "1", "b": "2"]])
        let store = try #require(try StateStore.reading(path: path))
        #expect(throws: StateError.self) { try store.commit(["namespace": ["a": "3", "b": nil]]) }
        #expect(store.writeError != nil)
        #expect(try store.texts(in: "namespace") == ["a": "3"])
        #expect(try store.text(of: "b", in: "namespace") == nil)
        #expect(try StateStore(path: path).texts(in: "namespace") == ["a": "1", "b": "2"])
    }

    @Test func `looking sees what is there, and cannot write`() throws {
        try StateStore(path: path).commit(["namespace": ["a": "1"]])
        let reader = try #require(try StateStore.reading(path: path))
        #expect(try reader.text(of: "a", in: "namespace") == "1")
        #expect(throws: StateError.self) { try reader.commit(["namespace": ["a": "2"]]) }
    }

    @Test func `a file that is no store is an error that names it`() throws {
        try SystemFiles().write(
            Array("not a database, but long enough to look like one".utf8),
            to: path,
            mode: 0o600,
            for: .run
        )
        let error = #expect(throws: StateError.self) { try StateStore(path: path) }
        #expect(error?.description.contains(path) == true)
    }
}

import Model
@testable import Notices
import State
import TestSupport
import Testing

@Suite struct OutboxTests {
    private var outbox = Outbox()
    private let store: OutboxStore
    private let state: StateStore

    init() throws {
        state = try StateStore.inMemory()
        store = OutboxStore(of: "test", in: state)
    }

    /// As the store has it after this.
    private mutating func add(_ text: String) -> [OutboxItem] {
        let message = Message(title: text, lines: [.init(.news, text)], level: .info)
        return outbox.add(message, problems: [text], of: "test", at: Timestamp(seconds: 0))
    }

    private mutating func reload() throws {
        var changes = StateStore.Changes()
        store.save(outbox, in: &changes)
        try state.commit(changes)
        outbox = try store.load()
    }

    @Test mutating func `beyond five hundred the oldest go, and the next one counts them`() throws {
        for number in 1...500 { #expect(add("\(number)").isEmpty) }
        #expect(add("501").map(\.problems) == [["1"]])
        try reload()
        #expect(outbox.count == 500 && outbox.first?.item.problems == ["2"])
        #expect(add("502").map(\.problems) == [["2"]])
        try reload()
        // The second one that went was told by nobody yet; the first one by 502.
        let facts = try state.texts(in: "outbox/test")
        let last = facts.filter { Int($0.key) != nil }.max { $0.key < $1.key }
        #expect(last?.value.contains("1 earlier notice could not be delivered") == true)
        #expect(facts["lost"] == "1")
    }

    @Test mutating func `one that tells of lost ones and is lost itself is counted with them`() throws {
        _ = add("a")
        _ = add("b")
        #expect(outbox.discard { _, item in item.problems == ["a"] }.count == 1)
        _ = add("c")
        #expect(outbox.discard { _, _ in true }.count == 2)
        try reload()
        #expect(try state.text(of: "lost", in: "outbox/test") == "3")
        #expect(outbox.count == 0)
    }

    @Test mutating func `equal words at another time are another notice, and the same after a restart`() throws {
        _ = add("a")
        _ = add("a")
        try reload()
        let first = try #require(outbox.first)
        #expect(first.item.notice.id.count == 32)
        outbox.remove(first.key)
        #expect(outbox.first?.item.notice.id != first.item.notice.id)
    }

    @Test mutating func `a mebibyte is kept, however few notices that are`() throws {
        let hosts = try (0..<1000).map { try DomainName("h\($0)-of-a-service-with-a-long-name.example.test") }
        let message = Message(title: "many", lines: [], level: .info, hosts: hosts)
        var given = 0
        for _ in 1...25 { given += outbox.add(message, problems: [], of: "test", at: Timestamp(seconds: 0)).count }
        #expect((15...24).contains(outbox.count))
        #expect(outbox.count + given == 25)
    }

    @Test func `what cannot be read is passed over`() throws {
        try state.commit(["outbox/test": ["000000000001": "{", "next": "x"]])
        #expect(try store.load().first == nil)
    }

    @Test func `outboxes and announced conditions of 0.1.0 are kept, and Slack's threads are not`() throws {
        let state = try OldState.migrated()
        let outbox = try OutboxStore(of: "webhook", in: state).load()
        let first = try #require(outbox.first)
        #expect((first.key, first.item.lost, outbox.count) == ("000000000004", 2, 1))
        #expect(first.item.notice.message.title == "Landfall: 1 problem")
        let announced = try AnnouncedCondition.namespace(of: "slack", in: state).all()
        #expect(announced[NoticeDifference.summaryKey] != nil)
        #expect(announced["certificate/wildcard.example.test"]?.isProblem == true)
        #expect(try state.snapshot().keys.allSatisfy { !$0.hasPrefix("threads/") })
    }
}

import Model
@testable import Notices
import Testing

@Suite struct BacklogTests {
    private var backlog = Outbox([:])
    private var facts: [String: String] = [:]

    /// As the store has it after this.
    private mutating func add(_ text: String) -> [OutboxItem] {
        let message = Message(title: text, lines: [.init(.news, text)], level: .info)
        return backlog.add(message, problems: [text], of: "test", at: Timestamp(seconds: 0))
    }

    private mutating func reload() {
        for (key, value) in backlog.changes { facts[key] = value }
        backlog = Outbox(facts)
    }

    @Test mutating func `beyond five hundred the oldest go, and the next one counts them`() {
        for number in 1...500 { #expect(add("\(number)").isEmpty) }
        #expect(add("501").map(\.problems) == [["1"]])
        reload()
        #expect(backlog.count == 500 && backlog.first?.letter.problems == ["2"])
        #expect(add("502").map(\.problems) == [["2"]])
        reload()
        // The second one that went was told by nobody yet; the first one by 502.
        let last = facts.filter { Int($0.key) != nil }.max { $0.key < $1.key }
        #expect(last?.value.contains("1 earlier notice could not be delivered") == true)
        #expect(facts["lost"] == "1")
    }

    @Test mutating func `one that tells of lost ones and is lost itself is counted with them`() {
        _ = add("a")
        _ = add("b")
        #expect(backlog.giveUp { _, letter in letter.problems == ["a"] }.count == 1)
        _ = add("c")
        #expect(backlog.giveUp { _, _ in true }.count == 2)
        reload()
        #expect(facts["lost"] == "3" && backlog.count == 0)
    }

    @Test mutating func `equal words at another time are another notice, and the same after a restart`() throws {
        _ = add("a")
        _ = add("a")
        reload()
        let first = try #require(backlog.first)
        #expect(first.letter.notice.id.count == 32)
        backlog.remove(first.key)
        #expect(backlog.first?.letter.notice.id != first.letter.notice.id)
    }

    @Test mutating func `a mebibyte is kept, however few notices that are`() throws {
        let hosts = try (0..<1000).map { try DomainName("h\($0)-of-a-service-with-a-long-name.example.test") }
        let message = Message(title: "many", lines: [], level: .info, hosts: hosts)
        var given = 0
        for _ in 1...25 { given += backlog.add(message, problems: [], of: "test", at: Timestamp(seconds: 0)).count }
        #expect((15...24).contains(backlog.count))
        #expect(backlog.count + given == 25)
    }

    @Test func `what cannot be read is passed over`() {
        #expect(Outbox(["000000000001": "{", "next": "x"]).first == nil)
    }
}

import EventStream
import Model
import TestSupport
import Testing

@Suite struct EventDecoderTests {
    @Test(arguments: FixtureFile.all(in: "events"))
    func `every event of every capture is read`(capture: FixtureFile) throws {
        let bytes = try capture.bytes()
        var decoder = EventDecoder()
        let events = decoder.events(in: bytes)
        #expect(events.count == bytes.count { $0 == UInt8(ascii: "\n") })
        #expect(decoder.unreadable == 0)
        #expect(events.allSatisfy { !$0.id.isEmpty && !$0.name.isEmpty && $0.time.seconds > 1_795_000_000 })
    }

    @Test func `where the chunks end makes no difference`() throws {
        let bytes = try FixtureFile("events/stack-redeploy-label.jsonl").bytes()
        var whole = EventDecoder()
        let expected = whole.events(in: bytes)
        #expect(expected.count == 5)
        for cut in bytes.indices {
            var decoder = EventDecoder()
            var events = decoder.events(in: Array(bytes[..<cut]))
            events += decoder.events(in: Array(bytes[cut...]))
            #expect(events == expected)
        }
    }

    @Test func `a service's event has its nanoseconds and its name`() throws {
        var decoder = EventDecoder()
        let first = try #require(decoder.events(in: try FixtureFile("events/scale.jsonl").bytes()).first)
        let time = Timestamp(nanoseconds: 1_795_485_813_830_983_448)
        #expect(
            first
                == EngineEvent(
                    type: "service",
                    action: "update",
                    id: "nv76zapha0hkbnvcy3pz5odse",
                    name: "b-web",
                    time: time
                )
        )
    }

    @Test func `a container's event says whether it requests hosts, and whether it is a Swarm task`() throws {
        func flags(_ capture: String, _ labels: [String]) throws -> Set<[Bool]> {
            var decoder = EventDecoder(hostLabels: labels)
            let events = decoder.events(in: try FixtureFile("events/\(capture).jsonl").bytes())
            return Set(events.filter { $0.type == "container" }.map { [$0.hasHostLabel, $0.isOfSwarmTask] })
        }
        #expect(try flags("plain-container", ["other", "my.label"]) == [[true, false]])
        #expect(try flags("plain-container", ["other"]) == [[false, false]])
        #expect(try flags("create", ["ck"]) == [[true, true]])
    }

    @Test(arguments: [
        "{", "null", "[]", "\"text\"", "<html>502</html>", "{}", #"{"Type":"service"}"#, #"{"Type":1,"Action":"x"}"#,
        #"{"Type":"service","Action":"update","Actor":{"Attributes":{"name":7}}}"#,
        #"{"Type":"service","Action":"update","timeNano":99999999999999999999}"#, #"{"Type":"a","Action":null}"#,
        #"{"Type":"service","Action":"update","timeNano":1.5}"#, #"{"Type":"a","Action":"b"} {}"#,
        #"{"Type":"a","Action":"b"}]"#, #"{"Type":"a","Action":"b","Actor":[]}"#, #"{"Type":"a","Action":"b","x":tru}"#,
    ])
    func `a line that is no event is counted, and the stream goes on`(line: String) {
        var decoder = EventDecoder()
        let good = #"{"Type":"service","Action":"create","Actor":{"ID":"s1"},"timeNano":1}"#
        #expect(decoder.events(in: Array("\(line)\n\(good)\n".utf8)).map(\.id) == ["s1"])
        #expect(decoder.unreadable == 1)
    }

    @Test(arguments: [[0xFF, 0xC0], [0xC3], [0xED, 0xA0, 0x80], [0x00]] as [[UInt8]])
    func `a line with invalid UTF-8 or a bare control character is counted`(bytes: [UInt8]) {
        var decoder = EventDecoder()
        let line = Array("{\"Type\":\"".utf8) + bytes + Array("\",\"Action\":\"x\"}\n".utf8)
        #expect(decoder.events(in: line).isEmpty)
        #expect(decoder.unreadable == 1)
    }

    @Test func `carriage returns, record separators and empty lines count as nothing`() {
        var decoder = EventDecoder()
        let line = #"{"Type":"service","Action":"create","Actor":{"ID":"s1"}}"#
        #expect(decoder.events(in: Array("\u{1E}\(line)\r\n\r\n\n \t\r\n\u{1E}\(line)\n\(line)".utf8)).count == 2)
        #expect(decoder.unreadable == 0)
        #expect(decoder.events(in: Array("\r\n".utf8)).count == 1)
    }

    @Test func `of a key that is there twice, the first counts`() {
        var decoder = EventDecoder()
        let line = #"{"Type":"a","Type":"b","Action":"x","Actor":{"ID":"1","ID":"2"},"Actor":{"ID":"3"}}"#
        #expect(decoder.events(in: Array("\(line)\n".utf8)).map { "\($0.type) \($0.id)" } == ["a 1"])
    }

    @Test func `escapes are read, in keys too`() {
        var decoder = EventDecoder()
        let line = #"{"T\u0079pe":"s\u00e9\n","Action":"\ud83c\udf0a","Actor":{"Attributes":{"n\u0061me":"a\u0000b"}}}"#
        let events = decoder.events(in: Array("\(line)\n".utf8))
        #expect(events.map(\.type) == ["sé\n"])
        #expect(events.map(\.action) == ["🌊"])
        #expect(events.map(\.name) == ["a\0b"])
    }

    @Test func `a line of a megabyte is read, a longer one is counted, and short ones after them are read`() {
        var decoder = EventDecoder()
        func line(_ length: Int) -> [UInt8] {
            let head = #"{"Type":"service","Action":"create","Actor":{"ID":"s1","Attributes":{"x":""#
            let tail = #""}}}"#
            let filling = String(repeating: "y", count: length - head.utf8.count - tail.utf8.count)
            return Array("\(head)\(filling)\(tail)\n".utf8)
        }
        let body = line(1 << 20) + line(200) + line(1 << 20 + 1) + line(20_000) + line(200)
        var count = 0
        for start in stride(from: 0, to: body.count, by: 16_384) {
            count += decoder.events(in: Array(body[start..<min(body.count, start + 16_384)])).count
        }
        #expect(count == 4)
        #expect(decoder.unreadable == 1)
    }

    @Test func `unknown fields, types and actions are fine, and so is what newer engines leave out`() {
        var decoder = EventDecoder()
        let line =
            #"{"Type":"gadget","Action":"twirl: a","Actor":{"ID":"g","Attributes":null,"X":1},"scope":"x","new":[{}]}"#
        let events = decoder.events(in: Array((line + "\n").utf8))
        #expect(events.map(\.action) == ["twirl: a"])
        #expect(events.map(\.name) == ["g"])
    }
}

import EventStream
import Model
import TestSupport
import Testing

@Suite struct EventDecoderTests {
    @Test(arguments: Fixture.all(in: "events"))
    func `every event of every capture is read`(capture: Fixture) throws {
        let bytes = try capture.bytes()
        var decoder = EventDecoder()
        let events = decoder.events(in: bytes)
        #expect(events.count == bytes.count { $0 == UInt8(ascii: "\n") })
        #expect(decoder.unreadable == 0)
        #expect(events.allSatisfy { !$0.id.isEmpty && !$0.name.isEmpty && $0.time.seconds > 1_795_000_000 })
    }

    @Test func `where the chunks end makes no difference`() throws {
        let bytes = try Fixture("events/stack-redeploy-label.jsonl").bytes()
        var whole = EventDecoder()
        let expected = whole.events(in: bytes)
        #expect(expected.count == 5)
        for cut in bytes.indices {
            var decoder = EventDecoder()
            let events = decoder.events(in: Array(bytes[..<cut])) + decoder.events(in: Array(bytes[cut...]))
            #expect(events == expected)
        }
    }

    @Test func `an event has its nanoseconds, its name and its attributes`() throws {
        var decoder = EventDecoder()
        let events = decoder.events(in: try Fixture("events/scale.jsonl").bytes())
        let first = try #require(events.first)
        #expect(first.type == "service")
        #expect(first.action == "update")
        #expect(first.id == "nv76zapha0hkbnvcy3pz5odse")
        #expect(first.attributes == ["name": "b-web", "replicas.new": "4", "replicas.old": "2"])
        #expect(first.time.nanoseconds == 1_795_485_813_830_983_448)
    }

    @Test(arguments: [
        "{", "null", "[]", "\"text\"", "<html>502</html>", "{}", #"{"Type":"service"}"#, #"{"Type":1,"Action":"x"}"#,
        #"{"Type":"service","Action":"update","Actor":{"Attributes":{"name":7}}}"#,
        #"{"Type":"service","Action":"update","timeNano":99999999999999999999}"#,
    ])
    func `a line that is no event is counted, and the stream goes on`(line: String) {
        var decoder = EventDecoder()
        let good = #"{"Type":"service","Action":"create","Actor":{"ID":"s1"},"timeNano":1}"#
        #expect(decoder.events(in: Array("\(line)\n\(good)\n".utf8)).map(\.id) == ["s1"])
        #expect(decoder.unreadable == 1)
    }

    @Test func `invalid UTF-8 is a line that is no event, or text`() {
        var decoder = EventDecoder()
        let bytes = Array("{\"Type\":\"".utf8) + [0xFF, 0xC0] + Array("\",\"Action\":\"x\"}\n".utf8)
        #expect(decoder.events(in: bytes).count + decoder.unreadable == 1)
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

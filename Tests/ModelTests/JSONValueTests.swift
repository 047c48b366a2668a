import FoundationEssentials
import Model
import Testing

@Suite struct JSONValueTests {
    @Test func `what is not touched goes back as it came`() throws {
        let text = #"{"a":[1,-2,9007199254740993,0.25,true,false,null,"ü\"\n"],"b":{},"c":[],"d":0}"#
        let value = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let again = try JSONDecoder().decode(JSONValue.self, from: encoder.encode(value))
        #expect(again == value)
        #expect(value["a"]?.items?[2] == .integer(9_007_199_254_740_993))
        #expect(value["a"]?.items?[4] == .bool(true))
        #expect(value["d"] == .integer(0))
    }
}

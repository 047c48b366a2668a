import Emulators
import Testing

@testable import Sandbox

@Suite struct DynamicZonesTests {
    private func commands(_ kind: PublishedSet.Kind, _ values: [String]) -> [String] {
        let set = PublishedSet(zone: "example.test", name: "a.example.test", kind: kind, values: values)
        return DynamicZones.commands(for: set, at: "127.53.0.1").split(separator: "\n").map(String.init)
    }

    @Test func `a set is replaced as a whole, in one message`() {
        #expect(
            commands(.a, ["192.0.2.1", "192.0.2.2"]) == [
                "server 127.53.0.1", "zone example.test.", "update delete a.example.test. A",
                "update delete a.example.test. CNAME", "update add a.example.test. 60 A 192.0.2.1",
                "update add a.example.test. 60 A 192.0.2.2", "send",
            ]
        )
    }

    @Test func `an alias takes its name for itself`() {
        #expect(commands(.cname, ["b.example.net"]).contains("update delete a.example.test."))
        #expect(commands(.cname, ["b.example.net"]).contains("update add a.example.test. 60 CNAME b.example.net."))
    }

    @Test func `an empty set only goes away`() {
        #expect(commands(.txt, []).filter { $0.hasPrefix("update") } == ["update delete a.example.test. TXT"])
    }

    @Test(arguments: [
        ("plain", #""plain""#), ("", #""""#), (#"a "b" \c"#, #""a \"b\" \\c""#),
        (#""quoted already""#, #""quoted already""#),
        ("two\nsend", #""two send""#),
    ])
    func `a text cannot leave its quotes`(value: String, presented: String) {
        #expect(commands(.txt, [value]).contains("update add a.example.test. 60 TXT \(presented)"))
    }

    @Test func `a long text becomes strings of 255`() {
        let line = commands(.txt, [String(repeating: "x", count: 300)]).first { $0.contains("add") }
        #expect(line?.hasSuffix("x\" \"" + String(repeating: "x", count: 45) + "\"") == true)
    }
}

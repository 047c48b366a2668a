import Discovery
import Docker
import Model
import TestSupport
import Testing

@Suite(.limited(minutes: 1)) struct LabelLimitTests {
    private func read(_ labels: [String: String], hostLimit: Int = 100) throws -> Discovered {
        let rules = DiscoveryRules(defaultDomain: try DomainName("example.test"), hostLimit: hostLimit)
        return Discovery.read([Service(id: "s1", name: "web", labels: labels)], rules: rules)
    }

    @Test(arguments: ["landfall.host", "landfall.dns", "landfall.certificate", "landfall.probe", "landfall.dns.ttl"])
    func `a value of more than 16 KiB is rejected unread`(label: String) throws {
        let value = String(repeating: "a\u{316}\u{301},", count: 300_000)
        let found = try read(["landfall.host": "web"].merging([label: value]) { $1 })
        #expect(found.refusals.map(\.label) == [label])
        #expect(found.refusals.first?.reason == "a label's value has at most 16384 bytes, and this one has more")
        #expect("\(try #require(found.refusals.first))".utf8.count < 800)
        // What a label that was not read asks for is unknown, so nothing is done.
        #expect(found.hosts.map(\.name.text) == (label == "landfall.host" ? [] : ["web.example.test"]))
        if label == "landfall.dns" { #expect(found.hosts.map(\.target) == [.none]) }
        if label == "landfall.certificate" { #expect(found.hosts.map(\.certificate) == [.none]) }
    }

    @Test func `of one label ten rejections are listed, and how many more there are`() throws {
        let value = (0..<2000).map { "a_\($0)" }.joined(separator: ",")
        let found = try read(["landfall.host": "good,\(value)", "landfall.dns.ttl": "x"])
        #expect(found.hosts.map(\.name.text) == ["good.example.test"])
        #expect(found.refusals.count == 12)
        let last = try #require(found.refusals.last)
        #expect(
            "\(last)"
                == "service web: landfall.host: `and 1990 more` refused: only the first 10 rejections of a label are listed"
        )
    }

    @Test func `a service requests a hundred hosts, and more where the configuration allows it`() throws {
        let names = (1000..<1150).map { "h\($0)" }
        let found = try read(["landfall.host": names.joined(separator: ",") + ",h1000"])
        #expect(found.hosts.map(\.name.text) == names.prefix(100).map { "\($0).example.test" })
        #expect(found.refusals.map(\.value) == ["h1100.example.test and 49 more"])
        #expect(
            found.refusals.map(\.reason) == ["a service requests at most 100 hosts; LANDFALL_SERVICE_HOSTS raises that"]
        )
        let all = try read(["landfall.host": names.joined(separator: ",")], hostLimit: 150)
        #expect(all.hosts.count == 150 && all.refusals.isEmpty)
    }

    @Test func `unknown labels are hinted at ten at a time`() throws {
        let labels = Dictionary(uniqueKeysWithValues: (0..<5000).map { ("landfall.x\($0)", "") })
        let hints = try read(labels).hints.map(\.text)
        #expect(hints.count == 11)
        #expect(hints.contains("service web: 4990 more labels are none of Landfall"))
    }
}

import Discovery
import Model
import TestSupport

/// The rules by which labels are read here, and what must hold of whatever they say.
enum Labels {
    static let rules = DiscoveryRules(
        defaultDomain: try? DomainName("example.test"),
        hostLabels: ["discovery.domain.name"],
        signalLabels: ["domain.automation.signal"]
    )

    /// Labels for other programs, as people write them (`Fixtures/labels`).
    static func declarations() throws -> [JSONValue] {
        try FixtureFile("labels/proxies.ndjson").bytes().split(separator: UInt8(ascii: "\n")).map {
            try decodeJSON(from: Array($0))
        }
    }

    /// - Parameter origins: how many services or containers there were.
    static func check(_ discovered: Discovered, of origins: Int) throws(Violation) {
        try require(discovered.hosts.count <= origins * LabelLimits.hosts, "\(discovered.hosts.count) hosts")
        for host in discovered.hosts {
            let again = try? DomainName(host.name.text)
            try require(again == host.name && host.name.text.utf8.count <= 253, "\(host.name) is no name")
        }
        // Ten labels for hosts and their options, and the rejections of each.
        try require(discovered.refusals.count <= origins * 12 * (LabelLimits.rejections + 1), "many rejections")
        for refusal in discovered.refusals {
            try requireLine(refusal.value, limit: 500, "a rejected value")
            try requireLine(refusal.reason, "a reason")
        }
        try require(discovered.hints.count <= origins * 40, "\(discovered.hints.count) hints")
    }
}

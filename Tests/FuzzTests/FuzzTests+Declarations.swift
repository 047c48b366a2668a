@testable import Declarations
import Discovery
import Docker
import Model
import TestSupport
import Testing

/// What proxies are told, in labels, variables and files.
extension FuzzTests {
    private static func rows(_ name: String) throws -> [JSONValue] {
        try FixtureFile("corpus/\(name).ndjson").bytes().split(separator: UInt8(ascii: "\n")).map {
            try decodeJSON(from: Array($0))
        }
    }

    private static func members(_ value: JSONValue?) -> [String: String] {
        guard case .object(let members) = value else { return [:] }
        return members.compactMapValues(\.text)
    }

    private static let sources = SourceSettings(
        names: [.landfall, .traefik, .traefikFile, .caddy, .nginxProxy],
        folders: ["/d"],
        ordersOpenCertificates: true
    )

    @Test func `whatever labels tell a proxy, hosts have names and what is not used has a reason`() async throws {
        let labels = try (Self.rows("traefik") + Self.rows("caddy")).map { Self.members($0["labels"]) }
        let keys = Set(labels.flatMap(\.keys)).sorted()
        let values = Set(labels.flatMap(\.values)).sorted().map { Array($0.utf8) }
        let rules = DiscoveryRules(defaultDomain: try? DomainName("example.test"), sources: Self.sources)
        try await fuzz("declarations", values) { input in
            var chance = input.chance
            var labels = chance.one(of: labels)
            labels[chance.one(of: keys)] = input.text
            if chance.next() % 8 == 0 { labels["traefik.http.routers." + input.text] = "x" }
            let service = Service(
                id: "s",
                name: "web",
                labels: labels,
                containerLabels: labels,
                environment: [
                    "VIRTUAL_HOST=" + input.text, "ACME_HOST=" + input.text,
                ]
            )
            try Self.check(Discovery.read([service], rules: rules))
            let container = Container(id: "c", name: "web", labels: labels, ports: [80])
            try Self.check(Discovery.read([container], rules: rules))
            return true
        }
    }

    @Test func `whatever is in a dynamic file, it is read or refused as a whole`() async throws {
        let rows = try Self.rows("traefik").filter { $0["file"] != nil }
        let rules = DiscoveryRules(sources: Self.sources)
        for format in ["yml", "toml"] {
            let files = rows.filter { $0["format"]?.text == format }.compactMap {
                $0["file"]?.text.map { Array($0.utf8) }
            }
            try await fuzz("files-\(format)", files) { input in
                var reading = DeclarationFolders.Reading()
                reading.files = [DeclaringFile(path: "/d/a.\(format)", bytes: input.bytes)]
                try Self.check(Discovery.read([Service](), folder: reading, rules: rules))
                return true
            }
        }
    }

    private static func check(_ discovered: Discovered) throws(Violation) {
        for host in discovered.hosts {
            let again = try? DomainName(served: host.name.text)
            try require(again == host.name && host.name.text.utf8.count <= 253, "\(host.name) is no name")
            try require(host.name.labels.count > 1, "\(host.name) is short")
            try requireLine(host.declaration?.part ?? "", limit: 500, "a part")
            try requireLine(host.declaration?.reason ?? "", limit: 500, "a reason")
        }
        for refusal in discovered.refusals + discovered.notes + discovered.waiting {
            try requireLine(refusal.value, limit: 500, "a rejected value")
            try requireLine(refusal.reason, limit: 1000, "a reason")
        }
    }
}

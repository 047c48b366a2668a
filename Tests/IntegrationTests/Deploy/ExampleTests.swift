import FoundationEssentials
import Model
import Ports
import TestSupport
import Testing

/// Each example is taken by the program that it is for, where that is installed.
@Suite struct ExampleTests {
    private static let folder = "\(Checkout.top)/deploy/examples"

    @Test(
        .enabled(if: Disk.exists("/usr/bin/promtool"), "needs Debian's prometheus"),
        arguments: [
            ["check", "config", "prometheus.yml"], ["check", "rules", "landfall.rules.yml"],
            ["test", "rules", "landfall.rules.test.yml"],
        ]
    )
    func `Prometheus takes its configuration, and its rules fire when they should`(arguments: [String]) async throws {
        let file = "\(Self.folder)/prometheus/\(arguments[2])"
        let result = try await Checkout.run(["promtool"] + arguments.prefix(2) + [file])
        #expect(result.end == .exited(0), "\(result.outputText)\(result.errorText)")
        #expect(result.outputText.contains("SUCCESS"))
    }

    @Test func `the dashboard is one, and no panel is empty or lies upon another`() throws {
        let dashboard = try JSONDecoder().decode(AdminAPI.self, from: try Self.data("grafana/dashboard.json"))
        #expect(dashboard.title == "Landfall" && dashboard.panels.count > 10)
        #expect(Set(dashboard.panels.map(\.id)).count == dashboard.panels.count)
        for panel in dashboard.panels {
            #expect(!panel.title.isEmpty && !panel.targets.isEmpty && panel.gridPos.x + panel.gridPos.w <= 24)
            for other in dashboard.panels where other.id < panel.id { #expect(!panel.gridPos.meets(other.gridPos)) }
        }
    }

    @Test(.enabled(if: Disk.exists("/usr/bin/promtool"), "needs Debian's prometheus"))
    func `every expression of the dashboard is one of Prometheus'`() async throws {
        try await withFolder { folder in
            let dashboard = try JSONDecoder().decode(AdminAPI.self, from: try Self.data("grafana/dashboard.json"))
            let expressions = dashboard.panels.flatMap(\.targets).map(\.expr)
            let rules = expressions.enumerated().map { number, text in
                let plain = text.replacing("$__rate_interval", with: "5m").replacing("'", with: "''")
                return "  - record: panel:\(number)\n    expr: '\(plain)'\n"
            }
            let file = "\(folder)/panels.yml"
            try Disk.write("groups:\n- name: panels\n  rules:\n" + rules.joined(), to: file)
            let result = try await Checkout.run(["promtool", "check", "rules", file])
            #expect(result.end == .exited(0), "\(result.outputText)\(result.errorText)")
        }
    }

    @Test func `the searches ask for fields that the index has`() throws {
        let template = try JSONDecoder().decode(IndexTemplate.self, from: try Self.data("efk/index-template.json"))
        let fields = template.fields
        #expect(template.index_patterns == ["landfall-*"])
        let lines = try #require(Disk.text("\(Self.folder)/efk/saved-search.ndjson")).split(separator: "\n")
        let saved = try lines.map { try JSONDecoder().decode(SavedObject.self, from: Data($0.utf8)) }
        #expect(saved.map(\.type) == ["index-pattern", "search", "search"])
        for search in saved.dropFirst() {
            let columns = try #require(search.attributes.columns)
            #expect(!columns.isEmpty && columns.allSatisfy(fields.contains))
            #expect(search.references.map(\.id) == [saved[0].id])
        }
    }

    @Test(.enabled(if: Disk.exists("/usr/bin/docker-compose"), "needs Debian's docker-compose"))
    func `every compose and stack file is well formed, and says what it misses`() async throws {
        let deploy = "\(Checkout.top)/deploy"
        let own =
            ["stack", "stack.socket-proxy", "stack.socket-rules"].map { $0 + ".yml" }
            + ["compose", "compose.socket-proxy", "compose.socket-rules"].map { $0 + ".yaml" }
        let files =
            own.map { "\(deploy)/\($0)" }
            + ["nginx", "haproxy", "efk", "traefik"].map { "\(Self.folder)/\($0)/stack.yml" }
            + ["caddy", "nginx-proxy"].map { "\(Self.folder)/\($0)/compose.yaml" }
        let needed = ["DEFAULT_DOMAIN": "example.org"]
        for file in files {
            let check = ["docker-compose", "--file", file, "config", "--quiet"]
            let whole = try await Checkout.run(check, environment: needed)
            #expect(whole.end == .exited(0), "\(whole.errorText)")
            guard file.hasPrefix(deploy + "/s") || file.hasPrefix(deploy + "/c") else { continue }
            let less = try await Checkout.run(check, environment: [:])
            #expect(less.end != .exited(0) && less.errorText.contains("the domain of your short names"))
        }
    }

    private static func data(_ name: String) throws -> Data {
        Data(try #require(Disk.bytes("\(folder)/\(name)")))
    }
}

/// Lends a folder that is gone afterwards.
func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = try TemporaryFolder()
    try await body(folder.path)
    withExtendedLifetime(folder) {}
}

struct AdminAPI: Decodable {
    struct Panel: Decodable {
        let id: Int
        let title: String
        let gridPos: Place
        let targets: [Query]
    }

    struct Place: Decodable {
        let x: Int
        let y: Int
        let w: Int
        let h: Int

        func meets(_ other: Place) -> Bool {
            x < other.x + other.w && other.x < x + w && y < other.y + other.h && other.y < y + h
        }
    }

    struct Query: Decodable {
        let expr: String
    }

    let title: String
    let panels: [Panel]
}

private struct SavedObject: Decodable {
    struct Attributes: Decodable {
        let columns: [String]?
    }

    struct Reference: Decodable {
        let id: String
    }

    let id: String
    let type: String
    let attributes: Attributes
    let references: [Reference]
}

struct IndexTemplate: Decodable {
    struct Template: Decodable {
        let mappings: Properties
    }

    struct Properties: Decodable {
        let properties: [String: Field]

        /// With the names of the objects that they lie in.
        var names: Set<String> {
            properties.reduce(into: []) { names, entry in
                let inner = entry.value.properties.map { Properties(properties: $0).names } ?? []
                names.formUnion(inner.isEmpty ? [entry.key] : Set(inner.map { "\(entry.key).\($0)" }))
            }
        }
    }

    struct Field: Decodable {
        let properties: [String: Field]?
    }

    let index_patterns: [String]
    let template: Template

    /// `event.duration`.
    var fields: Set<String> { template.mappings.names }
}

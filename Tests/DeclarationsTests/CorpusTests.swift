import Declarations
import Model
import TestSupport
import Testing

/// Declarations in the forms of public files, with what the real proxies made of them.
@Suite(.limited(minutes: 1)) struct CorpusTests {
    @Test(arguments: try CorpusCase.all())
    func `a declaration yields the hosts and certificates that the proxy serves`(example: CorpusCase) {
        let found = example.read()
        #expect(Set(found.hosts.filter(\.wantsRecord).map(\.name)) == example.hosts)
        #expect(example.certificates(found) == example.certificates)
    }

    /// What is told, by what is not used.
    @Test(arguments: try CorpusCase.all().filter(\.namesMore))
    func `what is not used is told with the reason`(example: CorpusCase) {
        let unused = example.read().unused
        #expect(!unused.isEmpty)
        for unused in unused { #expect(unused.reason.utf8.count > 10 && !unused.key.isEmpty) }
    }

    @Test func `the corpus is whole`() throws { #expect(try CorpusCase.all().count == 1099) }
}

/// One declaration of `Fixtures/corpus`.
struct CorpusCase: Sendable, CustomTestStringConvertible {
    let id: String
    let source: String
    private var row: JSONValue
    /// What the corpus says only in words.
    private let circumstances: JSONValue

    var testDescription: String { id }

    init(row: JSONValue, circumstances: JSONValue = .object([:])) {
        (id, source) = (row["id"]?.text ?? "", row["source"]?.text ?? "")
        (self.row, self.circumstances) = (row, circumstances)
    }

    static func all() throws -> [CorpusCase] {
        let circumstances = try decodeJSON(JSONValue.self, from: FixtureFile("corpus/circumstances.json").bytes())
        let sources = ["traefik", "caddy", "nginx-proxy"]
        return try (sources + sources.map { "\($0)-further" }).flatMap { source in
            try FixtureFile("corpus/\(source).ndjson").text().split(separator: "\n").map { line in
                let row = try decodeJSON(JSONValue.self, from: Array(line.utf8))
                return CorpusCase(row: row, circumstances: circumstances[row["id"]?.text ?? ""] ?? .object([:]))
            }
        }
    }

    private func member(_ key: String) -> JSONValue? { circumstances[key] ?? row[key] }

    var hosts: Set<String> { Set(row["expect"]?["hosts"]?.texts ?? []) }

    var certificates: Set<String> {
        Set((row["expect"]?["certificate_by_proxy"] ?? row["expect"]?["certificate_requested"])?.texts ?? [])
    }

    /// The names that the proxy itself, or acme-companion, would get certificates for.
    func certificates(_ found: Declarations) -> Set<String> {
        source == "nginx-proxy"
            ? Set(found.hosts.filter { $0.certificate != .none }.map(\.name)) : Set(found.proxyCertificates.keys)
    }

    /// Whether the proxy refuses it, or some of what it names.
    var namesMore: Bool {
        let expect = row["expect"]
        let refused = expect?["invalid_rules"]?.items?.contains { $0.text != "" } ?? false
        let ignored = expect?["ignored"]?.items.map { !$0.isEmpty } ?? false
        // Other spellings of what is served are used.
        let others = (expect?["other_server_names"]?.texts ?? []).filter { name in
            !hosts.contains(name.lowercased()) && !hosts.contains("*\(name)")
        }
        return refused || ignored || !others.isEmpty
    }

    private var object: DeclaringObject { object(row, circumstances) }

    private func object(_ row: JSONValue, _ circumstances: JSONValue = .object([:])) -> DeclaringObject {
        let ports = (circumstances["ports"] ?? row["ports"])?.texts ?? ["80/tcp"]
        return DeclaringObject(
            kind: member("kind")?.text == "service" ? .service : .container,
            name: (circumstances["name"] ?? row["name"])?.text ?? "app",
            labels: row["labels"]?.textMembers ?? [:],
            containerLabels: (circumstances["container_labels"] ?? row["container_labels"])?.textMembers ?? [:],
            environment: row["environment"]?.texts ?? [],
            ports: ports.compactMap { Int($0.prefix { $0 != "/" }) },
            state: (circumstances["state"] ?? row["state"])?.text ?? "running"
        )
    }

    /// The same as a recording holds it.
    func recorded() -> CorpusCase {
        var copy = self
        copy.row = redacted(row)
        return copy
    }

    private func redacted(_ row: JSONValue) -> JSONValue {
        guard case .object(var members) = row else { return row }
        for key in ["labels", "container_labels"] {
            guard case .object(let labels) = members[key] else { continue }
            let kept = labels.map { key, value in
                let text = value.text ?? value.description
                let isKept = traefik.reads(key) || key.hasPrefix("com.docker.compose.")
                return (
                    key,
                    JSONValue.string(
                        source == "caddy"
                            ? RecordableDeclaration.caddy(key, text)
                            : isKept ? text : RecordableDeclaration.traefik(key, text)
                    )
                )
            }
            members[key] = .object(Dictionary(uniqueKeysWithValues: kept))
        }
        if let file = members["file"]?.text {
            let environment = member("proxy_env")?.textMembers ?? [:]
            let path = "app.\(members["format"]?.text ?? "yml")"
            let bytes = RecordableDeclaration.file(path, Array(file.utf8), environment: environment)
            members["file"] = .string(String(decoding: bytes, as: UTF8.self))
        }
        if let others = members["objects"]?.items { members["objects"] = .array(others.map(redacted)) }
        return .object(members)
    }

    func read() -> Declarations {
        let environment = member("proxy_env")?.textMembers ?? [:]
        if let file = row["file"]?.text {
            let path = "/etc/traefik/dynamic/app.\(row["format"]?.text ?? "yml")"
            let source = TraefikSource(traefik, readsLabels: false, readsFiles: true, environment: environment)
            return source.read([], [DeclaringFile(path: path, bytes: Array(file.utf8))])
        }
        let objects = [object] + (row["objects"]?.items ?? []).map { object($0) }
        let source: any DeclarationSource =
            switch source {
            case "traefik": TraefikSource(traefik, environment: environment)
            case "caddy": CaddySource(prefix: member("prefix")?.text ?? "caddy", environment: environment)
            default: NginxProxySource()
            }
        return source.read(objects, [])
    }

    /// The resolvers of the Traefik that gave the answers, and what the case says of its options.
    private var traefik: TraefikOptions {
        let resolvers = ["le", "letsencrypt", "dns"].map { "--certificatesresolvers.\($0).acme.email=you@example.test" }
        let own = (row["static"]?.textMembers ?? [:]).filter { $0.key != "traefik" }.map { "--\($0.key)=\($0.value)" }
        let version = row["static"]?["traefik"]?.text?.prefix(1)
        return TraefikOptions((resolvers + own).joined(separator: "\n"), version: version.flatMap { Int($0) } ?? 3)
    }
}

extension JSONValue {
    var texts: [String] { (items ?? []).compactMap(\.text) }

    var textMembers: [String: String] {
        guard case .object(let members) = self else { return [:] }
        return members.compactMapValues { $0.text ?? $0.description }
    }
}

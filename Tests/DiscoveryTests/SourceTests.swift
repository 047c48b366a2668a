import Declarations
import Discovery
import Docker
import Files
import Model
import TestSupport
import Testing

/// What Landfall makes of what proxies are told.
@Suite(.limited(minutes: 1)) struct SourceTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let rule = [
        "traefik.http.routers.web.rule": "Host(`a.example.test`) || Host(`b.example.test`)",
        "traefik.http.services.web.loadbalancer.server.port": "80",
    ]

    private func read(
        _ labels: [String: String],
        environment: [String] = [],
        _ names: [SourceSettings.Name] = [.landfall, .traefik],
        ordersOpenCertificates: Bool = false
    ) -> Discovered {
        let sources = SourceSettings(names: names, ordersOpenCertificates: ordersOpenCertificates)
        let service = Service(id: "s1", name: "web", labels: labels, environment: environment)
        return Discovery.read([service], rules: DiscoveryRules(sources: sources))
    }

    @Test func `without a source what proxies are told is not read`() {
        #expect(read(Self.rule, [.landfall]) == Discovered(hosts: []))
    }

    @Test func `a rule yields hosts, with the label and the part that names each`() throws {
        let found = read(Self.rule)
        #expect(found.hosts.map(\.name.text) == ["a.example.test", "b.example.test"])
        #expect(found.hosts.map(\.label) == Array(repeating: "traefik.http.routers.web.rule", count: 2))
        #expect(found.hosts.map(\.declaration?.part) == ["Host(`a.example.test`)", "Host(`b.example.test`)"])
        #expect(found.refusals.isEmpty && found.hints.isEmpty)
    }

    @Test func `an option says whether Landfall orders a certificate that no declaration speaks of`() {
        #expect(read(Self.rule).hosts.map(\.certificate) == [.none, .none])
        #expect(read(Self.rule, ordersOpenCertificates: true).hosts.map(\.certificate) == [.each, .each])
        let resolved = Self.rule.merging(["traefik.http.routers.web.tls.certresolver": "le"]) { $1 }
        #expect(read(resolved, ordersOpenCertificates: true).hosts.map(\.certificate) == [.none, .none])
    }

    @Test func `labels of Landfall's own on the same object override`() throws {
        let own = [
            "landfall.dns": "cname:edge.example.net", "landfall.dns.ttl": "300", "landfall.certificate": "wildcard",
            "landfall.probe": "none",
        ]
        let found = read(Self.rule.merging(own) { $1 })
        #expect(found.hosts.count == 2 && found.hints.isEmpty)
        for host in found.hosts {
            #expect(host.target == .alias(try DomainName("edge.example.net")))
            #expect(host.options.ttl == 300 && host.certificate == .wildcard && host.probe == .off)
        }
        let named = read(Self.rule.merging(["landfall.host": "c.example.test"]) { $1 })
        #expect(named.hosts.map(\.name.text) == ["c.example.test"])
        #expect(named.hosts.map(\.certificate) == [.each])
    }

    @Test(arguments: ["", "none", " None "]) func `an empty label opts an object out`(value: String) {
        #expect(read(Self.rule.merging(["landfall.host": value]) { $1 }) == Discovered(hosts: []))
        let bad = ["traefik.http.routers.web.rule": "Host(`a.example.test`", "landfall.host": value]
        #expect(read(bad) == Discovered(hosts: []))
    }

    @Test func `two sources that ask for one host agree, or the first one counts and one sentence says so`() {
        let caddy = ["caddy": "a.example.test", "caddy.reverse_proxy": "{{upstreams 80}}"]
        let agreeing = read(Self.rule.merging(caddy) { $1 }, [.traefik, .caddy])
        #expect(agreeing.hosts.map(\.name.text) == ["a.example.test", "b.example.test"])
        #expect(agreeing.hints.isEmpty)

        let environment = ["VIRTUAL_HOST=a.example.test", "ACME_HOST=a.example.test"]
        let found = read(Self.rule, environment: environment, [.traefik, .nginxProxy])
        #expect(found.hosts.map(\.certificate) == [.none, .none])
        #expect(found.hints.count == 1)
        #expect(found.hints[0].text.contains("declares a.example.test to traefik and to nginx-proxy"))
        let turned = read(Self.rule, environment: environment, [.nginxProxy, .traefik])
        #expect(turned.hosts.map(\.certificate) == [.each, .none])
    }

    @Test func `nginx-proxy's environment asks for records and for certificates`() {
        let environment = ["VIRTUAL_HOST=a.example.test,b.example.test", "ACME_HOST=a.example.test,c.example.test"]
        let found = read([:], environment: environment, [.nginxProxy])
        #expect(found.hosts.map(\.name.text) == ["a.example.test", "b.example.test", "c.example.test"])
        #expect(found.hosts.map(\.target) == [.publicAddress, .publicAddress, .none])
        #expect(found.hosts.map(\.certificate) == [.shared(lineage: "web"), .none, .shared(lineage: "web")])
    }

    @Test func `only variables that declare hosts are kept of an environment`() {
        let service = Service(
            id: "s1",
            name: "web",
            labels: [:],
            environment: ["PASSWORD=x", "VIRTUAL_HOST=a.test", "PATH"]
        )
        #expect(service.declaringEnvironment == ["VIRTUAL_HOST=a.test"])
    }

    @Test func `a bad declaration is refused once and the good ones beside it are served`() {
        let labels = Self.rule.merging(["traefik.http.routers.bad.rule": "Host(`c.example.test`"]) { $1 }
        let found = read(labels)
        #expect(found.hosts.count == 2)
        #expect(found.refusals.map(\.label) == ["traefik.http.routers.bad.rule"])
    }

    private func read(_ objects: [DeclaringObject], _ options: String, entryPoints: Set<String> = []) -> Declarations {
        TraefikSource(TraefikOptions(options, entryPoints: entryPoints)).read(objects, [])
    }

    @Test func `what has its host by the default rule waits while it does not run`() {
        let object = DeclaringObject(kind: .container, name: "app", labels: ["traefik.enable": "true"], state: "exited")
        let found = read([object], "--providers.docker.defaultrule=Host(`{{ .Name }}.example.test`)")
        #expect(found.hosts.isEmpty && found.unused.map(\.kind) == [.waiting])
        // By Traefik's own default rule it has a name of one part, and so no record that could wait.
        #expect(read([object], "").unused.isEmpty)
    }

    @Test func `what has its host by the domain of Traefik v1 waits while it does not run, and is else no mistake`() {
        let options = TraefikOptions("--docker.domain=example.test", version: 1)
        func unused(_ state: String, ports: [Int]) -> [UnusedDeclaration.Kind] {
            let object = DeclaringObject(kind: .container, name: "app", labels: [:], ports: ports, state: state)
            return TraefikSource(options).read([object], []).unused.map(\.kind)
        }
        #expect(unused("exited", ports: [80]) == [.waiting] && unused("running", ports: []).isEmpty)
    }

    /// Caddy refuses what listens to both at one port, in one site and in two.
    @Test(arguments: [["http://a.test:8443, https://b.test:8443"], ["http://a.test:8443", "https://b.test:8443"]])
    func `http and https at one port are not both served`(sites: [String]) {
        let objects = sites.enumerated().map {
            DeclaringObject(kind: .service, name: "s\($0)", labels: ["caddy": $1, "caddy.respond": "x"])
        }
        let found = CaddySource(prefix: "caddy", environment: [:]).read(objects, [])
        #expect(found.hosts.count == sites.count - 1 && found.unused.map(\.kind) == [.rejection])
    }

    @Test func `a router at other entry points is left out and is no mistake`() {
        let labels = Self.rule.merging(["traefik.http.routers.web.entrypoints": "Internal"]) { $1 }
        let object = DeclaringObject(kind: .service, name: "web", labels: labels)
        #expect(read([object], "", entryPoints: ["websecure"]).unused.map(\.kind) == [.note])
        #expect(read([object], "", entryPoints: ["internal"]).hosts.count == 2)
    }

    @Test func `a resolver that is not known to be there takes no certificate from another object`() {
        let greedy = [
            "traefik.http.routers.x.rule": "Host(`x.example.test`)", "traefik.http.routers.x.tls.certresolver": "le",
            "traefik.http.routers.x.tls.domains[0].main": "*.example.test",
            "traefik.http.services.x.loadbalancer.server.port": "80",
        ]
        let objects = [Self.rule, greedy].enumerated().map {
            DeclaringObject(kind: .service, name: "s\($0)", labels: $1)
        }
        #expect(read(objects, "").hosts.map(\.certificate) == [.open, .open, .proxy])
        let known = read(objects, "--certificatesresolvers.le.acme.email=a@example.test")
        #expect(known.hosts.map(\.certificate) == [.proxy, .proxy, .proxy])
    }

    @Test func `middlewares that chain themselves in a circle are refused`() {
        let labels = Self.rule.merging([
            "traefik.http.routers.web.middlewares": "a", "traefik.http.middlewares.a.chain.middlewares": "b",
            "traefik.http.middlewares.b.chain.middlewares": "a",
        ]) { $1 }
        let found = read([DeclaringObject(kind: .service, name: "web", labels: labels)], "")
        #expect(found.hosts.isEmpty)
        #expect(found.unused.map(\.reason) == ["its middleware a refers to itself, so Traefik refuses the router"])
    }

    @Test(arguments: [
        "{{if env \"A\"}}a{{else with env \"B\"}}b{{end}}", "{{with env \"A\"}}a{{else if env \"B\"}}b{{end}}", "{{}}",
    ]) func `a template that is not understood names no host`(template: String) {
        let labels = ["caddy": "shop\(template).example.test", "caddy.reverse_proxy": "{{upstreams 80}}"]
        let source = CaddySource(prefix: "caddy", environment: ["A": "", "B": ""])
        let found = source.read([DeclaringObject(kind: .service, name: "web", labels: labels)], [])
        #expect(found.hosts.isEmpty && found.unused.count == 1)
    }

    @Test func `of thousands of wrong names a hundred are listed`() {
        let names = (0..<12).map { "Host(`a_\($0)`)" }.joined(separator: " || ")
        let labels = (0..<600).reduce(into: Self.rule) { $0["traefik.http.routers.r\($1).rule"] = names }
        #expect((1...120).contains(read(labels).refusals.count))
    }

    // MARK: Files

    @Test func `links to folders are not followed, as Traefik does not, and may lead around in circles`() throws {
        for number in 0..<20 {
            try SystemFiles().link("\(folder.path)/l\(number)", to: ".", for: .run)
        }
        let found = try files(["a.yml": Self.file("a")])
        #expect(found.hosts.map(\.name.text) == ["a.example.test"] && found.problems.isEmpty)
    }

    private func files(_ names: [String: String]) throws -> Discovered {
        for (name, text) in names {
            try SystemFiles().write(Array(text.utf8), to: "\(folder.path)/\(name)", mode: 0o600, for: .run)
        }
        let reading = DeclarationFolders([folder.path], SystemFiles()).read()
        return Discovery.read([Service](), folder: reading, rules: Self.rulesOfFiles(folder.path))
    }

    private static func rulesOfFiles(_ path: String) -> DiscoveryRules {
        DiscoveryRules(sources: SourceSettings(names: [.traefikFile], folders: [path]))
    }

    private static func file(_ name: String) -> String {
        "http:\n  routers:\n    \(name):\n      rule: Host(`\(name).example.test`)\n      service: api@internal\n"
    }

    @Test func `files declare hosts, and one that is half written stops no other`() throws {
        let found = try files([
            "a.yml": Self.file("a"), "b.yaml": Self.file("b"),
            "c.yml": "http:\n  routers:\n    r: {rule: \"Host(`c.exa", "notes.txt": "Host(`d.example.test`)",
            "e.toml": "[http.routers.e]\nrule = \"Host(`e.example.test`)\"\nservice = \"api@internal\"\n",
        ])
        #expect(found.hosts.map(\.name.text) == ["a.example.test", "b.example.test", "e.example.test"])
        #expect(found.hosts.map(\.origin.kind) == [.file, .file, .file])
        #expect(found.refusals.count == 1)
        #expect(found.refusals[0].origin.name == "\(folder.path)/c.yml")
        #expect(found.refusals[0].reason.contains("Traefik refuses the whole file"))
    }

    @Test func `a folder that vanishes is a problem, and no empty one`() throws {
        let reading = DeclarationFolders(["\(folder.path)/gone"], SystemFiles()).read()
        let found = Discovery.read([Service](), folder: reading, rules: Self.rulesOfFiles("\(folder.path)/gone"))
        #expect(found.hosts.isEmpty && found.problems.count == 1)
    }

    @Test func `an empty folder or file is taken for unavailable`() throws {
        let path = folder.path
        let empty = DeclarationFolders([path], SystemFiles()).read()
        #expect(empty.problems.count == 1 && empty.problems[0].contains("as if it were not mounted"))
        let found = try files(["a.yml": " \n"])
        #expect(found.refusals.map(\.origin.name) == ["\(path)/a.yml"] && found.problems.isEmpty)
    }

    @Test func `ten thousand routers in one file are bounded and told once`() throws {
        let routers = (0..<10_000).map {
            "    r\($0):\n      rule: Host(`h\($0).example.test`)\n      service: api@internal\n"
        }
        let found = try files(["a.yml": "http:\n  routers:\n\(routers.joined())"])
        #expect(found.hosts.count == 1000)
        #expect(found.refusals.count == 1)
        #expect(found.refusals[0].reason.contains("LANDFALL_SERVICE_HOSTS"))
    }
}

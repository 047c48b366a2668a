import Emulators
import Files
import Glibc
import Model
import Ports
import Report
import Status
import TestSupport
import Testing

/// Declarations to proxies that were made to harm, or are not there when they are read.
@Suite(.limited(minutes: 5)) struct HostileSourceTests {
    private static let sources = ["LANDFALL_SOURCES": "landfall,traefik"]

    /// A service that tells Traefik of a host, with another label.
    private static func service(_ name: String, _ key: String = "x", _ value: String = "") -> StubService {
        let labels: StubLabels = [
            "traefik.http.routers.\(name).rule": "Host(`\(name).example.test`)",
            "traefik.http.services.\(name).loadbalancer.server.port": "80", key: value,
        ]
        return StubService(name, labels)
    }

    private static func record(_ name: String, _ fixture: HostileFixture) -> String {
        "A \(name).example.test \(fixture.publicAddress)"
    }

    private func deploy(_ count: Int, _ fixture: HostileFixture) {
        fixture.docker.set { $0.services = (1...count).map { Self.service("t\($0)") } }
    }

    /// Starts a daemon that has two hundred hosts to request, lets it run and ends it.
    private func expectNoRecord(
        _ fixture: HostileFixture,
        beside known: [String] = ["t1"],
        _ changes: [String: String],
        _ comment: Comment
    ) async throws {
        deploy(200, fixture)
        let daemon = try await fixture.start(changes)
        try await fixture.command("once", changes: changes)
        #expect(fixture.records == known.map { Self.record($0, fixture) }, comment)
        try await fixture.stop(daemon)
    }

    // MARK: First contact

    @Test func `no variable that is set for a source makes it request two hundred records`() async throws {
        try await HostileFixture.use { fixture in
            try await expectNoRecord(fixture, beside: [], Self.sources, "it is new")
            try await expectNoRecord(fixture, beside: [], Self.sources, "it is new, and Landfall was restarted")
            deploy(1, fixture)
            let daemon = try await fixture.start(Self.sources)
            let refused = try await fixture.command("once", "--accept-source", "caddy", changes: Self.sources)
            #expect(refused.end == .exited(2))
            try await fixture.command("once", "--accept-source", "traefik", changes: Self.sources)
            #expect(fixture.records == [Self.record("t1", fixture)])
            try await fixture.stop(daemon)

            let options = [
                "LANDFALL_TRAEFIK_VERSION": "2", "LANDFALL_TRAEFIK_OPTIONS": "--providers.swarm.exposedbydefault=false",
                "LANDFALL_TRAEFIK_ENTRYPOINTS": "web", "LANDFALL_TRAEFIK_ELSEWHERE": "*@file",
                "LANDFALL_SERVICE_HOSTS": "1000", "LANDFALL_PROXY_ENVIRONMENT": "A=b",
                "LANDFALL_SOURCE_CERTIFICATES": "landfall",
            ]
            for (name, value) in options.sorted(by: { $0.key < $1.key }) {
                try await expectNoRecord(fixture, Self.sources.merging([name: value]) { $1 }, "\(name) is another one")
            }
            try fixture.write(Array("http: {}".utf8), to: "dynamic.yml")
            let folder = ["LANDFALL_SOURCES": "traefik,traefik-file:\(fixture.path)"]
            try await expectNoRecord(fixture, folder, "a folder is added")
            try await expectNoRecord(
                fixture,
                Self.sources.merging(["LANDFALL_DRY_RUN": "yes"]) { $1 },
                "it is a dry run"
            )
            try await fixture.stop(try await fixture.start(["LANDFALL_SOURCES": "landfall"]))
            try await expectNoRecord(fixture, Self.sources, "it was switched off and on")
            try fixture.removeState()
            try await expectNoRecord(fixture, Self.sources, "the state is lost")
        }
    }

    @Test func `what a source was let request goes on while it waits with the rest`() async throws {
        try await HostileFixture.use { fixture in
            deploy(1, fixture)
            let daemon = try await fixture.start(Self.sources)
            try await fixture.command("once", "--accept-source", "traefik", changes: Self.sources)
            try await fixture.stop(daemon)
            fixture.docker.set { $0.services.append(Self.service("t2")) }
            let changes = Self.sources.merging(["LANDFALL_TRAEFIK_OPTIONS": "--core.defaultRuleSyntax=v2"]) { $1 }
            try await fixture.start(changes)
            let text = "is set up in another way than it was accepted and waits: it would request 1 record"
            #expect(try await fixture.status().hints.contains { $0.contains(text) })
            fixture.addresses.settings = AddressSettings(ipv4: "85.214.132.118")
            try await fixture.awaitOnlyRecord("A t1.example.test 85.214.132.118")
            let once = try await fixture.command("once", "--accept-source", "traefik", changes: changes)
            #expect(!once.outputText.contains(text))
            #expect(fixture.records == ["t1", "t2"].map { "A \($0).example.test 85.214.132.118" })
        }
    }

    // MARK: Unavailable is not empty

    private static func file(_ name: String) -> String {
        "http:\n  routers:\n    \(name):\n      rule: Host(`\(name).example.test`)\n      service: api@internal\n"
    }

    /// What may become of a file or its folder, each with what undoes it.
    private static let losses: [(name: String, act: @Sendable (HostileFixture) async throws -> Void)] = [
        ("the folder vanishes", { try await $0.runProgram(["mv", "\($0.path)/dynamic", "\($0.path)/away"]) }),
        (
            "the folder is not mounted",
            {
                try await $0.runProgram(["mv", "\($0.path)/dynamic", "\($0.path)/away"])
                try $0.makeFolder("dynamic")
            }
        ),
        (
            "the folder is a file",
            {
                try await $0.runProgram(["mv", "\($0.path)/dynamic", "\($0.path)/away"])
                try $0.write([], to: "dynamic")
            }
        ),
        ("the file is empty", { try $0.write([], to: "dynamic/f.yml") }),
        ("the file is half written", { try $0.write(Array(file("f").utf8.prefix(60)), to: "dynamic/f.yml") }),
        (
            "the file is rubbish",
            { try $0.write((0..<5000).map { UInt8(truncatingIfNeeded: $0 * 7) }, to: "dynamic/f.yml") }
        ),
        ("the file is of zeros", { try $0.write([UInt8](repeating: 0, count: 5000), to: "dynamic/f.yml") }),
        (
            "the file is a loop of links",
            { try await $0.runProgram(["ln", "-sf", "f.yml", "\($0.path)/dynamic/f.yml"]) }
        ),
        (
            "the file is a pipe",
            {
                try await $0.runProgram(["rm", "-f", "\($0.path)/dynamic/f.yml"])
                try await $0.runProgram(["mkfifo", "\($0.path)/dynamic/f.yml"])
            }
        ),
        (
            "the file has a gigabyte",
            { try await $0.runProgram(["truncate", "--size=1G", "\($0.path)/dynamic/f.yml"]) }
        ),
        (
            "the file is a folder",
            {
                try await $0.runProgram(["rm", "-f", "\($0.path)/dynamic/f.yml"])
                try $0.makeFolder("dynamic/f.yml")
            }
        ),
    ]

    @Test func `nothing is withdrawn because a file or a folder cannot be read`() async throws {
        try await HostileFixture.use { fixture in
            let changes = [
                "LANDFALL_SOURCES": "landfall,traefik-file:\(fixture.path)/dynamic", "LANDFALL_SOURCE_ACCEPT": "yes",
                "LANDFALL_DNS_POLICY": "sync", "LANDFALL_DNS_GRACE": "1ms", "LANDFALL_INSTANCE": "tests",
            ]
            fixture.deploy(
                StubService("a", ["landfall.host": "a.example.test"]),
                StubService("b", ["landfall.host": "b.example.test"])
            )
            func restore() async throws {
                try await fixture.runProgram(["rm", "-rf", "\(fixture.path)/dynamic", "\(fixture.path)/away"])
                try fixture.makeFolder("dynamic")
                try fixture.write(Array(Self.file("f").utf8), to: "dynamic/f.yml")
                try fixture.write(Array("http: {}\n".utf8), to: "dynamic/other.yml")
            }
            try await restore()
            try await fixture.start(changes)
            let all = ["a", "b", "f"].map { Self.record($0, fixture) }
            try await fixture.awaitRecord(all[2])
            #expect(fixture.records == all)
            for loss in Self.losses {
                try await loss.act(fixture)
                for _ in 0..<5 { try await fixture.run() }
                let report = try await fixture.run()
                #expect(fixture.records == all, "\(loss.name)")
                let told = report.problems.map(\.text) + report.refusals.map(\.description)
                #expect(told.contains { $0.contains("dynamic") }, "\(loss.name): \(told)")
                try await restore()
                try await fixture.run()
            }
            try await fixture.runProgram(["rm", "\(fixture.path)/dynamic/f.yml"])
            try await eventually("the end of a record that no file declares") {
                try await fixture.run()
                return fixture.records == Array(all.prefix(2))
            }
        }
    }

    // MARK: Bombs

    private static let bombs: [(name: String, file: String, text: @Sendable () -> String)] = [
        (
            "a billion laughs", "yml",
            {
                let rows = (1...20).map {
                    "a\($0): &a\($0) [\(Array(repeating: "*a\($0 - 1)", count: 10).joined(separator: ","))]"
                }
                return (["a0: &a0 [lol]"] + rows).joined(separator: "\n")
            }
        ),
        ("deep lists", "yml", { String(repeating: "[", count: 900_000) }),
        ("deep maps", "yml", { (0..<1000).map { String(repeating: " ", count: $0) + "a:\n" }.joined() }),
        ("a long key", "yml", { "\"\(HostileText.combiningMarks(bytes: 900_000))\": 1" }),
        ("a long text", "yml", { "http: {routers: {x: {rule: \"\(HostileText.combiningMarks(bytes: 900_000))\"}}}" }),
        ("a deep key", "toml", { Array(repeating: "a", count: 500_000).joined(separator: ".") + " = 1\n" }),
        ("a deep table", "toml", { "[\(Array(repeating: "\"a\"", count: 200_000).joined(separator: "."))]\n" }),
        (
            "a deep key behind a long string", "toml",
            { "x = { b = \"\"\"\n# \"\"\", \(Array(repeating: "a", count: 400_000).joined(separator: ".")) = 1 }\n" }
        ),
        ("deep arrays", "toml", { "a = " + String(repeating: "[", count: 900_000) }),
        ("many numbers", "toml", { "[http]\na = [" + String(repeating: "1,", count: 400_000) + "]\n" }),
        ("a doubling text", "yml", { "{{$x := \"ab\"}}" + String(repeating: "{{$x = print $x $x}}", count: 5000) }),
        ("a doubling list", "yml", { "{{$x := list 1}}" + String(repeating: "{{$x = list $x $x}}", count: 5000) }),
        (
            "a deep list of a template", "yml",
            { "{{$x := list 1}}" + String(repeating: "{{$x = list $x}}", count: 9000) }
        ),
        (
            "loops in loops", "yml",
            {
                let list = (0..<50).map(String.init).joined(separator: " ")
                return String(repeating: "{{range list \(list)}}", count: 40) + "x"
                    + String(repeating: "{{end}}", count: 40)
            }
        ),
        ("many variables", "yml", { (0..<9000).map { "{{$a\($0) := 1}}" }.joined() }),
        ("many texts", "yml", { "{{" + String(repeating: "\"\" ", count: 300_000) + "}}" }),
        ("many actions", "yml", { String(repeating: "{{", count: 500_000) }),
        (
            "rules that name everything", "yml",
            {
                let rule = Array(repeating: "Host(`a.b`)", count: 1200).joined(separator: "||")
                let routers = (0..<70).map { "    r\($0): {service: api@internal, rule: '\(rule)'}\n" }
                return "http:\n  routers:\n" + routers.joined()
            }
        ),
        (
            "a long rule by many aliases", "yml",
            {
                let rule = (0..<500).map { "Host(`h\($0).test`)" }.joined(separator: "||")
                let routers = (0..<9000).map { "    r\($0): *a\n" }
                return "http:\n  routers:\n    r: &a {service: api@internal, rule: '\(rule)'}\n" + routers.joined()
            }
        ),
        (
            "a middleware that all name again and again", "yml",
            {
                let names = Array(repeating: "m", count: 500).joined(separator: ",")
                let routers = (0..<900).map {
                    "    r\($0): {service: api@internal, middlewares: [\(names)], rule: Host(`h\($0).test`)}\n"
                }
                return "http:\n  middlewares:\n    m: {chain: {middlewares: [\(names.replacing("m", with: "n"))]}}\n"
                    + "    n: {ipAllowList: {sourceRange: [\(Array(repeating: "10.0.0.1", count: 5000).joined(separator: ","))]}}\n"
                    + "  routers:\n" + routers.joined()
            }
        ),
        (
            "ten thousand wrong rules", "yml",
            {
                let routers = (0..<10_000).map { "    r\($0): {service: api@internal, rule: 'Host(`a`'}\n" }
                return "http:\n  routers:\n" + routers.joined()
            }
        ),
        (
            "ten thousand routers", "yml",
            {
                let routers = (0..<10_000).map { "    r\($0): {service: api@internal, rule: 'Host(`h\($0).test`)'}\n" }
                return "http:\n  routers:\n" + routers.joined()
            }
        ),
    ]

    /// Templates that make much of little.
    private static let templates = [
        "{{$t := \"\(String(repeating: "a", count: 7000))\"}}{{$t = print $t $t}}"
            + (0..<20).map { "{{$x\($0) := replace \"a\" $t $t}}" }.joined(),
        "{{$l := splitList \",\" \"\(String(repeating: ",", count: 4000))\"}}"
            + String(repeating: "{{$x := join \"\(String(repeating: "a", count: 400))\" $l}}", count: 20),
        "{{$l := splitList \",\" \"\(String(repeating: ",", count: 8000))\"}}{{range until 1000}}"
            + String(repeating: "{{range $l}}{{end}}", count: 8) + "{{end}}",
        "{{$t := \"\(String(repeating: "a", count: 7000))\"}}{{$w := print $t \"b\"}}{{$t = print $t $t}}"
            + String(repeating: "{{$x := contains $w $t}}", count: 40),
    ]

    @Test func `no template in a label costs more than it holds`() async throws {
        try await HostileFixture.use { fixture in
            fixture.docker.set {
                $0.services = Self.templates.enumerated().map { place, template in
                    StubService("bomb\(place)", ["caddy": template, "caddy.reverse_proxy": "x:80"])
                }
            }
            let daemon = try await fixture.start(["LANDFALL_SOURCES": "caddy", "LANDFALL_SOURCE_ACCEPT": "yes"])
            _ = try await fixture.run()
            let (work, memory) = (try fixture.processorTime(of: daemon), try fixture.peakMemory(of: daemon))
            print("\(Test.current?.name ?? ""): \(work), \(memory >> 20) MiB")
            #expect(work < .seconds(20) && memory <= 128 << 20)
        }
    }

    @Test func `no file costs more than it holds, and good ones beside it are served`() async throws {
        try await HostileFixture.use { fixture in
            try fixture.makeFolder("dynamic")
            try fixture.write(Array(Self.file("good").utf8), to: "dynamic/good.yml")
            for (place, bomb) in Self.bombs.enumerated() {
                try fixture.write(Array(bomb.text().utf8), to: "dynamic/bomb-\(place).\(bomb.file)")
            }
            let daemon = try await fixture.start([
                "LANDFALL_SOURCES": "traefik-file:\(fixture.path)/dynamic", "LANDFALL_SOURCE_ACCEPT": "yes",
            ])
            let report = try await fixture.run()
            #expect(fixture.records == [Self.record("good", fixture)])
            for (place, bomb) in Self.bombs.enumerated() {
                let told = report.refusals.filter { $0.origin.name.contains("/bomb-\(place).") }
                #expect((1...120).contains(told.count), "\(bomb.name): \(told.count)")
            }
            let (work, memory) = (try fixture.processorTime(of: daemon), try fixture.peakMemory(of: daemon))
            print("\(Test.current?.name ?? ""): \(work), \(memory >> 20) MiB")
            #expect(work < .seconds(60))
            #expect(memory <= 256 << 20)
        }
    }

    @Test func `files that are renamed without end cost a run now and then`() async throws {
        try await HostileFixture.use { fixture in
            try fixture.makeFolder("dynamic")
            for number in 0..<200 { try fixture.write(Array("http: {}\n".utf8), to: "dynamic/\(number).yml") }
            try fixture.write(Array(Self.file("good").utf8), to: "dynamic/good.yml")
            try await fixture.start([
                "LANDFALL_SOURCES": "traefik-file:\(fixture.path)/dynamic", "LANDFALL_SOURCE_ACCEPT": "yes",
                "LANDFALL_QUIET": "1s",
            ])
            let runs = fixture.endedRuns
            for number in 0..<2000 {
                let name = "\(fixture.path)/dynamic/\(number % 200).yml"
                try #require(unsafe rename(name, name + ".tmp") == 0 && rename(name + ".tmp", name) == 0)
            }
            try fixture.write(Array(Self.file("late").utf8), to: "dynamic/late.yml")
            try await eventually("the record of the last file", within: .seconds(30)) {
                fixture.records.contains(Self.record("late", fixture))
            }
            #expect(fixture.endedRuns - runs < 20)
        }
    }

    // MARK: Secrets

    private static let secrets: StubLabels = [
        "traefik.http.middlewares.auth.basicauth.users": "admin:hunter2-hash",
        "traefik.http.middleware.slip.basicauth.users": "admin:hunter2-slip",
        "traefik.frontend.auth.basic.users": "admin:hunter2-first",
        "traefik.http.services.s.loadbalancer.healthcheck.headers.X-Token": "hunter2-check",
        "caddy": "c.example.test", "caddy.tls.dns": "cloudflare hunter2-dns", "caddy.basic_auth.admin": "hunter2-caddy",
        "caddy.reverse_proxy": "{{upstreams 80}}", "caddy.reverse_proxy.header_up": "Authorization hunter2-up",
        "caddy.broken": "hunter2-broken \"", "other.password": "hunter2-other",
    ]

    @Test func `no password, token or key that a proxy is told is recorded, logged or shown`() async throws {
        try await HostileFixture.use { fixture in
            try fixture.makeFolder("dynamic")
            let file =
                Self.file("f") + "  middlewares:\n    m:\n      basicAuth: {users: ['admin:hunter2-file']}\n"
                + "    p:\n      plugin:\n        bouncer: {lapiKey: hunter2-plugin}\n"
                + "    h:\n      headers: {customRequestHeaders: {X-Api: hunter2-header}}\n"
            try fixture.write(Array(file.utf8), to: "dynamic/f.yml")
            try fixture.write(Array((file + "  slip: hunter2-top\n").utf8), to: "dynamic/g.yml")
            try fixture.write(Array(("\t" + file).utf8), to: "dynamic/h.yml")
            let toml = "[http.middlewares.m.headers.customRequestHeaders]\nX-Api = \"hunter2-toml\"\n"
            try fixture.write(
                Array("[http.routers.t]\nrule = \"Host(`t.example.test`)\"\nservice = \"api@internal\"\n\(toml)".utf8),
                to: "dynamic/t.toml"
            )
            fixture.deploy(
                StubService("noise", Self.secrets),
                StubService("only", ["traefik.http.middlewares.auth.basicauth.users": "admin:hunter2-only"]),
                Self.service("rule", "traefik.http.routers.two.rule", "Host(`x`) && Header(`X-Token`, `hunter2-rule`)"),
                Self.service("good")
            )
            let changes = [
                "LANDFALL_SOURCES": "traefik,caddy,traefik-file:\(fixture.path)/dynamic",
                "LANDFALL_SOURCE_ACCEPT": "yes",
                "LANDFALL_RECORD": "\(fixture.path)/recordings", "LANDFALL_LOG_LEVEL": "debug",
                "SLACK_TOKEN": "xoxb-12345678",
                "LANDFALL_TRAEFIK_OPTIONS":
                    "--providers.swarm.constraints=!Label(`x`,`y`) --certificatesresolvers.le.acme.eab."
                    + "hmacencoded=hunter2-eab --entrypoints.web.address=:80",
            ]
            let daemon = try await fixture.start(changes)
            try await fixture.run()
            for name in ["f", "t", "good", "rule"] {
                #expect(fixture.records.contains(Self.record(name, fixture)), "\(name): \(fixture.records)")
            }
            var texts = [("log", fixture.log), ("status", try await fixture.askPage("/api/status").text)]
            for arguments in [
                ["plan"], ["once", "--json"], ["explain", "x.example.test"], ["explain", "f.example.test"], ["check"],
            ] {
                let result = try await LandfallProgram.run(arguments, fixture.variables(changes))
                texts.append((arguments.joined(), result.outputText + result.errorText))
            }
            try await fixture.stop(daemon)
            let names = try SystemFiles().list("\(fixture.path)/recordings", for: .run)
            texts += names.map { ($0, fixture.text("recordings/\($0)") ?? "") }
            texts.append(("state", fixture.text("state/state.sqlite") ?? ""))
            for (place, text) in texts {
                #expect(!text.isEmpty, "\(place)")
                let found = text.ranges(of: "hunter2").prefix(3).map { text[$0.lowerBound...].prefix(20) }
                #expect(found.isEmpty, "\(place): \(found)")
            }
            for name in names {
                let replay = try await LandfallProgram.run(["replay", "\(fixture.path)/recordings/\(name)"])
                #expect(replay.end == .exited(0), "\(replay.outputText)\(replay.errorText)")
            }
        }
    }

    // MARK: Contradictions

    @Test func `a proxy's host does not take the name of another service's label, nor the reverse`() async throws {
        try await HostileFixture.use { fixture in
            let own = StubService("own", ["landfall.host": "x.example.test", "landfall.dns": "192.0.2.7"])
            fixture.deploy(own)
            let changes = Self.sources.merging(["LANDFALL_SOURCE_ACCEPT": "yes"]) { $1 }
            try await fixture.start(changes)
            try await fixture.awaitOnlyRecord("A x.example.test 192.0.2.7")
            fixture.deploy(own, Self.service("x"), Self.service("y"))
            try await fixture.awaitRecord(Self.record("y", fixture))
            #expect(fixture.records.contains("A x.example.test 192.0.2.7"))
            fixture.deploy(
                own,
                Self.service("x"),
                Self.service("y"),
                StubService("thief", ["landfall.host": "y.example.test", "landfall.dns": "192.0.2.9"])
            )
            let report = try await fixture.run()
            #expect(fixture.records == ["A x.example.test 192.0.2.7", Self.record("y", fixture)])
            #expect(report.records.contains { $0.reason?.contains("service y") ?? false }, "\(report.records)")
        }
    }

    @Test func `an object opts out or overrides by its own labels, whatever it tells a proxy`() async throws {
        try await HostileFixture.use { fixture in
            fixture.deploy(
                Self.service("empty", "landfall.host", ""),
                Self.service("none", "landfall.host", "none"),
                Self.service("dark", "landfall.dns", "none"),
                Self.service("fixed", "landfall.dns", "192.0.2.3"),
                Self.service("named", "landfall.host", "other.example.test"),
                Self.service("wrong", "landfall.dns", "nonsense"),
                Self.service("plain")
            )
            try await fixture.start(Self.sources.merging(["LANDFALL_SOURCE_ACCEPT": "yes"]) { $1 })
            try await fixture.run()
            let expected = [
                "A fixed.example.test 192.0.2.3", Self.record("other", fixture), Self.record("plain", fixture),
            ]
            #expect(fixture.records == expected.sorted())
        }
    }
}

extension HostileFixture {
    fileprivate func removeState() throws { try SystemFiles().remove("\(path)/state", for: .run) }
}

import Emulators
import Glibc
import Model
import Ports
import Processes
import TestSupport
import Testing

/// What `landfall check` finds before the first order.
@Suite(.limited(minutes: 5)) struct CheckTests {
    @Test func `a token that may not write is found, and nothing is changed`() async throws {
        try await HostileFixture.use { fixture in
            try fixture.put("A", "www.example.test", "203.0.113.9")
            let good = try await fixture.command("check")
            #expect(good.outputText.contains("✓ writing to Cloudflare: allowed in example.test, other.test"))
            let bad = try await fixture.command("check", changes: ["CLOUDFLARE_API_TOKEN": "reading-token"])
            #expect(bad.end == .exited(1))
            #expect(bad.outputText.contains("✗ writing to Cloudflare: the token may not edit the zone example.test"))
            #expect(bad.outputText.contains("  → give the token the permission Zone / DNS / Edit"))
            #expect(fixture.records == ["A www.example.test 203.0.113.9"])
        }
    }

    @Test func `a certbot plugin that is missing is found`() async throws {
        try await HostileFixture.use { fixture in
            for (plugin, line) in [
                ("dns-cloudflare", "✓ certbot plugin: dns-cloudflare is installed"),
                ("dns-nowhere", "✗ certbot plugin: certbot has no plugin dns-nowhere"),
            ] {
                let check = try await fixture.command(
                    "check",
                    changes: ["LANDFALL_CERTIFICATES": "on", "CERTBOT_AUTHENTICATOR": plugin]
                )
                #expect(check.outputText.contains(line))
            }
        }
    }

    @Test func `what each source finds is said, and which proxy is told hosts that none reads`() async throws {
        try await HostileFixture.use { fixture in
            fixture.deploy(
                StubService(
                    "web",
                    [
                        "traefik.http.routers.web.rule": "Host(`www.example.test`)",
                        "traefik.http.services.web.loadbalancer.server.port": "80",
                    ]
                ),
                StubService("shop", ["caddy": "shop.example.test", "caddy.reverse_proxy": "{{upstreams 80}}"])
            )
            let own = try await fixture.command("check").outputText
            #expect(
                own.contains(
                    "- source traefik: 1 host is declared to it: www.example.test, which Landfall does not read"
                )
            )
            #expect(own.contains("  → add traefik to LANDFALL_SOURCES"))
            #expect(own.contains("- source caddy: 1 host is declared to it: shop.example.test"))
            #expect(!own.contains("source nginx-proxy"))

            fixture.docker.set { $0.services.append(StubService("own", ["landfall.host": "own.example.test"])) }
            let nowhere = "\(fixture.path)/dynamic"
            let sources = ["LANDFALL_SOURCES": "traefik,traefik-file:\(nowhere),nginx-proxy"]
            let all = try await fixture.command("check", changes: sources).outputText
            #expect(all.contains("✓ source traefik: 1 host is declared to it: www.example.test; it waits until"))
            #expect(all.contains("✗ source traefik-file: the folder \(nowhere) of traefik-file cannot be read: "))
            #expect(all.contains("  → mount the folder into Landfall's container"))
            #expect(all.contains("- source nginx-proxy: nothing declares a host to it"))
            #expect(all.contains("- source caddy: 1 host is declared to it"))
            #expect(
                all.contains(
                    "- source landfall: 1 host is declared to it: own.example.test, which Landfall does not read"
                )
            )
            #expect(fixture.records.isEmpty)

            _ = try await fixture.command("once", "--accept-source", "traefik", changes: sources)
            let accepted = try await fixture.command("check", changes: sources).outputText
            #expect(accepted.contains("✓ source traefik: 1 host is declared to it: www.example.test\n"))
        }
    }

    @Test(.enabled(if: geteuid() == 0, "needs root, to give up rights"))
    func `a key group that this process cannot give files to is found, and said at start`() async throws {
        try await HostileFixture.use { fixture in
            let certbot = try await StubCertbot(fixture)
            let variables = fixture.variables(certbot.variables.merging(["LANDFALL_KEY_GROUP": "12345"]) { $1 })
            fixture.deploy(StubService("web", ["landfall.host": "www.example.test"]))
            func run(_ rights: [String], _ command: String) async throws -> String {
                let request = ProcessRequest(
                    ["setpriv", "--bounding-set=-chown"] + rights + [LandfallProgram.path, command],
                    environment: variables,
                    timeLimit: .seconds(20).scaledToLoad
                )
                return try await SpawnRunner().run(request, for: .run).outputText
            }
            let line = "LANDFALL_KEY_GROUP cannot work: the user 0 is no member of the group 12345"
            let without = try await run([], "check")
            #expect(without.contains("✗ key group: \(line)"))
            let member = try await run(["--groups=12345"], "check")
            #expect(member.contains("✓ key group: keys can be given"))
            // A member needs no other right, as in a container.
            _ = try await run(["--groups=12345"], "once")
            var status = stat()
            #expect(unsafe stat("\(fixture.certificates)/live/www.example.test/privkey.pem", &status) == 0)
            #expect(status.st_gid == 12345 && status.st_mode & 0o040 != 0)
        }
    }
}

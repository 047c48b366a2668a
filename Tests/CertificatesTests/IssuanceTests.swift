import Files
@testable import Certificates
import DNS
import Emulators
import HTTPServer
import Model
import Ports
import Report
import State
import TestSupport
import Testing

/// Real certbot against a real ACME server that really validates.
@Suite(.serialized, .limited(minutes: 2)) struct IssuanceTests {
    private func host(_ name: String, _ choice: CertificateChoice = .each) throws -> DesiredHost {
        DesiredHost(
            name: try DomainName(name),
            origin: Origin(kind: .service, id: "id", name: "web"),
            certificate: choice
        )
    }

    @Test(arguments: CertbotGeneration.allCases)
    func `a certificate is issued into the standard layout, and only into it`(certbot: CertbotGeneration) async throws {
        try await ACMEFixture.with(certbot) { fixture in
            let results = await fixture.run([try host("a.example.test")])
            let result = try #require(results.first)
            let certificate = try #require(fixture.onDisk(result.lineage), "\(result.outcome)")
            #expect(result.outcome == .changed("issued, valid until \(certificate.notAfter.day)"))
            #expect(certificate.names.map(\.text) == ["a.example.test"])
            #expect(fixture.provider.values.isEmpty)
            #expect(try fixture.state.texts(in: "challenges").isEmpty)
            #expect(try fixture.scratch.list("state/certbot/run").isEmpty)

            // Nothing in the state directory is needed any more: plain certbot lists and renews.
            try await fixture.scratch.run("rm", "-r", "state")
            let options = [
                "--config-dir", fixture.settings.configDirectory, "--work-dir", "work", "--logs-dir", "logs",
            ]
            let listed = try await fixture.scratch.run([certbot.program, "certificates"] + options)
            #expect(listed.contains("\(fixture.settings.configDirectory)/live/a.example.test/fullchain.pem"))
            #expect(!listed.contains("INVALID"))
            let token = await fixture.solver.openSession(
                lineage: "a.example.test",
                names: certificate.names,
                zones: fixture.provider.directory
            ) { _ in }
            // Without a server named, a dry run would go to Let's Encrypt's staging.
            let dryRun = ["--dry-run", "--no-random-sleep-on-renew", "--server", fixture.settings.server]
            try await fixture.scratch.run(
                [certbot.program, "renew"] + dryRun + options,
                environment: ["REQUESTS_CA_BUNDLE": "\(fixture.scratch.path)/ca.pem", HookClient.tokenVariable: token]
            )
            #expect(await fixture.solver.closeSession(token) == nil)
        }
    }

    @Test(arguments: CertbotGeneration.allCases)
    func `certbot's own renewal leaves Landfall's certificates alone, also those that 0.1.0 ordered`(
        certbot: CertbotGeneration
    ) async throws {
        let validity = #""certificateValidityPeriod": 86400"#
        try await ACMEFixture.with(certbot, configuration: validity) { fixture in
            let hosts = [try host("a.example.test")]
            let file = "letsencrypt/renewal/a.example.test.conf"
            func countOfCertificates() throws -> Int {
                try fixture.scratch.list("letsencrypt/archive/a.example.test").count { $0.hasPrefix("cert") }
            }
            #expect(await fixture.run(hosts).map(\.outcome.word) == ["changed"])
            #expect(try fixture.scratch.text(file).contains("autorenew = False\n"))
            try await renew(certbot, in: fixture)
            #expect(try countOfCertificates() == 1)

            // The setting that 0.1.0 did not make comes with the next order.
            try await fixture.scratch.run("sed", "-i", "/autorenew/d", file)
            #expect(await fixture.run(hosts, clock: OffsetClock(seconds: 80_000)).map(\.outcome.word) == ["changed"])
            #expect(try fixture.scratch.text(file).contains("autorenew = False\n"))
            #expect(try countOfCertificates() == 2)

            // A dry run deactivates the authorizations that are valid; else pebble takes one instead of a challenge in one
            // order of a hundred, PEBBLE_AUTHZREUSE=0 notwithstanding (`rand.Intn(100) > 0` in its wfe.go).
            let error = try await #require(throws: ProgramError.self) {
                try await renew(certbot, "--dry-run", "--server", fixture.settings.server, in: fixture)
            }
            #expect(error.description.contains("only a certbot that Landfall started may call this hook"))
            #expect(try countOfCertificates() == 2)
            #expect(fixture.provider.values.isEmpty)
        }
    }

    private func renew(_ certbot: CertbotGeneration, _ arguments: String..., in fixture: ACMEFixture) async throws {
        let folders = ["--config-dir", fixture.settings.configDirectory, "--work-dir", "work", "--logs-dir", "logs"]
        try await fixture.scratch.run(
            [certbot.program, "renew", "--no-random-sleep-on-renew"] + arguments + folders,
            environment: ["REQUESTS_CA_BUNDLE": "\(fixture.scratch.path)/ca.pem"]
        )
    }

    @Test(arguments: CertbotGeneration.allCases)
    func `of three side by side one fails alone, before the authority is asked for it`(certbot: CertbotGeneration)
        async throws
    {
        let log = try await ACMEFixture.with(certbot, pebble: ["PEBBLE_WFE_NONCEREJECT": "15"]) { fixture in
            let hosts = try ["a", "b", "c"].map { try host("\($0).example.test") }
            fixture.provider.behave(.rejecting("the zone is locked"), at: "b.example.test")
            let results = await fixture.run(hosts)
            #expect(results.map(\.outcome.word) == ["changed", "failed", "changed"])
            #expect(
                results[1].outcome == .failed("the challenge cannot be published at challtestsrv: the zone is locked")
            )
            #expect(fixture.provider.values.isEmpty)
            let authorities = try fixture.scratch.list("letsencrypt/accounts")
            let accounts = try authorities.flatMap { try fixture.scratch.list("letsencrypt/accounts/\($0)/dir") }
            #expect(accounts.count == 1)

            // The next run lets the two alone, and the third wait.
            let plan = await fixture.stage().plan(hosts, zones: fixture.provider.directory)
            guard case .keep = plan.steps[0].action, case .wait(let reason) = plan.steps[1].action else {
                Issue.record("\(plan.steps)")
                return
            }
            #expect(
                reason.hasPrefix("until ") && reason.hasSuffix(" after a failure: \(results[1].outcome.detail ?? "")")
            )
        }
        #expect(log.contains("Value:\"a.example.test\""))
        #expect(!log.contains("Value:\"b.example.test\""))
    }

    @Test(arguments: CertbotGeneration.allCases)
    func `a wildcard and its apex share a name in DNS, and are renewed when due`(certbot: CertbotGeneration)
        async throws
    {
        try await ACMEFixture.with(certbot) { fixture in
            let hosts = [try host("www.example.test", .wildcard)]
            let issued = try #require(await fixture.run(hosts).first)
            #expect(issued.lineage == "wildcard.example.test")
            #expect(issued.hosts.map(\.text) == ["www.example.test"])
            #expect(
                fixture.onDisk(issued.lineage).map { Set($0.names.map(\.text)) } == ["example.test", "*.example.test"]
            )
            #expect(
                fixture.provider.published.all.map(\.name) == [
                    "_acme-challenge.example.test", "_acme-challenge.example.test",
                ]
            )

            #expect(await fixture.run(hosts).map(\.outcome) == [.unchanged])

            // Of five years, a third is left in the fourth.
            let renewed = try #require(await fixture.run(hosts, clock: OffsetClock(days: 1460)).first)
            #expect(renewed.outcome.detail?.hasPrefix("renewed, valid until ") == true, "\(renewed.outcome)")
            #expect(renewed.fingerprint != nil && renewed.fingerprint != issued.fingerprint)
            let archive = try fixture.scratch.list("letsencrypt/archive/wildcard.example.test")
            #expect(archive.contains("fullchain2.pem"))
        }
    }

    @Test(arguments: CertbotGeneration.allCases)
    func `a higher generation of an earlier time hinders no renewal, and is not put in use`(
        certbot: CertbotGeneration
    ) async throws {
        try await ACMEFixture.with(certbot) { fixture in
            let name = "a.example.test"
            let hosts = [try host(name)]
            let archive = "letsencrypt/archive/\(name)"
            func links() async throws -> String {
                try await fixture.scratch.run(["readlink"] + Self.kinds.map { "letsencrypt/live/\(name)/\($0).pem" })
            }
            func links(to generation: Int) -> String {
                Self.kinds.map { "../../archive/\(name)/\($0)\(generation).pem\n" }.joined()
            }
            #expect(await fixture.run(hosts).map(\.outcome.word) == ["changed"])
            try await fixture.scratch.makeCertificate("old", names: [name], days: 1)
            for kind in Self.kinds {
                let source = kind == "privkey" ? "old.key" : "old.pem"
                try await fixture.scratch.run("cp", source, "\(archive)/\(kind)2.pem")
            }
            let before = try fixture.scratch.list(archive)

            // Of five years, a third is left in the fourth. Another account has no valid authorization, which pebble might
            // take instead of a challenge.
            try await fixture.scratch.run("rm", "-r", "letsencrypt/accounts")
            fixture.provider.behave(.forgetful, at: name)
            let failed = try #require(await fixture.run(hosts, clock: OffsetClock(days: 1460)).first)
            #expect(failed.outcome.detail?.contains(" did not show the challenge at ") == true, "\(failed.outcome)")
            #expect(try await links() == links(to: 1))
            #expect(try fixture.scratch.list(archive) == before)

            fixture.provider.behave(.obedient, at: name)
            let renewed = try #require(await fixture.run(hosts, clock: OffsetClock(days: 1462)).first)
            #expect(renewed.outcome.word == "changed", "\(renewed.outcome)")
            #expect(try await links() == links(to: 4))
            #expect(try !fixture.scratch.list(archive).contains { $0.contains("3") })
        }
    }

    private static let kinds = ["cert", "chain", "fullchain", "privkey"]

    @Test(arguments: CertbotGeneration.allCases)
    func `a value that DNS does not show ends certbot before it asks the authority`(certbot: CertbotGeneration)
        async throws
    {
        let log = try await ACMEFixture.with(certbot) { fixture in
            fixture.provider.behave(.forgetful, at: "a.example.test")
            let result = try #require(await fixture.run([try host("a.example.test")]).first)
            let reason = try #require(result.outcome.detail)
            #expect(result.outcome.word == "failed")
            #expect(reason.hasPrefix("after \(fixture.propagationLimit.readable) 127.0.0.1:"))
            #expect(reason.contains(" did not show the challenge at _acme-challenge.a.example.test"))
        }
        #expect(!log.contains("Value:\"a.example.test\""))
    }

    @Test(arguments: CertbotGeneration.allCases)
    func `a stop half-way leaves no process and nothing that disturbs the next run`(certbot: CertbotGeneration)
        async throws
    {
        try await ACMEFixture.with(certbot) { fixture in
            let hosts = [try host("a.example.test")]
            fixture.provider.behave(.stuck, at: "a.example.test")
            let run = Task { await fixture.run(hosts) }
            await fixture.provider.published.wait(for: 1)
            run.cancel()
            let stopped = await run.value
            #expect(stopped.map(\.outcome) == [.failed("Landfall stopped while certbot was running")])
            let lock = "\(fixture.settings.stateDirectory)/certbot/run/a.example.test/.certbot.lock"
            #expect(try !SystemFiles().isLockedElsewhere(lock, for: .run))

            fixture.provider.behave(.obedient, at: "a.example.test")
            let next = await fixture.run(hosts)
            #expect(next.map(\.outcome.word) == ["changed"], "\(next)")
        }
    }

    @Test(arguments: CertbotGeneration.allCases)
    func `an account that the authority does not know is replaced`(certbot: CertbotGeneration) async throws {
        try await ACMEFixture.with(certbot) { fixture in
            let stage = fixture.stage()
            let names = [try DomainName("a.example.test")]
            _ = await fixture.run([try host("b.example.test")])
            // An account that the authority does not know.
            let account = "\(fixture.settings.configDirectory)/accounts"
            try await fixture.scratch.run(
                "sh",
                "-c",
                "sed -i 's#/my-account/[0-9a-f]*#/my-account/lost#' $(find '\(account)' -name regr.json)"
            )
            let step = CertificateStep(
                lineage: "a.example.test",
                names: names,
                action: .issue("there is no certificate yet")
            )
            let plan = CertificatePlan(steps: [step])
            let results = await stage.apply(plan, zones: fixture.provider.directory) { _ in }
            #expect(results.map(\.outcome.word) == ["changed"], "\(results)")
        }
    }

    @Test(arguments: CertbotGeneration.allCases)
    func `certbot's Cloudflare plugin gets its token in a file that does not stay`(certbot: CertbotGeneration)
        async throws
    {
        let token = Secret("a-token-for-tests")
        let cloudflare = CloudflareEmulator(zones: ["example.test"], credentials: [.token(token)])
        let api = try HTTPServer(listening: .tcp(address: "127.0.0.1", port: 0), handler: cloudflare.handler)
        defer { api.stop() }
        try await ACMEFixture.with(certbot, pebble: ["PEBBLE_VA_ALWAYS_VALID": "1"]) { fixture in
            var settings = fixture.settings
            settings.authenticator = try CertbotAuthenticator(named: "dns-cloudflare", cloudflare: .token(token))
            settings.propagationLimit = .seconds(1)
            // The plugin's generations name it differently.
            let url = "http://127.0.0.1:\(api.port)\(CloudflareEmulator.basePath)"
            settings.environment = ["CLOUDFLARE_API_URL": url, "CLOUDFLARE_BASE_URL": url]
            let results = await fixture.run([try host("a.example.test")], settings: settings)
            #expect(results.map(\.outcome.word) == ["changed"], "\(results)")
            let writes = cloudflare.log.requests.filter { $0.method != "GET" }
            #expect(writes.map(\.method) == ["POST", "DELETE"])
            #expect(fixture.provider.published.all.isEmpty)
            let traces = try await fixture.scratch.run("sh", "-c", "grep -rl \(token.revealed) . || true")
            #expect(traces.isEmpty, "\(traces)")
        }
    }
}

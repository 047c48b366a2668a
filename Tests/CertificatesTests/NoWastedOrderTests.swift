import Certificates
import DNS
import HTTPServer
import Model
import Ports
import Report
import State
import TestSupport
import Testing
import Timing

/// Real certbot, and how often it asks an authority.
@Suite(.serialized, .limited(minutes: 2)) struct NoWastedOrderTests {
    private func host(_ name: String, _ choice: CertificateChoice = .each) throws -> DesiredHost {
        DesiredHost(
            name: try DomainName(name),
            origin: Origin(kind: .service, id: "id", name: "web"),
            certificate: choice
        )
    }

    @Test func `a domain's limit lets so many names pass, and the others wait`() async throws {
        try await ACMEFixture.with { fixture in
            var settings = fixture.settings
            settings.limits = CertificateLimits(text: "domain=2/7d,set=1/7d")
            let hosts = try ["a", "b", "c"].map { try host("\($0).example.test") }
            let results = await fixture.run(hosts, settings: settings)
            #expect(results.map(\.outcome.word) == ["changed", "changed", "failed"])
            let reason = try #require(results[2].outcome.detail)
            #expect(
                reason.hasPrefix("waits until ")
                    && reason.hasSuffix("the CA's limit is 2 certificates for example.test in 7 days")
            )

            // Lost, it is made anew of what is in the archive.
            for namespace in ["rate-limits", "rate-limit-orders"] {
                let keys = try fixture.state.texts(in: namespace).keys
                try fixture.state.commit([namespace: Dictionary(uniqueKeysWithValues: keys.map { ($0, nil) })])
            }
            let plan = await fixture.stage(settings).plan(hosts, zones: fixture.provider.directory)
            #expect(plan.steps.map(\.isOrder) == [false, false, false])
            let uses = fixture.stage(settings).rateLimitUsage(of: [try DomainName("c.example.test")])
            #expect(
                uses.value?.map(\.description) == [
                    "2 of 2 certificates for example.test in 7 days",
                    "0 of 1 certificates for exactly c.example.test in 7 days",
                ]
            )
        }
    }

    @Test func `names that were never certified and failed are tried at the staging server first`() async throws {
        let log = try await ACMEFixture.with { fixture in
            try await fixture.withStaging { staging in
                var settings = fixture.settings
                settings.stagings = [settings.server: staging.server]
                let hosts = [try host("a.example.test")]
                fixture.provider.behave(.forgetful, at: "a.example.test")
                let first = await fixture.run(hosts, settings: settings)
                #expect(
                    first[0].outcome.detail?.hasPrefix("after \(fixture.propagationLimit.readable) ") == true,
                    "\(first)"
                )
                #expect(try staging.orders == 0)

                let stage = fixture.stage(settings, clock: OffsetClock(days: 1))
                let plan = await stage.plan(hosts, zones: fixture.provider.directory)
                let words = "there is no certificate yet; it failed before, so the staging server is tried first"
                #expect(plan.steps.map(\.action) == [.issue(words)])
                let second = await fixture.run(hosts, settings: settings, clock: OffsetClock(days: 1))
                let reason = second[0].outcome.detail ?? ""
                #expect(
                    reason.hasPrefix("the staging server was tried first: after \(fixture.propagationLimit.readable) "),
                    "\(reason)"
                )
                #expect(try staging.orders == 1)

                fixture.provider.behave(.obedient, at: "a.example.test")
                let third = await fixture.run(hosts, settings: settings, clock: OffsetClock(days: 2))
                #expect(third[0].outcome.word == "changed", "\(third)")
                #expect(try staging.orders == 2)
                let store = "state/certbot/staging"
                #expect(try fixture.scratch.list("\(store)/live").filter { $0 != "README" }.isEmpty)
                #expect(try fixture.scratch.list("letsencrypt/archive/a.example.test").contains("fullchain1.pem"))
                let listed = try await fixture.scratch.run("find", "letsencrypt/accounts", "-name", "regr.json")
                #expect(listed.split(separator: "\n").count == 1, "staging's account is not among them")
                #expect(await fixture.run(hosts, settings: settings).map(\.outcome) == [.unchanged])
            }
        }
        #expect(ACMEFixture.orders(in: log) == 2, "the first, and the one after staging had passed")
    }

    @Test func `a staging server that cannot be reached prevents no order`() async throws {
        try await ACMEFixture.with { fixture in
            var settings = fixture.settings
            settings.stagings = [settings.server: "https://127.0.0.1:9/dir"]
            let hosts = [try host("a.example.test")]
            fixture.provider.behave(.forgetful, at: "a.example.test")
            _ = await fixture.run(hosts, settings: settings)
            fixture.provider.behave(.obedient, at: "a.example.test")
            let second = await fixture.run(hosts, settings: settings, clock: OffsetClock(days: 1))
            #expect(second[0].outcome.word == "changed", "\(second)")
        }
    }

    @Test func `a limit that the authority reports is kept, and the refused order does not count`()
        async throws
    {
        try await ACMEFixture.with { fixture in
            let until = (SystemClock().now + .seconds(7200)).description
            let time = "\(until.prefix(10)) \(until.dropFirst(11).prefix(8)) UTC"
            let detail =
                "too many certificates (50) already issued for \"example.test\" in the last 168h0m0s, retry after \(time): see https://letsencrypt.org/docs/"
            let authority = try RejectingAuthority(status: 429, kind: "rateLimited", detail: detail)
            defer { authority.server.stop() }
            var settings = fixture.settings
            settings.server = authority.url
            settings.limits = .production
            let first = await fixture.run([try host("a.example.test")], settings: settings)
            #expect(first.map(\.outcome) == [.failed(detail)])
            #expect(authority.orders == 1)
            // Neither of this name nor of another one in the domain.
            let hosts = try [host("a.example.test"), host("b.example.test")]
            let second = await fixture.run(hosts, settings: settings, clock: OffsetClock(seconds: 3600))
            for result in second {
                #expect(result.outcome.detail?.hasSuffix("the authority says: \(detail)") == true, "\(result)")
            }
            #expect(authority.orders == 1)
            #expect(try fixture.state.texts(in: "rate-limit-orders").isEmpty)
            _ = await fixture.run([try host("b.example.test")], settings: settings, clock: OffsetClock(seconds: 7210))
            #expect(authority.orders == 2)
        }
    }

    @Test(
        arguments: [
            (503, "", nil, 3), (500, "serverInternal", "the database is away", 3),
            (400, "badNonce", "no such nonce", 6),
            (403, "rejectedIdentifier", "no certificates for example.test", 1),
        ] as [(Int, String, String?, Int)]
    )
    func `a transient error is tried three times, any other once`(
        status: Int,
        kind: String,
        detail: String?,
        orders: Int
    ) async throws {
        try await ACMEFixture.with { fixture in
            let authority = try RejectingAuthority(status: status, kind: kind, detail: detail)
            defer { authority.server.stop() }
            var settings = fixture.settings
            settings.server = authority.url
            settings.limits = CertificateLimits(text: "account=3/1h")
            let results = await fixture.run([try host("a.example.test")], settings: settings)
            #expect(results.map(\.outcome.word) == ["failed"])
            if let detail { #expect(results[0].outcome.detail?.contains(detail) == true, "\(results)") }
            // The acme library itself repeats an order whose nonce was rejected, once.
            #expect(authority.orders == orders)
            let stored = try fixture.state.texts(in: "rate-limit-orders")
            #expect(stored.count == min(orders, 3) && stored.values.allSatisfy { $0.contains("\"failed\"") })
        }
    }
}

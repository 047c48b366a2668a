import Certificates
import DNS
import Emulators
import Model
import Ports
import Report
import State
import TestSupport
import Testing

/// Real certbot at an ACME server that refuses what Let's Encrypt refuses.
@Suite(.serialized, .limited(minutes: 2)) struct LetsEncryptRulesTests {
    private func hosts(_ names: String..., as choice: CertificateChoice = .each, profile: String? = nil) throws
        -> [DesiredHost]
    {
        let origin = Origin(kind: .service, id: "id", name: "web")
        return try names.map {
            DesiredHost(name: try DomainName($0), origin: origin, certificate: choice, profile: profile)
        }
    }

    private func with(
        _ certbot: CertbotGeneration = .old,
        _ rules: LetsEncryptProxy.Rules = .init(),
        _ body: (ACMEFixture, ACMEFixture.LetsEncrypt) async throws -> Void
    ) async throws {
        try await ACMEFixture.with(certbot, zone: "example.org") { fixture in
            try await fixture.withLetsEncrypt(rules) { authority in try await body(fixture, authority) }
        }
    }

    @Test func `a set with redundant names, and names that are never certified, is ordered without them`() async throws
    {
        try await with { fixture, authority in
            let shop = CertificateChoice.shared(lineage: "shop")
            let wanted = try hosts("*.s.example.org", "www.s.example.org", "ab--cd.example.org", as: shop)
            let results = await fixture.run(wanted, settings: authority.settings)
            #expect(results.map(\.outcome.word) == ["changed", "refused"], "\(results)")
            #expect(authority.proxy.orders == [["*.s.example.org"]])
            let again = await fixture.run(wanted, settings: authority.settings)
            #expect(Set(again.map(\.outcome.word)) == ["unchanged", "refused"], "\(again)")
            #expect(authority.proxy.orders.count == 1)
        }
    }

    @Test(arguments: CertbotGeneration.allCases)
    func `an account that the authority has forgotten is replaced once, and all orders are placed in the same run`(
        certbot: CertbotGeneration
    ) async throws {
        try await with(certbot) { fixture, authority in
            let first = await fixture.run(try hosts("a.example.org"), settings: authority.settings)
            #expect(first.map(\.outcome.word) == ["changed"], "\(first)")
            let account = try await files(named: "private_key.json", in: fixture)
            authority.proxy.forgetAccounts()
            let more = try hosts("b.example.org", "c.example.org", "d.example.org")
            let results = await fixture.run(more, settings: authority.settings)
            #expect(results.map(\.outcome.word) == ["unchanged", "changed", "changed", "changed"], "\(results)")
            let accounts = try await files(named: "private_key.json", in: fixture)
            #expect(accounts.count == 2 && accounts.count { $0.contains("/forgotten-accounts/") } == 1)
            #expect(account.count == 1 && !accounts.contains(account[0]))
            #expect(authority.proxy.orders.count <= 7)
            #expect(try fixture.state.texts(in: "certificate-failures").isEmpty)
        }
    }

    private func files(named name: String, in fixture: ACMEFixture) async throws -> [String] {
        let found = try await fixture.scratch.run("find", "letsencrypt/", "-name", name)
        return found.split(separator: "\n").map { String($0) }
    }

    @Test func `where no other account is registered, all orders wait for one reason, which names the binding`()
        async throws
    {
        try await with { fixture, authority in
            _ = await fixture.run(try hosts("a.example.org"), settings: authority.settings)
            authority.proxy.forgetAccounts()
            authority.proxy.rules.registrationRefusal = "The external account binding key has already been used"
            var settings = authority.settings
            settings.options.binding = AccountBinding(kid: "kid-1", key: Secret("aGVsbG8taGVsbG8taGVsbG8"))
            let more = try hosts("a.example.org", "b.example.org", "c.example.org", "d.example.org")
            let results = await fixture.run(more, settings: settings)
            let reasons = Set(results.compactMap(\.outcome.detail))
            #expect(results.map(\.outcome.word) == ["unchanged", "failed", "failed", "failed"] && reasons.count == 1)
            let reason = try #require(reasons.first)
            #expect(reason.hasPrefix("the authority no longer knows the account, whose files are kept in "))
            #expect(reason.contains("The external account binding key has already been used"))
            #expect(reason.contains("CERTBOT_EAB_KID and CERTBOT_EAB_HMAC_KEY may be wrong or used up"))
            let orders = authority.proxy.orders.count
            let plan = await fixture.stage(settings).plan(more, zones: fixture.provider.directory)
            #expect(!plan.hasOrders && plan.holdReasons.count == 1)
            _ = await fixture.run(more, settings: settings)
            #expect(authority.proxy.orders.count == orders)
        }
    }

    private static let link =
        "https://portal.letsencrypt.org/sfe/v1/unpause?jwt=" + String(repeating: "eyJhbGciOiJIUzI1NiJ9.", count: 20)

    @Test(arguments: CertbotGeneration.allCases)
    func `a pause is told with its whole link, asked once a day, and at once by hand`(certbot: CertbotGeneration)
        async throws
    {
        var rules = LetsEncryptProxy.Rules()
        rules.pauses = ["a.example.org": Self.link]
        try await with(certbot, rules) { fixture, authority in
            let wanted = try hosts("a.example.org")
            let first = try #require(await fixture.run(wanted, settings: authority.settings).first)
            let reason = try #require(first.outcome.detail)
            #expect(reason.contains(Self.link) && reason.hasPrefix("the authority waits for a person"), "\(reason)")
            #expect(first.needsPerson == true)
            for seconds in [3600, 80_000] as [Int64] {
                let clock = OffsetClock(seconds: seconds)
                let again = try #require(await fixture.run(wanted, settings: authority.settings, clock: clock).first)
                #expect(again.outcome == first.outcome && again.needsPerson == true)
            }
            #expect(authority.proxy.orders.count == 1)
            _ = await fixture.run(wanted, settings: authority.settings, clock: OffsetClock(days: 1))
            #expect(authority.proxy.orders.count == 2)
            authority.proxy.rules.pauses = [:]
            let byHand = await fixture.run(wanted, settings: authority.settings, isByHand: true)
            #expect(byHand.map(\.outcome.word) == ["changed"], "\(byHand)")
        }
    }

    @Test(arguments: CertbotGeneration.allCases)
    func `what is refused for every certificate is ordered once`(certbot: CertbotGeneration) async throws {
        try await with(certbot) { fixture, authority in
            var settings = authority.settings
            settings.options.arguments = ["--must-staple"]
            let wanted = try hosts("a.example.org", "b.example.org", "c.example.org", "d.example.org", "e.example.org")
            let results = await fixture.run(wanted, settings: settings)
            #expect(results.allSatisfy { $0.outcome.detail?.contains("must-staple") == true }, "\(results)")
            #expect(authority.proxy.orders.count == 1)
            #expect(await fixture.run(wanted, settings: settings).allSatisfy { $0.action == .wait })
            #expect(authority.proxy.orders.count == 1)
            // Also when the pause is over.
            _ = await fixture.run(wanted, settings: settings, clock: OffsetClock(seconds: 61))
            #expect(authority.proxy.orders.count == 2)
            settings.options.arguments = []
            let mended = await fixture.run(wanted, settings: settings, clock: OffsetClock(seconds: 700))
            #expect(mended.allSatisfy { $0.outcome.word == "changed" }, "\(mended)")
        }
    }

    @Test func `a profile that the authority does not offer holds up only its own certificates`() async throws {
        try await with(.new) { fixture, authority in
            let wanted = try hosts("a.example.org", "b.example.org", profile: "old") + hosts("c.example.org")
            let results = await fixture.run(wanted, settings: authority.settings)
            #expect(results.map(\.outcome.word) == ["failed", "failed", "changed"], "\(results)")
            #expect(results[0].outcome == .failed("profile name \"old\" not recognized"))
            #expect(authority.proxy.orders.count { $0 != ["c.example.org"] } == 1)
        }
    }

    @Test func `a shared set goes on without a name that an unknown authority refuses`() async throws {
        try await with { fixture, authority in
            var settings = authority.settings
            settings.rules = CertificateRules.none
            let wanted = try hosts("a.example.org", "ab--cd.example.org", as: .shared(lineage: "shop"))
            let first = await fixture.run(wanted, settings: settings)
            #expect(first.map(\.outcome.word) == ["failed"])
            let second = await fixture.run(wanted, settings: settings)
            #expect(second.map(\.outcome.word) == ["changed", "refused"], "\(second)")
            #expect(second[1].outcome.detail?.contains("R-LDH") == true)
            #expect(authority.proxy.orders == [["a.example.org", "ab--cd.example.org"], ["a.example.org"]])
        }
    }

    @Test func `a label's profile needs a certbot that knows profiles, and others are ordered`() async throws {
        try await with(.old) { fixture, authority in
            let wanted = try hosts("a.example.org", profile: "shortlived") + hosts("b.example.org")
            let results = await fixture.run(wanted, settings: authority.settings)
            let reason = "landfall.certificate.profile needs certbot 4.0 or newer, but /usr/bin/certbot is 2.1.0"
            #expect(results.map(\.outcome.word) == ["failed", "changed"] && results[0].outcome == .failed(reason))
            #expect(authority.proxy.orders == [["b.example.org"]])
        }
    }

    @Test(arguments: CertbotGeneration.allCases)
    func `subproblems are told, which name and why, and the others are ordered without them in the end`(
        certbot: CertbotGeneration
    ) async throws {
        var rules = LetsEncryptProxy.Rules()
        let reason = "While processing CAA for b.example.org: CAA record for b.example.org prevents issuance"
        rules.forbidden = ["b.example.org": reason]
        try await with(certbot, rules) { fixture, authority in
            let shop = CertificateChoice.shared(lineage: "shop")
            let wanted = try hosts("a.example.org", "b.example.org", "c.example.org", as: shop)
            let first = await fixture.run(wanted, settings: authority.settings)
            let advice = "(`landfall.certificate: each` gives a name a certificate of its own)"
            let blame = "b.example.org holds up live/shop \(advice)"
            #expect(first.map(\.outcome) == [.failed("\(blame): b.example.org: \(reason)")])
            _ = await fixture.run(wanted, settings: authority.settings, clock: OffsetClock(seconds: 61))
            let third = await fixture.run(wanted, settings: authority.settings, clock: OffsetClock(seconds: 120))
            #expect(third.map(\.outcome.word) == ["changed", "refused"], "\(third)")
            #expect(authority.proxy.orders.last == ["a.example.org", "c.example.org"])
            #expect(third[1].hosts.map(\.text) == ["b.example.org"] && third[1].fingerprint == nil)
            #expect(third[1].outcome.detail?.contains("landfall.certificate: each") == true)
            // The name alone waits, and is tried again with the others.
            let fourth = await fixture.run(wanted, settings: authority.settings, clock: OffsetClock(seconds: 180))
            #expect(fourth.map(\.outcome.word) == ["unchanged", "failed"], "\(fourth)")
            authority.proxy.rules.forbidden = [:]
            let last = await fixture.run(wanted, settings: authority.settings, clock: OffsetClock(days: 1))
            #expect(last.map(\.outcome.word) == ["changed"], "\(last)")
        }
    }
}

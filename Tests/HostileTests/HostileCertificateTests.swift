import Model
import Ports
import Report
import TestSupport
import Testing

/// Certificates of others, and the authority's limits.
@Suite(.limited(minutes: 5)) struct HostileCertificateTests {
    private static let victims: [StubLabels] = [
        [
            "landfall.host": "a.example.test, b.example.test", "landfall.certificate": "shared",
            "landfall.certificate.name": "shop",
        ],
        ["landfall.host": "www.example.test"],
        ["landfall.host": "www.example.test", "landfall.certificate": "wildcard"],
    ]

    /// Labels of a newcomer, against each of the victims.
    static let newcomers: [(victim: Int, labels: StubLabels)] = [
        (
            0,
            ["landfall.host": "c.example.test", "landfall.certificate": "shared", "landfall.certificate.name": "shop"]
        ),
        (
            0,
            ["landfall.host": "a.example.test", "landfall.certificate": "shared", "landfall.certificate.name": "shop"]
        ),
        (
            0,
            [
                "landfall.host": "a.example.test, b.example.test, c.example.test", "landfall.certificate": "shared",
                "landfall.certificate.name": "shop",
            ]
        ), (0, ["landfall.host": "a.example.test", "landfall.certificate": "none"]),
        (
            1,
            [
                "landfall.host": "c.example.test", "landfall.certificate": "shared",
                "landfall.certificate.name": "www.example.test",
            ]
        ),
        (
            1,
            [
                "landfall.host": "www.example.test, c.example.test", "landfall.certificate": "shared",
                "landfall.certificate.name": "www.example.test",
            ]
        ), (1, ["landfall.host": "www.example.test", "landfall.certificate": "none"]),
        (1, ["landfall.host": "www.example.test", "landfall.certificate": "wildcard"]),
        (
            2,
            [
                "landfall.host": "c.example.test", "landfall.certificate": "shared",
                "landfall.certificate.name": "wildcard.example.test",
            ]
        ),
        (
            2,
            [
                "landfall.host": "c.example.test", "landfall.certificate": "shared",
                "landfall.certificate.name": "WILDCARD.example.test",
            ]
        ), (2, ["landfall.host": "*.example.test"]),
    ]

    @Test(arguments: newcomers.indices, [true, false])
    func `a newcomer does not hold up the certificate of another service`(index: Int, sortsFirst: Bool) async throws {
        try await HostileFixture.use { fixture in
            let (victim, labels) = Self.newcomers[index]
            let certbot = try await StubCertbot(fixture)
            let lineage = ["shop", "www.example.test", "wildcard.example.test"][victim]
            let first = StubService("victim", Self.victims[victim])
            fixture.deploy(first)
            let daemon = try await fixture.start()
            try await fixture.stop(daemon)
            fixture.deploy(first, StubService(sortsFirst ? "aaa" : "zzz", labels))
            try await fixture.start(certbot.variables)
            #expect(certbot.orders.contains(lineage), "\(certbot.orders)")
            let certificates = try await fixture.run().certificates
            let standing = certificates.first { $0.lineage == lineage && !$0.outcome.isRefused }
            let expected = [
                ["a.example.test", "b.example.test"], ["www.example.test"], ["example.test", "*.example.test"],
            ]
            #expect(standing.map { Set($0.names.map(\.text)) } == Set(expected[victim]), "\(certificates)")
        }
    }

    @Test func `junk hosts of one service use up a quarter of a domain's limit at most`() async throws {
        try await HostileFixture.use { fixture in
            let certbot = try await StubCertbot(fixture)
            let junk = (0..<20).map { "junk\($0).example.test" }.joined(separator: ",")
            fixture.deploy(
                StubService("aaa", ["landfall.host": junk]),
                StubService("web", ["landfall.host": "www.example.test"])
            )
            try await fixture.start(certbot.variables.merging(["CERTBOT_LIMITS": "domain=8/7d"]) { $1 })
            for _ in 0..<3 { try await fixture.run() }
            #expect(certbot.orders.count { $0.hasPrefix("junk") } == 2, "\(certbot.orders)")
            #expect(certbot.orders.contains("www.example.test"))
            // Those who come later have their part as well.
            fixture.docker.set { $0.services.append(StubService("late", ["landfall.host": "late.example.test"])) }
            try await fixture.run()
            #expect(certbot.orders.contains("late.example.test"))
        }
    }

    @Test func `a service that is alone in a domain may use up its limit`() async throws {
        try await HostileFixture.use { fixture in
            let certbot = try await StubCertbot(fixture)
            let names = (0..<10).map { "h\($0).example.test" }.joined(separator: ",")
            fixture.deploy(StubService("web", ["landfall.host": names]))
            try await fixture.start(certbot.variables.merging(["CERTBOT_LIMITS": "domain=8/7d"]) { $1 })
            #expect(certbot.orders.count == 8, "\(certbot.orders)")
        }
    }

    @Test func `names in many services do not get around the quarter of one service`() async throws {
        try await HostileFixture.use { fixture in
            let certbot = try await StubCertbot(fixture)
            let shared: StubLabels = [
                "landfall.host": (0..<20).map { "junk\($0).example.test" }.joined(separator: ","),
                "landfall.certificate": "each",
            ]
            let web = StubService("web", ["landfall.host": "www.example.test"])
            fixture.deploy(StubService("aaa", shared), web)
            let daemon = try await fixture.start(certbot.variables.merging(["CERTBOT_LIMITS": "domain=8/7d"]) { $1 })
            // The same hosts under another ID, and after a new start.
            fixture.deploy(StubService("aaa", id: "anew", shared), web)
            try await fixture.run()
            try await fixture.stop(daemon)
            try await fixture.start(certbot.variables.merging(["CERTBOT_LIMITS": "domain=8/7d"]) { $1 })
            #expect(certbot.orders.count { $0.hasPrefix("junk") } == 2, "\(certbot.orders)")
        }
    }
}

extension Outcome {
    fileprivate var isRefused: Bool { if case .refused = self { true } else { false } }
}

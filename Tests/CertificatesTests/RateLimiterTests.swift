@testable import Certificates
import Model
import TestSupport
import Testing

@Suite struct RateLimiterTests {
    private let now = Timestamp(seconds: 1_795_485_783)

    private func entry(
        _ names: String...,
        ago: Duration = .zero,
        renews: Bool = false,
        _ state: OrderRecord.State = .issued,
        failed: [String] = []
    ) throws -> OrderRecord {
        OrderRecord(
            lineage: names[0],
            names: try names.map { try DomainName($0) },
            placed: now - ago,
            isRenewal: renews,
            state: state,
            failed: try failed.map { try DomainName($0) }
        )
    }

    private func order(_ names: String..., renews: Bool = false) throws -> OrderRecord {
        OrderRecord(
            lineage: names[0],
            names: try names.map { try DomainName($0) },
            placed: now,
            isRenewal: renews
        )
    }

    private func limiter(_ entries: [OrderRecord], _ holds: [RateLimitHold] = []) -> RateLimiter {
        RateLimiter(.production, orders: entries, holds: holds)
    }

    private func many(_ count: Int, _ name: (Int) -> String, ago: Duration = .zero) throws -> [OrderRecord] {
        try (0..<count).map { try entry(name($0), ago: ago + .seconds($0)) }
    }

    @Test func `fifty certificates of a domain in a week are enough, whatever their names`() throws {
        let full = limiter(try many(50, { "h\($0).sub.example.co.uk" }, ago: .days(3)))
        let hold = try #require(full.hold(on: try order("new.example.co.uk"), now: now))
        #expect(
            hold.sentence
                == "waits until 2026-11-28 02:03 UTC: the CA\'s limit is 50 certificates for example.co.uk in 7 days"
        )
        #expect(full.hold(on: try order("new.example.org"), now: now) == nil)
        #expect(full.hold(on: try order("new.other.co.uk"), now: now) == nil)
        #expect(full.hold(on: try order("h1.sub.example.co.uk", renews: true), now: now) == nil)
        #expect(full.hold(on: try order("new.example.co.uk"), now: hold.until) == nil)
        #expect(full.hold(on: try order("new.example.co.uk"), now: hold.until - .seconds(1)) != nil)
    }

    private func requested(
        _ name: String,
        by services: String...,
        sharesDomain: Bool = true,
        ago: Duration = .zero,
        _ state: OrderRecord.State = .issued
    ) throws -> OrderRecord {
        OrderRecord(
            lineage: name,
            names: [try DomainName(name)],
            placed: now - ago,
            isRenewal: false,
            state: state,
            requesters: services,
            sharesDomain: sharesDomain
        )
    }

    @Test func `the names of one service get at most a quarter of a domain's limit, unless it is alone there`() throws {
        let junk = try (0..<12).map { try requested("j\($0).example.org", by: "service junk", ago: .seconds($0)) }
        let limiter = limiter(junk)
        let hold = try #require(limiter.hold(on: try requested("x.example.org", by: "service junk"), now: now))
        #expect(
            hold.reason
                == "the names of one service get at most a quarter of the CA's limit while others have names in the "
                + "domain, and service junk has had 12 certificates for example.org in 7 days"
        )
        #expect(
            limiter.hold(on: try requested("x.example.org", by: "service junk", sharesDomain: false), now: now) == nil
        )
        #expect(limiter.hold(on: try requested("x.example.net", by: "service junk"), now: now) == nil)
        #expect(limiter.hold(on: try requested("web.example.org", by: "service web"), now: now) == nil)
        // Another service that names the host as well takes nothing from the first.
        let both = try requested("web.example.org", by: "service junk", "service web")
        #expect(limiter.hold(on: both, now: now) == nil)
        #expect(limiter.usage(now: now).allSatisfy { $0.limit >= 5 && $0.limit != 12 })
    }

    @Test func `of orders that an older version stored no service is known`() throws {
        let old = try many(30) { "h\($0).example.org" }
        #expect(limiter(old).hold(on: try requested("x.example.org", by: "service web"), now: now) == nil)
    }

    @Test func `renewals count only for their set of names`() throws {
        let renewals = try (0..<60).map { try entry("h\($0).example.org", renews: true) }
        #expect(limiter(renewals).hold(on: try order("new.example.org"), now: now) == nil)
        let same = try (0..<5).map { try entry("b.example.org", "a.example.org", ago: .days($0 + 1), renews: $0 < 4) }
        let hold = limiter(same).hold(on: try order("a.example.org", "b.example.org", renews: true), now: now)
        #expect(
            hold?.sentence == "waits until 2026-11-26 02:04 UTC: "
                + "the CA's limit is 5 certificates for exactly a.example.org, b.example.org in 7 days"
        )
        #expect(limiter(same).hold(on: try order("a.example.org", renews: true), now: now) == nil)
    }

    @Test func `an order without a certificate counts only for the account`() throws {
        let orders = try (0..<300).map { try entry("h\($0).example\($0 % 9).org", ago: .seconds($0), .failed) }
        let hold = limiter(orders).hold(on: try order("a.example.net"), now: now)
        #expect(hold?.reason == "the CA\'s limit is 300 orders of the account in 3 hours")
        #expect(limiter(orders).hold(on: try order("h1.example1.org", renews: true), now: now) == nil)
    }

    @Test func `failed authorizations hold every certificate with the name, a wildcard's too`() throws {
        let failures = try (1...5).map {
            try entry("a.example.org", ago: .seconds(60 * $0), .failed, failed: ["a.example.org"])
        }
        for names in [["a.example.org", "b.example.org"], ["*.a.example.org"]] {
            let order = OrderRecord(
                lineage: "x",
                names: try names.map { try DomainName($0) },
                placed: now,
                isRenewal: true
            )
            let hold = limiter(failures).hold(on: order, now: now)
            #expect(hold?.reason == "the CA\'s limit is 5 failed authorizations of a.example.org in 1 hour")
            #expect(hold?.until == now + .seconds(3300))
        }
        #expect(limiter(failures).hold(on: try order("b.example.org"), now: now) == nil)
    }

    @Test func `a clock that was set back holds no order for ever`() throws {
        let ahead = try many(50, { "h\($0).example.org" }, ago: .days(-400))
        #expect(limiter(ahead).hold(on: try order("new.example.org"), now: now) == nil)
    }

    @Test func `an order counts for what it left at the authority`() throws {
        let order = try order("a.example.org")
        let effects: [(OrderRecord.Effect, [RateLimitSubject]?)] = [
            (.none, nil), (.certificate, [.account, .domain(try DomainName("example.org")), .set(order.names)]),
            (.order(failed: order.names), [.account, .name(order.names[0])]),
            (.unknown, order.subjects),
        ]
        for (effect, subjects) in effects { #expect(order.settled(effect)?.subjects == subjects) }
        var limiter = limiter([])
        limiter.add(order)
        #expect(
            limiter.usage(now: now).map(\.description).contains(
                "1 of 5 failed authorizations of a.example.org in 1 hour"
            )
        )
        limiter.replace(order, with: order.settled(.certificate))
        #expect(
            limiter.usage(now: now).map(\.description) == [
                "1 of 5 certificates for exactly a.example.org in 7 days",
                "1 of 50 certificates for example.org in 7 days",
                "1 of 300 orders of the account in 3 hours",
            ]
        )
        limiter.replace(order, with: nil)
        #expect(limiter.usage(now: now).allSatisfy { $0.kind == .account || $0.used == 0 })
    }

    @Test(arguments: [
        ("too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s, ", "set"),
        ("too many certificates (50) already issued for \"example.org\" in the last 168h0m0s, ", "domain"),
        ("too many new orders (300) from this account in the last 3h0m0s, ", "account"),
        ("too many new registrations (10) from this IP address in the last 3h0m0s, ", "account"),
        ("too many failed authorizations (5) for \"a.example.org\" in the last 1h0m0s, ", "failures"),
        ("too much of something else, ", "set"),
    ])
    func `the limit in an authority's answer holds its subject`(answer: String, kind: String) throws {
        let order = try order("a.example.org")
        let text = answer + "retry after 2026-11-25 12:00:00 UTC: see https://letsencrypt.org/docs/rate-limits/"
        let hold = try #require(RateLimitHold(answer: text, to: order.names, now: now))
        #expect(hold.subject.kind.rawValue == kind)
        let held = RateLimiter(.none, holds: [hold]).hold(on: order, now: now)
        #expect(held?.sentence == "waits until 2026-11-25 12:00 UTC: the authority says: \(text)")
        #expect(RateLimiter(.none, holds: [hold]).hold(on: order, now: hold.until) == nil)
    }

    @Test(arguments: ["2026-11-24 01:00:00 UTC", "2036-11-24 01:00:00 UTC", "tomorrow", "2026-13-45 99:99:99 UTC", ""])
    func `an impossible time is ignored`(time: String) throws {
        let names = [try DomainName("a.example.org")]
        #expect(RateLimitHold(answer: "too many new orders, retry after \(time)", to: names, now: now) == nil)
    }

    @Test(arguments: [
        ("account=300/3h,domain=50/7d,set=5/7d,failures=5/1h", CertificateLimits.production),
        ("off", CertificateLimits.none),
        ("domain=3/1d", CertificateLimits([.domain: .init(3, in: .days(1))])),
        (" set = 1/90s ", CertificateLimits([.set: .init(1, in: .seconds(90))])), ("", nil), ("50/7d", nil),
        ("domain=0/7d", nil), ("domain=50", nil), ("domain=50/7d,domain=5/7d", nil), ("host=5/7d", nil),
        ("domain=x/7d", nil), ("off,set=5/7d", nil),
    ])
    func `limits are parsed in the form in which they are printed`(text: String, limits: CertificateLimits?) {
        #expect(CertificateLimits(text: text) == limits)
    }
}

@testable import Certificates
import Model
import TestSupport
import Testing

/// Runs at random times, with random orders and ends.
@Suite struct RateLimiterPropertyTests {
    private let limits = CertificateLimits([
        .account: .init(9, in: .seconds(600)), .domain: .init(4, in: .seconds(2000)),
        .set: .init(2, in: .seconds(1500)), .failures: .init(2, in: .seconds(300)),
    ])

    @Test func `no window has more orders than the limit`() throws {
        for _ in 0..<(TestScale.isFull ? 200 : 10) { try live(TestScale.chance(for: "rate-limits")) }
    }

    private func live(_ chance: SeededRandom) throws {
        var chance = chance
        let names = try (0..<12).map { try DomainName("h\($0).example\($0 % 3).org") }
        var (limiter, placed) = (RateLimiter(limits), [OrderRecord]())
        var certified: Set<[DomainName]> = []
        var now = Timestamp(seconds: 1_795_485_783)
        for _ in 0..<150 {
            now = now + chance.duration(below: .seconds(60))
            let set = Set((0..<Int.random(in: 1...2, using: &chance)).map { _ in chance.one(of: names) }).sorted()
            let order = OrderRecord(lineage: "x", names: set, placed: now, isRenewal: certified.contains(set))
            if let hold = limiter.hold(on: order, now: now) {
                #expect(hold.until > now)
                #expect(limiter.hold(on: order, now: hold.until).map { $0.until > hold.until } ?? true)
                continue
            }
            limiter.add(order)
            let effect = chance.one(of: [.none, .certificate, .unknown, .order(failed: set)] as [OrderRecord.Effect])
            if effect == .certificate { certified.insert(set) }
            let settled = order.settled(effect)
            limiter.replace(order, with: settled)
            if let settled { placed.append(settled) }
        }
        check(placed)
    }

    private func check(_ placed: [OrderRecord]) {
        var times: [RateLimitSubject: [Timestamp]] = [:]
        for entry in placed { for subject in entry.subjects { times[subject, default: []].append(entry.placed) } }
        for (subject, all) in times {
            guard let limit = limits[subject.kind] else { continue }
            for start in all {
                let inWindow = all.count { start <= $0 && $0 < start + limit.window }
                #expect(inWindow <= limit.count, "\(subject)")
            }
        }
    }

    @Test func `a run's own orders count, and every plan selects the same ones`() throws {
        let steps = try (0..<60).map { number in
            let name = try DomainName("h\(number < 10 ? "0" : "")\(number).example.org")
            return CertificateStep(lineage: name.text, names: [name], action: .issue("there is no certificate yet"))
        }
        let now = Timestamp(seconds: 1_795_485_783)
        let held = RateLimiter(.production).limiting(steps, now: now) {
            CertificateOrder($0, at: CertbotSettings.production, onDisk: [:], failure: nil, now: now)
        }
        #expect(held.map(\.isOrder) == Array(repeating: true, count: 50) + Array(repeating: false, count: 10))
        #expect(
            held[50].action
                == .wait(
                    "waits until 2026-12-01 02:04 UTC: the CA's limit is 50 certificates for example.org in 7 days"
                )
        )
    }

    @Test func `certificates of another authority do not count`() throws {
        let names = [try DomainName("a.example.org")]
        let now = Timestamp(seconds: 1_795_485_783)
        func onDisk(from server: String) -> [String: LineageOnDisk] {
            let certificate = CertificateOnDisk(
                lineage: "a.example.org",
                names: names,
                fingerprint: Fingerprint(hex: "00"),
                notBefore: now - .days(10),
                notAfter: now + .days(80),
                changed: now,
                server: server
            )
            return ["a.example.org": .usable(certificate)]
        }
        let step = CertificateStep(
            lineage: "a.example.org",
            names: names,
            action: .issue("it is from a staging authority")
        )
        let failure = FailureRecord(names: names, count: 1, last: now, reason: "no TXT")
        for (server, isKnown) in [(CertbotSettings.staging, false), (CertbotSettings.production, true)] {
            let order = CertificateOrder(
                step,
                at: CertbotSettings.production,
                onDisk: onDisk(from: server),
                failure: failure,
                now: now
            )
            #expect(order.isRenewal == isKnown && order.needsStagingCheck == !isKnown)
        }
    }

    @Test(arguments: [(14.0, true), (15.5, false)])
    func `with less than a sixth of the lifetime left no limit holds a renewal`(left: Double, isPlaced: Bool) throws {
        let now = Timestamp(seconds: 1_795_485_783)
        let name = try DomainName("a.example.org")
        let notAfter = now + .seconds(left * 86_400)
        let inUse = CertificateOnDisk(
            lineage: name.text,
            names: [name],
            fingerprint: Fingerprint(hex: "00"),
            notBefore: notAfter - .days(90),
            notAfter: notAfter,
            changed: now
        )
        let failures = (1...5).map { _ in
            OrderRecord(lineage: "x", names: [name], placed: now, isRenewal: true, state: .failed, failed: [name])
        }
        let hold = RateLimitHold(.set([name]), until: now + .days(1), reason: "the authority says: no")
        let step = CertificateStep(lineage: name.text, names: [name], action: .renew(notAfter: notAfter))
        let held = RateLimiter(.production, orders: failures, holds: [hold]).limiting([step], now: now) {
            CertificateOrder(
                $0,
                at: CertbotSettings.production,
                onDisk: [name.text: .usable(inUse)],
                failure: nil,
                now: now
            )
        }
        #expect(held.map(\.isOrder) == [isPlaced])
    }
}

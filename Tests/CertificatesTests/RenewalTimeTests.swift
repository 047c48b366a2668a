@testable import Certificates
import Model
import TestSupport
import Testing

@Suite struct RenewalTimeTests {
    private static let day = Duration.seconds(86_400)

    private func certificate(_ fingerprint: String, from notBefore: Timestamp, lasting lifetime: Duration)
        -> CertificateOnDisk
    {
        CertificateOnDisk(
            lineage: "a.example.test",
            names: [],
            fingerprint: Fingerprint(hex: fingerprint),
            notBefore: notBefore,
            notAfter: notBefore + lifetime,
            changed: notBefore
        )
    }

    /// A certificate of six days to five years, and a fingerprint like any other.
    private func any(_ chance: inout SeededRandom) -> CertificateOnDisk {
        let lifetime = Duration.seconds(Int64.random(in: (6 * 86_400)...(5 * 366 * 86_400), using: &chance))
        let digits = String(UInt64.random(in: 0 ... .max, using: &chance), radix: 16)
        let hex = String(repeating: "0", count: 16 - digits.count) + digits
        return certificate(hex, from: Timestamp(seconds: 1_795_485_783), lasting: lifetime)
    }

    @Test func `whatever its lifetime, it is renewed with a third left, or a half, and a little earlier`() {
        var chance = SeededRandom(seed: 5)
        for _ in 0..<2000 {
            let certificate = any(&chance)
            let lifetime = certificate.notAfter - certificate.notBefore
            let time = RenewalTime(of: certificate)
            let left = certificate.notAfter - time.at
            let share = lifetime / (lifetime < Self.day * 10 ? 2 : 3)
            #expect(time.rule == .lifetime)
            #expect(left >= share - .seconds(1) && left <= share + min(lifetime / 30, Self.day * 3) + .seconds(1))
            #expect(RenewalTime(of: certificate) == time, "it is the same in every run")
        }
    }

    @Test func `a fleet that was issued in one hour is not renewed in one`() {
        var chance = SeededRandom(seed: 6)
        let times = (0..<1000).map { _ in
            let hex = String(UInt32.random(in: 0x1000_0000 ... .max, using: &chance), radix: 16)
            return RenewalTime(of: certificate(hex, from: Timestamp(seconds: 0), lasting: Self.day * 90)).at.seconds
        }
        let hours = Dictionary(grouping: times) { $0 / 3600 }
        #expect(hours.count > 50 && (hours.values.map(\.count).max() ?? 0) < 60)
    }

    @Test func `an authority's suggestion is limited`() throws {
        var chance = SeededRandom(seed: 7)
        for _ in 0..<2000 {
            let certificate = any(&chance)
            let lifetime = certificate.notAfter - certificate.notBefore
            let distance = Int64.random(in: -1_000_000_000...1_000_000_000, using: &chance)
            let start = certificate.notBefore + .seconds(distance)
            let end = start + .seconds(Int64.random(in: 1...10_000_000, using: &chance))
            let window = try #require(RenewalWindow(from: start, to: end))
            let time = RenewalTime(of: certificate, suggested: window)
            #expect(time.at <= certificate.notAfter - lifetime / 6, "it expires never")
            #expect(time.at >= certificate.notBefore + min(lifetime / 6, Self.day), "it is not ordered in every run")
            if time.rule == .authority, time.at > certificate.notBefore + min(lifetime / 6, Self.day) {
                #expect(time.at >= start && time.at <= end)
            }
            #expect(RenewalTime(of: certificate, suggested: window) == time)
        }
    }

    @Test func `an empty window is no suggestion`() {
        let time = Timestamp(seconds: 1_795_485_783)
        #expect(RenewalWindow(from: time, to: time) == nil)
        #expect(RenewalWindow(from: time, to: time - .seconds(1)) == nil)
    }
}

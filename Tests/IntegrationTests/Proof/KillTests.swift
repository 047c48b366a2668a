import Certificates
import Crypto
import Emulators
import Glibc
import Model
import Ports
import Sandbox
import TestSupport
import Testing
import Timing

extension ProofTests {
    @Suite struct KillTests {
        private static let kills = TestScale.isFull ? 50 : 5

        @Test func `whenever Landfall is killed the next one finishes, and repeats no more than was in flight`()
            async throws
        {
            var chance = TestScale.chance(for: "kills of Landfall")
            try await SandboxAccess.useOwn(.exact) { access in
                try await SandboxFixture.use(in: access) { fixture in
                    let proxy = try await fixture.createReceiver()
                    var landfall = try await fixture.start()
                    // All takes a moment, as it does in the real world: long enough to be cut off.
                    try await fixture.emulators.set(
                        CloudflareSettings(latency: .milliseconds(100), propagation: .milliseconds(500))
                    )
                    let length = try await fixture.lengthOfRun(proxy)
                    var tally = Tally()
                    let certbots = CertbotGeneration.allCases.filter(\.isInstalled)
                    for number in 1...Self.kills {
                        let (host, heard) = (fixture.host("k\(number)"), proxy.signals)
                        async let service = fixture.createService("k\(number)", ["landfall.host": host])
                        try await SystemClock().sleep(for: chance.duration(below: length))
                        landfall.signal(SIGKILL)
                        try await landfall.ended()
                        tally.orphans += fixture.certbots.count
                        // What one generation of certbot left is finished by the other one.
                        landfall = try await fixture.launch([
                            "CERTBOT_PROGRAM": certbots[number % certbots.count].program
                        ])
                        _ = try await service
                        try await fixture.awaitAll(of: host, signals: heard + 1, at: proxy)
                        let effects = try await fixture.effects(for: host, signals: proxy.signals - heard)
                        tally.add(effects)
                        #expect(effects.isAtMostOneRepeated, "kill \(number): \(effects)")
                        #expect(fixture.certbots.isEmpty)
                    }
                    print("kills of Landfall: \(tally)")
                    try await fixture.expectNoRemains(of: landfall)
                }
            }
        }
    }
}

extension SandboxFixture {
    /// From a service's creation to the message about it, undisturbed.
    fileprivate func lengthOfRun(_ proxy: SignalReceiver) async throws -> Duration {
        let (clock, host) = (SystemClock(), host("first"))
        let start = clock.uptime
        try await createService("first", ["landfall.host": host])
        try await awaitAll(of: host, signals: 1, at: proxy)
        let length = clock.uptime - start
        #expect(try await effects(for: host, signals: proxy.signals) == .once)
        return length
    }

    /// Returns when everything is done for a host, and the run that did it is over.
    fileprivate func awaitAll(of host: String, signals: Int, at proxy: SignalReceiver) async throws {
        try await awaitMessage(about: host, limit: .seconds(120))
        try await eventually("the signal for \(host)") { proxy.signals >= signals }
        try await runOnce()
        try await awaitAddress(of: host)
        #expect(certificate(host)?.names.map(\.text) == [host])
    }

    fileprivate func expectNoRemains(of landfall: LandfallProcess) async throws {
        let records = try await emulators.records(in: Self.zone)
        #expect(records.filter { $0.type == "TXT" }.map(\.name) == [])
        #expect(Set(records.map(\.name)).count == records.count, "every name has one record")
        #expect(landfall.isRunning, "\(endOfLog)")
        #expect(RunningProcess.mentioning(folder).map(\.pid) == [landfall.pid])
        #expect(Disk.names(in: "\(state)/certbot/run") == [])
        #expect(try await messages(about: "✗") == [])
        #expect(try await messages(about: "✓") == [])
    }
}

extension Effects {
    /// A record and a certificate are made side by side; a signal, and a message, when all that was before is done.
    fileprivate var isAtMostOneRepeated: Bool {
        let allowed = [
            Effects(records: 2, challenges: 2, certificates: 1, signals: 1, messages: 1),
            Effects(records: 1, challenges: 1, certificates: 1, signals: 2, messages: 1),
            Effects(records: 1, challenges: 1, certificates: 1, signals: 1, messages: 2),
        ]
        return allowed.contains { limit in Effects.once.isCovered(by: self) && isCovered(by: limit) }
    }

    private func isCovered(by other: Effects) -> Bool {
        records <= other.records && challenges <= other.challenges && certificates <= other.certificates
            && signals <= other.signals && messages <= other.messages
    }
}

/// How often what was done twice.
private struct Tally: CustomStringConvertible {
    private var rounds = 0
    private var sum = Effects()
    /// Certbots that outlived their daemon.
    var orphans = 0

    mutating func add(_ effects: Effects) {
        rounds += 1
        sum.records += effects.records - 1
        sum.challenges += effects.challenges - 1
        sum.certificates += effects.certificates - 1
        sum.signals += effects.signals - 1
        sum.messages += effects.messages - 1
    }

    var description: String { "\(rounds), \(orphans) left a certbot behind; done twice: \(sum)" }
}

import Emulators
import Ports
import Sandbox
import TestSupport
import Testing
import Timing

extension ProofTests {
    @Suite struct EngineStormTests {
        private static let (kills, restarts) = TestScale.isFull ? (20, 5) : (2, 1)
        /// Until a silent engine is taken for hung: at most 15 s to the next look, and 2 × 5 s without an answer.
        private static let hang = TestScale.isFull ? Duration.seconds(60) : .seconds(32)

        @Test func `an engine killed and restarted again and again costs no host, and nobody is told what is not so`()
            async throws
        {
            var chance = TestScale.chance(for: "kills of the engine")
            try await SandboxAccess.useOwn(SandboxOptions()) { access in
                try await SandboxFixture.use(in: access) { fixture in
                    let proxy = try await fixture.createReceiver()
                    // Whoever took an engine that is not ready yet for one without services would say that this is over.
                    let odd = try await fixture.createService("odd", ["landfall.host": "not a name"])
                    let landfall = try await fixture.start()
                    var deployment = Deployment()
                    let ends = Array(repeating: true, count: Self.kills) + Array(repeating: false, count: Self.restarts)
                    for isKill in ends.shuffled(using: &chance) {
                        let change = deployment.next(in: fixture, by: &chance)
                        async let changed: Void = fixture.carryOut(change)
                        try await SystemClock().sleep(for: chance.duration(below: .seconds(3)))
                        try await isKill ? access.sandbox.killEngine() : access.sandbox.restartEngine()
                        try await changed
                    }
                    try await fixture.expectAllRight(deployment.hosts, proxy)
                    try await fixture.expectNothingLost()
                    #expect(landfall.isRunning)
                    #expect(try await fixture.messages(about: odd).count == 1)
                }
            }
        }

        @Test func `an engine that hangs is found out, and followed anew when it goes on`() async throws {
            var chance = TestScale.chance(for: "hangs of the engine")
            try await SandboxAccess.useOwn(SandboxOptions()) { access in
                try await SandboxFixture.use(in: access) { fixture in
                    let proxy = try await fixture.createReceiver()
                    let landfall = try await fixture.start()
                    // A store that loses its last certificate is not believed.
                    try await fixture.createService("kept", ["landfall.host": fixture.host("kept")])
                    _ = try await fixture.awaitCertificate(fixture.host("kept"))
                    var deployment = Deployment()
                    try await fixture.carryOut(deployment.next(in: fixture, by: &chance))
                    try await fixture.expectAllRight(deployment.hosts, proxy)

                    try await fixture.runOnce()
                    try await access.sandbox.whileEngineHangs {
                        for host in deployment.hosts { fixture.loseCertificate(host) }
                        try await SystemClock().sleep(for: Self.hang)
                    }
                    // Nothing has happened on the engine: only who lost it looks again, and sees what is missing.
                    try await fixture.expectAllRight(deployment.hosts, proxy)

                    let change = deployment.next(in: fixture, by: &chance)
                    async let changed: Void = fixture.carryOut(change)
                    try await access.sandbox.whileEngineHangs {
                        try await SystemClock().sleep(for: TestScale.isFull ? Self.hang : .seconds(1))
                    }
                    try await changed
                    try await fixture.expectAllRight(deployment.hosts, proxy)
                    try await fixture.expectNothingLost()
                    #expect(landfall.isRunning)
                }
            }
        }
    }
}

/// What a service is to ask for from now on.
private struct Change: Sendable {
    let service: String
    let host: String
    let isNew: Bool
}

/// Services that come and change.
private struct Deployment {
    /// What each asks for.
    private var wanted: [String: String] = [:]

    var hosts: [String] { wanted.values.sorted() }

    /// One more service, or another host for one that is there, in turn.
    mutating func next(in fixture: SandboxFixture, by chance: inout SeededRandom) -> Change {
        let number = wanted.values.count + changes + 1
        let host = fixture.host("h\(number)")
        let old = number.isMultiple(of: 2) ? wanted.keys.sorted().randomElement(using: &chance) : nil
        if old != nil { changes += 1 }
        let change = Change(service: old ?? "s\(number)", host: host, isNew: old == nil)
        wanted[change.service] = host
        return change
    }

    private var changes = 0
}

extension Sandbox {
    fileprivate func whileEngineHangs(_ body: () async throws -> Void) async throws {
        try await stopEngine()
        let result: Result<Void, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        try resumeEngine()
        try result.get()
    }
}

extension SandboxFixture {
    /// Whatever the engine does meanwhile: what it was asked is asked again until it is done.
    fileprivate func carryOut(_ change: Change) async throws {
        let name = "\(change.service)-\(token)"
        try await eventually("the change of \(name)", within: .seconds(120)) {
            // It may have been made although its engine could not say so any more.
            if change.isNew, (try? await docker("service", "inspect", name)) == nil {
                try await createService(change.service, ["landfall.host": change.host])
            } else {
                try await updateLabel("landfall.host", to: change.host, of: name)
            }
            return true
        }
    }

    fileprivate func loseCertificate(_ lineage: String) {
        for path in ["live/\(lineage)", "archive/\(lineage)", "renewal/\(lineage).conf"] {
            Disk.remove("\(certificates)/\(path)")
        }
    }

    /// Record, certificate, and a proxy that has read it: on a signal, or because it started later.
    fileprivate func expectAllRight(_ hosts: [String], _ proxy: SignalReceiver) async throws {
        for host in hosts {
            try await awaitAddress(of: host)
            _ = try await awaitCertificate(host, limit: .seconds(90))
            try await awaitMessage(about: host)
            let changed = try #require(Disk.modified("\(certificates)/live/\(host)/fullchain.pem"))
            try await eventually("the proxy's reading of \(host)") { proxy.lastReading.map { $0 >= changed } ?? false }
        }
    }

    /// Nothing was removed or changed, and what people were told to be over is what an engine's absence hinders.
    fileprivate func expectNothingLost() async throws {
        let writes = try await writes()
        let made = Set(writes.flatMap(PostedRecord.all).filter { $0.type == "A" }.map(\.name))
        let records = try await emulators.records(in: Self.zone)
        #expect(records.map(\.name).filter { !$0.hasPrefix("_acme") }.sorted() == made.sorted())
        #expect(writes.filter(\.rewrites).map(\.body) == [])
        let lines = try await messages().flatMap { $0.split(separator: "\n") }
        let recoveries = lines.filter {
            $0.hasPrefix("✓") && !$0.contains("works again") && !$0.contains("is pending any more")
        }
        #expect(recoveries == [], "\(lines.filter { !$0.hasPrefix("✓") }.joined(separator: "\n"))")
    }
}

import Files
import Certificates
import Emulators
import Glibc
import Model
import Sandbox
import Testing

extension ProofTests {
    @Suite struct OrphanTests {
        @Test func `a certbot left behind before its challenge is awaited, and ends without one`() async throws {
            try await SandboxAccess.own(.exact) { world in
                try await SandboxFixture.play(in: world) { scene in
                    let landfall = try await scene.start()
                    try await scene.createService("first", ["landfall.host": scene.host("first")])
                    try await scene.awaitMessage(about: scene.host("first"))

                    let host = scene.host("web")
                    try await world.whileAuthorityIsSilent {
                        try await scene.createService("web", ["landfall.host": host])
                        // Before, it would end at its first word to a Landfall that is gone.
                        try await until("certbot's question") { scene.certbotLog(of: host).contains("Sending GET") }
                        try await scene.kill(landfall, andMeetOrphanOf: host)
                    }
                    try await scene.awaitMessage(about: host)
                    #expect(try await scene.effects(for: host, signals: 1) == .once)
                    #expect(try await scene.challengeRecords(of: host).isEmpty)
                }
            }
        }

        @Test func `a certbot left behind past its challenge is awaited, and its certificate used`() async throws {
            try await SandboxAccess.own(.exact) { world in
                try await SandboxFixture.play(in: world) { scene in
                    let host = scene.host("web")
                    let proxy = try await scene.createListener()
                    let landfall = try await scene.start()
                    // While the value cannot be taken back, certbot waits for its last hook.
                    try await scene.emulators.add(Fault(.hang, method: "DELETE"), to: .cloudflare)
                    try await scene.createService("web", ["landfall.host": host])
                    try await until("the last hook") { try await scene.writes().contains { $0.method == "DELETE" } }
                    try await world.whileAuthorityIsSilent {
                        try await scene.emulators.clearFaults(of: .cloudflare)
                        try await scene.kill(landfall, andMeetOrphanOf: host)
                    }
                    try await scene.awaitMessage(about: host)
                    try await until("the signal") { proxy.signals > 0 }
                    try await scene.runOnce()
                    #expect(try await scene.effects(for: host, signals: proxy.signals) == .once)
                    #expect(try await scene.challengeRecords(of: host).isEmpty)
                    let renewal = Disk.text("\(scene.certificates)/renewal/\(host).conf")
                    let runs = "\(scene.state)/certbot"
                    #expect(renewal?.contains(runs) == false, "plain certbot finds the real directory")
                }
            }
        }
    }
}

extension SandboxAccess {
    /// The ACME server takes requests meanwhile, and answers none.
    fileprivate func whileAuthorityIsSilent(_ body: () async throws -> Void) async throws {
        let all = RunningProcess.mentioning(sandbox.folder.path)
        let authority = try #require(all.first { $0.arguments.first?.hasSuffix("pebble") == true })
        Glibc.kill(authority.pid, SIGSTOP)
        defer { Glibc.kill(authority.pid, SIGCONT) }
        try await body()
    }
}

extension SandboxFixture {
    fileprivate func challengeRecords(of host: String) async throws -> [CloudflareRecord] {
        try await emulators.records(in: Self.zone).filter { $0.name == "_acme-challenge.\(host)" && $0.type == "TXT" }
    }

    fileprivate func certbotLog(of host: String) -> String {
        Disk.all(below: "\(state)/certbot/logs/\(host)").compactMap(Disk.text).joined()
    }

    /// Kills Landfall while its certbot waits for the authority, and returns when the next Landfall is well in its run: until
    /// the one certbot has ended there is no other, whoever else needs one.
    fileprivate func kill(_ landfall: Landfall, andMeetOrphanOf host: String) async throws {
        let orphan = try #require(certbots.first)
        landfall.signal(SIGKILL)
        try await landfall.ended()

        let beside = self.host("beside")
        try await createService("beside", ["landfall.host": beside])
        try await launch()
        try await awaitAddress(of: beside)
        #expect(certbots.map(\.pid) == [orphan.pid], "\(certbotLog(of: host))")
        #expect(try SystemFiles().isLockedElsewhere("\(certificates)/.certbot.lock", for: .run))
        #expect(certificate(host) == nil)
    }
}

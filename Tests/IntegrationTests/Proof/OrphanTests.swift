import Files
import Certificates
import Emulators
import Glibc
import Model
import Sandbox
import TestSupport
import Testing

extension ProofTests {
    @Suite struct OrphanTests {
        @Test(arguments: CertbotGeneration.mostly(.new))
        func `a certbot left behind before its challenge is awaited, and ends without one`(certbot: CertbotGeneration)
            async throws
        {
            guard certbot.isInstalled else { try skip(certbot.reasonToSkip) }
            try await SandboxAccess.useOwn(.exact) { access in
                try await SandboxFixture.use(in: access) { fixture in
                    let landfall = try await fixture.start(["CERTBOT_PROGRAM": certbot.program])
                    try await fixture.createService("first", ["landfall.host": fixture.host("first")])
                    try await fixture.awaitMessage(about: fixture.host("first"))

                    let host = fixture.host("web")
                    try await access.whileAuthorityIsSilent {
                        try await fixture.createService("web", ["landfall.host": host])
                        // Before, it would end at its first word to a Landfall that is gone.
                        try await eventually("certbot's question") {
                            fixture.certbotLog(of: host).contains("Sending GET")
                        }
                        try await fixture.kill(landfall, andMeetOrphanOf: host)
                    }
                    try await fixture.awaitMessage(about: host)
                    #expect(try await fixture.effects(for: host, signals: 1) == .once)
                    #expect(try await fixture.challengeRecords(of: host).isEmpty)
                }
            }
        }

        @Test(arguments: CertbotGeneration.mostly(.old))
        func `a certbot left behind past its challenge is awaited, and its certificate used`(certbot: CertbotGeneration)
            async throws
        {
            guard certbot.isInstalled else { try skip(certbot.reasonToSkip) }
            try await SandboxAccess.useOwn(.exact) { access in
                try await SandboxFixture.use(in: access) { fixture in
                    let host = fixture.host("web")
                    let proxy = try await fixture.createReceiver()
                    let landfall = try await fixture.start(["CERTBOT_PROGRAM": certbot.program])
                    // While the value cannot be taken back, certbot waits for its last hook.
                    try await fixture.emulators.add(Fault(.hang, method: "DELETE"), to: .cloudflare)
                    try await fixture.createService("web", ["landfall.host": host])
                    try await eventually("the last hook") {
                        try await fixture.writes().contains { $0.method == "DELETE" }
                    }
                    try await access.whileAuthorityIsSilent {
                        try await fixture.emulators.clearFaults(of: .cloudflare)
                        try await fixture.kill(landfall, andMeetOrphanOf: host)
                    }
                    try await fixture.awaitMessage(about: host)
                    try await eventually("the signal") { proxy.signals > 0 }
                    try await fixture.runOnce()
                    #expect(try await fixture.effects(for: host, signals: proxy.signals) == .once)
                    #expect(try await fixture.challengeRecords(of: host).isEmpty)
                    let renewal = Disk.text("\(fixture.certificates)/renewal/\(host).conf")
                    let runs = "\(fixture.state)/certbot"
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
    fileprivate func kill(_ landfall: LandfallProcess, andMeetOrphanOf host: String) async throws {
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

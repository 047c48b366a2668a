import DNS
import Emulators
import Ports
import Sandbox
import TestSupport
import Testing

extension IntegrationTests {
    /// Split horizon: the emulated Cloudflare outside, a real BIND inside, which is the resolver too.
    @Suite struct InternalViewTests {
        @Test func `each side has its address, certificates see the outside, and the public address moves alone`()
            async throws
        {
            try await SandboxFixture.use { fixture in
                let inside = try InsideServer(in: fixture.access)
                try await inside.run {
                    let (host, other) = (fixture.host("web"), fixture.host("nas"))
                    let recordings = "\(fixture.folder)/recordings"
                    let changes = inside.variables("192.168.7.7").merging(["LANDFALL_RECORD": recordings]) { $1 }
                    try await fixture.createService("web", ["landfall.host": host])
                    let own = [
                        "landfall.host": other, "landfall.dns.internal": "192.168.7.8", "landfall.certificate": "none",
                    ]
                    try await fixture.createService("nas", own)
                    let check = try await fixture.command("check", changes: inside.variables("192.168.7.7"))
                    for text in ["rfc2136; hosts have 192.168.7.7", "the resolver shows the internal view"] {
                        #expect(check.outputText.contains(text), "\(check.outputText)")
                    }
                    let landfall = try await fixture.launch(changes)
                    _ = try await fixture.awaitCertificate(host)
                    try await fixture.awaitAddress(of: host)
                    try await fixture.runOnce()
                    #expect(try await inside.answers(host) == ["192.168.7.7"])
                    #expect(try await inside.answers(other) == ["192.168.7.8"])
                    #expect(try await inside.answers("_landfall.\(host)", .txt) == ["landfall:\(fixture.token) A"])

                    let lastChange = try #require(inside.lastChange)
                    let new = "85.214.132.118"
                    try await fixture.emulators.set(AddressSettings(ipv4: new))
                    try await fixture.runOnce()
                    for name in [host, other] { try await fixture.awaitAddress(new, of: name) }
                    #expect(try await inside.answers(host) == ["192.168.7.7"])
                    #expect(inside.lastChange == lastChange)

                    await landfall.dismiss()
                    let file = try #require(Disk.all(below: recordings).first)
                    let replay = try await fixture.command("replay", file)
                    #expect(replay.end == .exited(0), "\(replay.outputText.suffix(2000))")
                    #expect(replay.outputText.contains("internal view: created A 192.168.7.7"))
                    let recording = try #require(Disk.text(file))
                    #expect(recording.contains("update add \(host) 300 A 192.168.7.7"))
                    #expect(!recording.contains("update add _acme-challenge"), "a challenge was published inside")
                }
            }
        }
    }
}

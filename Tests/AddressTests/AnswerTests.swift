import Address
import Emulators
import Model
import Ports
import Testing

/// What a service's answer is worth.
@Suite struct AnswerTests {
    @Test(arguments: ["/", "/icanhazip", "/cdn-cgi/trace"])
    func `every form of answer is understood`(path: String) async throws {
        let fixture = try AddressFixture([Service(path), Service(path)])
        #expect(await fixture.find().known == "85.214.132.117")
    }

    @Test(arguments: [
        ("", "did not send an address: "),
        ("85.214.132.117 85.214.132.118", "did not send an address: 85.214.132.117 85.214.132.118"),
        ("85.214.132.117\n85.214.132.118\n", "did not send an address: 85.214.132.117 85.214.132.118 "),
        ("085.214.132.117", "did not send an address: 085.214.132.117"),
        ("ip=85.214.132.117", "did not send an address: ip=85.214.132.117"),
        ("{\"ip\":\"85.214.132.117\"}", "did not send an address: {\"ip\":\"85.214.132.117\"}"),
        ("2a01:238:4000::117", "sent 2a01:238:4000::117, which is not IPv4"),
        ("192.168.1.10", "sent 192.168.1.10, which is not a public address"),
        ("100.64.0.3", "sent 100.64.0.3, which is not a public address"),
        ("127.0.0.1", "sent 127.0.0.1, which is not a public address"),
        ("203.0.113.7", "sent 203.0.113.7, which is not a public address"),
        ("104.16.132.229", "sent 104.16.132.229, which is Cloudflare's own"),
    ])
    func `what is not our one public address is not believed`(text: String, reason: String) async throws {
        let fixture = try AddressFixture([Service()])
        fixture.services[0].says(text)
        let finding = await fixture.find()
        #expect(finding.address == .unavailable(reason: "no public IPv4 address: \(fixture.names[0]) \(reason)"))
        #expect(finding.unconfirmedReason == finding.address.reason)
    }

    @Test(arguments: ["ip=85.214.132.117\nip=85.214.132.118\n", "fl=1\nloc=DE\n", "ip=\n", "ip =85.214.132.117\n"])
    func `a trace that does not tell one address is not believed`(text: String) async throws {
        let fixture = try AddressFixture([Service("/cdn-cgi/trace")])
        fixture.services[0].says(text)
        #expect(await fixture.find().known == nil)
    }

    @Test func `services are asked directly, whatever proxy the environment names`() async throws {
        let proxy = try Service()
        proxy.says("85.214.132.99")
        let fixture = try AddressFixture(
            Service.several(2),
            proxies: ["http_proxy": proxy.url, "https_proxy": proxy.url]
        )
        #expect(await fixture.find().known == "85.214.132.117")
        #expect(proxy.asked == 0)
    }

    @Test func `if only a proxy leads out, the address is unavailable, and says what to set`() async throws {
        let fixture = try AddressFixture([Service()], proxies: ["https_proxy": "http://127.0.0.1:1"])
        fixture.services[0].does(.html(status: 503))
        let finding = await fixture.find()
        #expect(
            finding.address.reason
                == "no public IPv4 address: \(fixture.names[0]) answered 503; address services are asked "
                + "directly and never through the proxy that https_proxy names, because they would report its address: if only "
                + "that proxy leads out, set LANDFALL_IP to an address or to interface:NAME"
        )
    }

    static let troubles: [(Fault.Effect, String)] = [
        (.captivePortal, "did not send an address: <!DOCTYPE html> <html><head><title>Welco…"),
        (.html(status: 503), "answered 503"),
        (.answer(status: 204, type: "text/plain", body: "", location: nil), "answered 204"),
        (.answer(status: 203, type: "text/plain", body: "85.214.132.117", location: nil), "answered 203"),
        (.redirect(to: "http://127.0.0.1:1/"), "answered 302"),
        (.text(String(repeating: " ", count: 5000) + "85.214.132.117"), "the answer is longer than 4096 bytes"),
    ]

    @Test(arguments: troubles.indices)
    func `trouble at one is made up for by the next two`(index: Int) async throws {
        let (effect, reason) = Self.troubles[index]
        let fixture = try AddressFixture(Service.several(3))
        fixture.services[0].does(effect)
        let finding = await fixture.find()
        #expect(finding.known == "85.214.132.117" && finding.unconfirmedReason == nil)

        let alone = try AddressFixture([fixture.services[0]])
        #expect(await alone.find().unconfirmedReason == "no public IPv4 address: \(alone.names[0]) \(reason)")
    }

    @Test func `when all fail, each is named with what it said`() async throws {
        let fixture = try AddressFixture(Service.several(3))
        fixture.services[0].does(.html(status: 500))
        fixture.services[1].says("10.0.0.1")
        fixture.services[2].does(.html(status: 429))
        let reason =
            "no public IPv4 address: \(fixture.names[0]) answered 500; "
            + "\(fixture.names[1]) sent 10.0.0.1, which is not a public address; \(fixture.names[2]) answered 429"
        #expect(await fixture.find().address == .unavailable(reason: reason))
    }

    @Test func `a closed port is trouble like any other`() async throws {
        let fixture = try AddressFixture([])
        let findings = await fixture.stage(.v4, .services(["http://127.0.0.1:9/"])).find()
        #expect(findings.addresses.v4?.reason?.hasPrefix("no public IPv4 address: 127.0.0.1:9 ") == true)
        #expect(findings.addresses.v6 == nil)
    }

    @Test func `the family is forced upon the connection`() async throws {
        let fixture = try AddressFixture([Service("/v6/icanhazip")])
        #expect(await fixture.find(.v6).known == nil)
        #expect(fixture.asked == [0])
    }
}

import Discovery
import Docker
import Model
import Testing

@Suite struct HintsTests {
    private let rules = DiscoveryRules(
        hostLabels: ["discovery.domain.name"],
        signalLabels: ["domain.automation.signal"]
    )

    private func hints(_ labels: [String: String], container: [String: String] = [:]) -> [String] {
        Discovery.read([Service(id: "s1", name: "web", labels: labels, containerLabels: container)], rules: rules).hints
            .map(\.text)
    }

    @Test(arguments: [
        "landfall.host", "discovery.domain.name", "landfall.dns", "landfall.certificate", "landfall.secret",
    ])
    func `a host label on the containers of a service is told where it belongs`(label: String) {
        #expect(
            hints([:], container: [label: "x"]) == [
                "service web: \(label) is a container label and does nothing there; write it under `deploy: labels:`"
            ]
        )
        let well = ["landfall.host": "a.test"].merging([label: "x"]) { $1 }
        #expect(hints(well, container: [label: "x"]).isEmpty)
    }

    @Test(arguments: ["landfall.signal", "domain.automation.signal", "landfall.signal.hosts"])
    func `a signal label on a service is told where it belongs`(label: String) {
        let hints = hints([label: "HUP"])
        #expect(hints.count == 1)
        #expect(hints[0].contains("\(label) is a service label"))
        let well = ["landfall.signal": "HUP"].merging([label: "HUP"]) { $1 }
        #expect(self.hints([label: "HUP"], container: well).isEmpty)
    }

    @Test(arguments: [
        ("landfall.hots", "landfall.host"), ("landfall.certificat", "landfall.certificate"),
        ("landfall.dns.proxid", "landfall.dns.proxied"),
    ])
    func `a slip is answered with the label that was meant`(slip: String, meant: String) {
        let expected = ["service web: \(slip) is no label of Landfall; did you mean \(meant)?"]
        #expect(hints(["landfall.host": "a.test", slip: "x"]) == expected)
        #expect(hints(["landfall.host": "a.test"], container: [slip: "x"]) == expected)
    }

    @Test func `what resembles nothing is called unknown, and other people's labels are not looked at`() {
        #expect(hints(["landfall.frobnicate": "x"]) == ["service web: landfall.frobnicate is no label of Landfall"])
        #expect(hints(["traefik.enable": "true", "landfallhost": "x"]).isEmpty)
    }

    @Test func `labels that need another one say so`() {
        #expect(hints(["landfall.dns": "none"]) == ["service web: landfall.dns does nothing without landfall.host"])
        #expect(
            hints(["landfall.host": "a.test", "landfall.certificate.name": "x"]) == [
                "service web: landfall.certificate.name only matters with landfall.certificate=shared"
            ]
        )
        #expect(
            hints([:], container: ["landfall.signal.hosts": "a.test"]) == [
                "service web: landfall.signal.hosts does nothing without landfall.signal"
            ]
        )
        #expect(hints([:], container: ["landfall.signal": "HUP", "landfall.signal.hosts": "a.test"]).isEmpty)
    }

    @Test func `a secret is for services of a Swarm`() {
        let container = Container(id: "c1", name: "web", labels: ["landfall.secret": "tls"])
        let hints = Discovery.read([container], rules: rules).hints.map(\.text)
        #expect(hints == ["container web: landfall.secret does nothing outside of a Swarm's services"])
    }

    @Test func `containers of a plain engine are looked at too`() {
        let container = Container(id: "c1", name: "web", labels: ["landfall.hosts": "a"])
        #expect(
            Discovery.read([container], rules: rules).hints.map(\.text) == [
                "container web: landfall.hosts is no label of Landfall; did you mean landfall.host?"
            ]
        )
    }
}

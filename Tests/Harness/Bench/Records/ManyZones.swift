import DNS
import Emulators
import Files
import FoundationEssentials
import Model
import Ports

/// An emulated account with so many zones of so many hosts each, all of which Landfall has made; in a process of its own,
/// so that its costs are not ours.
struct ManyZones {
    /// How `landfall-bench` is asked for it: with two numbers after this, and the path of a file for its URLs.
    static let argument = "emulate"
    static let token = "bench-token"
    static let address = "85.214.132.117"

    let zones: Int
    let hostsPerZone: Int

    init?(_ arguments: ArraySlice<String>) {
        let numbers = arguments.compactMap { Int($0) }
        guard numbers.count >= 2 else { return nil }
        (zones, hostsPerZone) = (numbers[0], numbers[1])
    }

    init(zones: Int, hostsPerZone: Int) { (self.zones, self.hostsPerZone) = (zones, hostsPerZone) }

    /// What labels of one service would ask for.
    func hosts() throws -> [DesiredHost] {
        let origin = Origin(kind: .service, id: "bench", name: "bench")
        return try (0..<zones).flatMap { zone in
            try (0..<hostsPerZone).map { host in
                DesiredHost(name: try DomainName("h\(host).zone-\(zone).test"), origin: origin)
            }
        }
    }

    /// Serves until it is cancelled.
    func serve(_ path: String) async throws {
        let servers = try EmulatorServers(
            cloudflare: CloudflareEmulator(
                zones: (0..<zones).map { "zone-\($0).test" },
                credentials: [.token(Secret(Self.token))]
            ),
            slack: SlackEmulator(token: Secret("none"), channels: [])
        )
        for host in try hosts() {
            let draft = RecordDraft(
                name: host.name.text,
                type: "A",
                content: Self.address,
                proxied: true,
                comment: "landfall:default"
            )
            try servers.cloudflare.put(draft, in: host.name.labels.dropFirst().joined(separator: "."))
        }
        let urls = try JSONEncoder().encode(servers.urls)
        try SystemFiles().write([UInt8](urls), to: path, mode: 0o600, for: .run)
        try await Task.sleep(for: .seconds(3600))
    }
}

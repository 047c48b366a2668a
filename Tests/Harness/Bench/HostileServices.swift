import Emulators
import HTTPServer
import Model
import Ports
import Timing

/// What a daemon holds at the most while a thousand services do what labels can do to harm: a list of 70 MB.
struct HostileServices {
    private static let count = 1000

    let fixture: BenchFixture

    func measure() async throws -> Measure {
        let socket = "\(fixture.folder)/hostile.sock"
        let engine = try HTTPServer(listening: .unix(path: socket, mode: 0o600)) { Self.answer($0) }
        defer { engine.stop() }
        // Thousands of records are made, which would stand before all that is measured later.
        let token = try fixture.setting("CLOUDFLARE_API_TOKEN")
        let cloudflare = CloudflareEmulator(
            zones: [try fixture.setting("DEFAULT_DOMAIN")],
            credentials: [.token(Secret(token))]
        )
        let servers = try EmulatorServers(
            cloudflare: cloudflare,
            slack: SlackEmulator(token: Secret("none"), channels: [])
        )
        defer { servers.stop() }
        let changes = [
            "CLOUDFLARE_API_URL": servers.urls.cloudflare, "DOCKER_HOST": "unix://\(socket)",
            "LANDFALL_STATE_DIR": "\(fixture.folder)/hostile-state",
            "LANDFALL_SERVICE_HOSTS": "100", "LANDFALL_CERTIFICATES": "off",
        ]
        let peak = try await DaemonUnderTest.run(at: fixture, changes: changes) { daemon in
            try await daemon.awaitRuns(1)
            try await daemon.runAgain(times: 2)
            return try ProcessFigures(of: daemon.pid).peak
        }
        let name = "\(Self.count) hostile services: resident at the most"
        return Measure(name, .megabytes, [Double(peak) / Double(1 << 20)], .atMost(64))
    }

    private static func answer(_ request: ServerRequest) -> ServerResponse {
        switch request.path.split(separator: "/").last {
        case "_ping": ServerResponse(headers: ["Api-Version": "1.41"], body: Array("OK".utf8))
        case "info":
            json(#"{"Swarm":{"LocalNodeState":"active","ControlAvailable":true,"Cluster":{"ID":"c"},"NodeID":"n"}}"#)
        case "events": ServerResponse(headers: ["Content-Type": "application/json"], stream: ServerStream())
        case "services": json("[\(services(request.query["filters"] ?? "").joined(separator: ","))]")
        default: json("[]")
        }
    }

    private static func json(_ text: String) -> ServerResponse {
        ServerResponse(headers: ["Content-Type": "application/json"], body: Array(text.utf8))
    }

    /// - Parameter filters: `{"id":["a1"]}`, or nothing.
    private static func services(_ filters: String) -> [String] {
        let prefix = filters.split(separator: "\"").dropFirst(3).first.map(String.init) ?? ""
        return (0..<count).compactMap { number in
            let digits = String(number, radix: 36)
            let id = String(digits.reversed()) + String(repeating: "0", count: 25 - digits.utf8.count)
            guard id.hasPrefix(prefix) else { return nil }
            let labels = labels(number).map { #""\#($0)":"\#($1)""# }.joined(separator: ",")
            return #"{"ID":"\#(id)","Spec":{"Name":"hostile-\#(number)","Labels":{\#(labels)}}}"#
        }
    }

    private static func labels(_ number: Int) -> [(String, String)] {
        let marks = "a" + String(repeating: "\u{316}\u{301}", count: 2500)
        return switch number % 5 {
        case 0: [("landfall.host", String(repeating: "-bad-,", count: 2700))]
        case 1: [("landfall.host", (0..<20).map { "h\(number)-\($0)" }.joined(separator: ","))]
        case 2: [("landfall.host", String(repeating: "x", count: 300_000))]
        case 3: [(marks, marks), ("landfall.host", marks), ("landfall.\(marks)", "x")]
        default:
            [("landfall.host", "contested")] + (0..<100).map { ("landfall.x\($0)", String(repeating: "y", count: 100)) }
        }
    }
}

import Emulators
import Glibc
import Model
import Ports
import TestSupport
import Testing
import Threads

/// The program on an engine that talks without end. It needs no world: engine, provider and Landfall are all there is.
@Suite(.limited(minutes: 5))
struct EventStormTests {
    private static let events = 50_000
    /// More than are remembered so that repeated ones are known: that much memory is taken once.
    private static let few = 2000

    @Test func `of a storm during a run the one event that matters is acted on, and none is kept`() async throws {
        async let shower = Stage.play(events: Self.few, of: "web")
        async let noise = Stage.play(events: Self.events, of: "landfall-signal-1")
        async let flapping = Stage.play(events: Self.events, of: "web")
        let (few, ignored, heard) = try await (shower, noise, flapping)
        print("\(Self.events) events: \(ignored) ignored, \(heard) heard; of \(Self.few) \(few)")
        #expect(ignored.runs == 2, "the one event that mattered asked for one more run")
        #expect(heard.runs <= 4, "all that came during a run asked for one more")
        for storm in [ignored, heard] { #expect(storm.peak - few.peak <= 2048) }
    }
}

/// What one play showed.
private struct Figures: CustomStringConvertible {
    /// The most memory that the process ever had, in KiB.
    let peak: Int
    let runs: Int

    var description: String { "\(peak) KiB, \(runs) runs" }
}

private struct Stage {
    private static let (zone, early, late) = ("example.test", "early.example.test", "late.example.test")

    private let engine: StubEngine
    private let feed = EventFeed()
    private let labels = AsyncCollector<String>()
    private let provider: CloudflareEmulator
    private let servers: EmulatorServers
    private let folder: TemporaryFolder

    /// Lets events of a service come while the first run waits for its provider; in their midst another one is made.
    static func play(events: Int, of service: String) async throws -> Figures {
        let stage = try Stage()
        let landfall = try await stage.start()
        let result: Result<Figures, any Error>
        do {
            result = .success(try await stage.storm(events, of: service, over: landfall))
        } catch {
            result = .failure(error)
        }
        await landfall.dismiss()
        stage.engine.stop()
        return try result.get()
    }

    private init() throws {
        let (feed, labels) = (feed, labels)
        folder = try TemporaryFolder()
        engine = try StubEngine { request in
            switch request.path {
            case "/info":
                .reply(200, #"{"Swarm":{"LocalNodeState":"active","ControlAvailable":true,"Cluster":{"ID":"c"}}}"#)
            case "/services": .reply(200, Self.services(labels.all))
            case "/events": .stream(feed)
            default: .reply(200, "[]")
            }
        }
        provider = CloudflareEmulator(zones: [Self.zone], credentials: [.token(Secret("token"))])
        servers = try EmulatorServers(
            cloudflare: provider,
            slack: SlackEmulator(token: Secret("token"), channels: ["c"])
        )
        labels.add(Self.early)
        provider.settings = CloudflareSettings(latency: .seconds(8))
    }

    private func start() async throws -> LandfallProcess {
        let variables = [
            "DOCKER_HOST": "unix://\(engine.socketPath)", "LANDFALL_STATE_DIR": "\(folder.path)/state",
            "CERTBOT_CONFIG_DIR": "\(folder.path)/letsencrypt", "LANDFALL_CERTIFICATES": "off",
            "CLOUDFLARE_API_TOKEN": "token", "CLOUDFLARE_API_URL": servers.urls.cloudflare,
            "LANDFALL_IP": "85.214.132.117", "LANDFALL_QUIET": "200ms", "LANDFALL_INTERVAL": "1h",
        ]
        return try await LandfallProcess(file: "\(folder.path)/pid", log: "\(folder.path)/log", environment: variables)
    }

    private func storm(_ events: Int, of service: String, over landfall: LandfallProcess) async throws -> Figures {
        try await eventually("the run's waiting") { !provider.log.requests.isEmpty }
        // On a thread of its own: the threads of tests are few, and the run does not wait.
        try await blocking(named: "storm") { [feed, labels] in
            for number in 0..<events {
                if number == events / 2 {
                    labels.add(Self.late)
                    feed.send(Self.event("create", of: "late", number))
                }
                feed.send(Self.event("update", of: service, number))
            }
        }
        #expect(runs == 0, "the first run goes on")
        provider.settings = CloudflareSettings()
        try await eventually("the record of the service made in the storm", within: .seconds(60)) {
            provider.records(in: Self.zone).contains { $0.name == Self.late }
        }
        try await eventually("the end of the run that made it") { runs > 1 }
        let status = try #require(Disk.text("/proc/\(landfall.pid)/status"))
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
        return Figures(peak: try #require(Int(line.filter(\.isNumber))), runs: runs)
    }

    /// Those that have ended.
    private var runs: Int { Disk.text("\(folder.path)/log")?.matches(of: /run ended/).count ?? 0 }

    private static func services(_ hosts: [String]) -> String {
        let services = hosts.enumerated().map { index, host in
            #"{"ID":"id\#(index)","Spec":{"Name":"s\#(index)","Labels":{"landfall.host":"\#(host)"},"TaskTemplate":{}}}"#
        }
        return "[\(services.joined(separator: ","))]"
    }

    private static func event(_ action: String, of service: String, _ number: Int) -> String {
        let nanoseconds = 1_795_485_783_000_000_000 + number
        return """
            {"Type":"service","Action":"\(action)","Actor":{"ID":"id-\(service)","Attributes":{"name":"\(service)",\
            "updatestate.new":"updating"}},"scope":"swarm","time":1795485783,"timeNano":\(nanoseconds)}

            """
    }
}

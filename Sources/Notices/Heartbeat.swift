public import Log
public import Model
public import Ports
import Synchronization

/// Tells a service that watches for silence – Healthchecks, Uptime Kuma – after every run that Landfall lives, and whether
/// the run went well.
///
/// Rules: https://healthchecks.io/docs/http_api/ (GET; `/fail` behind the path for a failure) and, where the address has
/// `status=up` in its query, Uptime Kuma's push monitors (`status=down`).
public final class Heartbeat: Sendable {
    private static let name = "heartbeat"
    private static let tries = 3

    /// Who knows it can answer in our place.
    private let url: Secret
    private let transport: any HTTPTransport
    private let clock: any Clock
    private let randomness: any Randomness
    private let log: Logger
    let lane: WorkerHandle
    /// Whether the last run went well, as long as nobody was told. Only the last one matters.
    private let beat = Mutex<Bool?>(nil)

    public init(
        _ url: Secret,
        transport: any HTTPTransport,
        clock: any Clock,
        randomness: any Randomness,
        log: Logger
    ) {
        (self.url, self.transport, self.clock, self.randomness) = (url, transport, clock, randomness)
        self.log = log
        lane = WorkerHandle(clock)
    }

    /// Returns at once.
    func beat(isWell: Bool) {
        beat.withLock { $0 = isWell }
        lane.wake()
    }

    /// Tells what comes, until it is told to end.
    func run() async {
        defer { lane.die() }
        var pace = RetryPolicy()
        while !Task.isCancelled {
            guard let isWell = beat.withLock(\.self) else {
                if lane.isEnding { return }
                await lane.wait()
                continue
            }
            guard lane.allows(pace.due) else { return }
            if pace.due > clock.uptime {
                await lane.wait(until: pace.due)
            } else {
                await tell(isWell, &pace)
            }
        }
    }

    private func tell(_ isWell: Bool, _ pace: inout RetryPolicy) async {
        beat.withLock { $0 = nil }
        guard let trouble = await send(isWell) else { return pace.delivered(at: clock.uptime) }
        guard !Task.isCancelled else { return }
        if pace.failures == 0 { log.warning("the heartbeat did not get through", ["error.message": trouble]) }
        pace.failed(at: clock.uptime, pause: nil, randomness, for: .notifier(Self.name))
        // After that the next run is near enough.
        guard pace.failures % Self.tries != 0 else { return }
        beat.withLock { if $0 == nil { $0 = isWell } }
    }

    private func send(_ isWell: Bool) async -> String? {
        let address = isWell ? url.revealed : Self.failing(url.revealed)
        let request = HTTPRequest(.get, address, timeLimit: .seconds(8), bodyLimit: 64 << 10)
        do throws(TransportError) {
            let response = try await transport.send(request, for: .notifier(Self.name))
            return (200..<300).contains(response.status) ? nil : "it answers \(response.status)"
        } catch {
            return "\(error)"
        }
    }

    static func failing(_ url: String) -> String {
        if let up = url.firstRange(of: "status=up") { return url.replacingCharacters(in: up, with: "status=down") }
        let path = url.prefix { $0 != "?" }
        return path + (path.hasSuffix("/") ? "fail" : "/fail") + url[path.endIndex...]
    }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
        self[..<range.lowerBound] + text + self[range.upperBound...]
    }
}

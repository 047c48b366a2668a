package import Log
package import Model
package import Ports
import Synchronization
import Timing

/// Reports after every run whether it succeeded, to a service that watches for silence.
/// Healthchecks (https://healthchecks.io/docs/http_api/): GET, with `/fail` behind the path for a failure. Uptime Kuma's push
/// monitors, where the address has `status=up` in its query: `status=down`.
package final class Heartbeat: Sendable {
    private static let scope = Scope.notifier("heartbeat")
    private static let attempts = 3

    /// A secret: with it, others could report in Landfall's name.
    private let url: Secret
    private let transport: any HTTPTransport
    private let clock: any Clock
    private let randomness: any Randomness
    private let log: Logger
    let handle: WorkerHandle
    /// The result of the last run, until it is sent. Only the last run matters.
    private let unsent = Mutex<Bool?>(nil)

    package init(
        _ url: Secret,
        transport: any HTTPTransport,
        clock: any Clock,
        randomness: any Randomness,
        log: Logger
    ) {
        (self.url, self.transport, self.clock, self.randomness) = (url, transport, clock, randomness)
        self.log = log
        handle = WorkerHandle(clock)
    }

    /// Returns at once; `run` sends it.
    func report(isClean: Bool) {
        unsent.withLock { $0 = isClean }
        handle.wake()
    }

    /// Sends what is reported, until it is told to end.
    func run() async { await handle.run({ unsent.withLock(\.self) }, attempt) }

    private func attempt(_ isClean: Bool, _ policy: inout RetryPolicy) async {
        unsent.withLock { $0 = nil }
        do throws(NotifierError) {
            try await send(isClean)
            return policy.succeeded(at: clock.uptime)
        } catch {
            guard !Task.isCancelled else { return }
            if policy.failures == 0 { log.warning("the heartbeat could not be sent", [.error: "\(error)"]) }
        }
        policy.failed(at: clock.uptime, pause: nil, randomness, for: Self.scope)
        // After the last attempt the next run is soon enough.
        guard policy.failures % Self.attempts != 0 else { return }
        unsent.withLock { if $0 == nil { $0 = isClean } }
    }

    private func send(_ isClean: Bool) async throws(NotifierError) {
        let address = isClean ? url.revealed : Self.failing(url.revealed)
        let response = try await transport.exchange(.get, address, for: Self.scope)
        guard (200..<300).contains(response.status) else { throw .unavailable("it answers \(response.status)") }
    }

    /// The address that reports a failure.
    static func failing(_ url: String) -> String {
        if let up = url.firstRange(of: "status=up") {
            return url[..<up.lowerBound] + "status=down" + url[up.upperBound...]
        }
        let path = url.prefix { $0 != "?" }
        return path + (path.hasSuffix("/") ? "fail" : "/fail") + url[path.endIndex...]
    }
}

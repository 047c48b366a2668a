import DNS
import FoundationEssentials
import Glibc
import Model
import Ports
import Records
import Report
import Threads
import Timing
import Transport

/// The records' part of one run: it reads the zones, decides, and carries out; in a process of its own, whose costs are
/// told as well.
struct RecordsRun: Codable {
    /// How `landfall-bench` is asked for it: with the API's URL, two numbers and an address after this.
    static let argument = "records"

    /// From the first request to the last decision or answer.
    private(set) var seconds = 0.0
    /// Of the whole process.
    private(set) var processorSeconds = 0.0
    /// Bytes: the most that was ever resident.
    private(set) var peak = 0
    private(set) var unchanged = 0
    private(set) var changed = 0

    static func measure(_ world: ManyZones, url: String, address: String) async throws -> RecordsRun {
        guard let address = IPAddress(address) else { throw BenchError("\(address) is no address") }
        let clock = SystemClock()
        let hosts = try world.hosts()
        let provider = CloudflareProvider(
            .token(Secret(ManyZones.token)),
            url: url,
            transport: CurlTransport(.init(userAgent: "landfall-bench")),
            clock: clock
        )
        let stage = RecordStage(policy: RecordPolicy(instance: "default", defaultProxied: true, mode: .upsert))
        let start = clock.uptime
        let zones = await ZoneDirectory.read(from: [provider], allowed: nil)
        let addresses = PublicAddresses(v4: .known(address), v6: nil)
        let plan = await stage.plan(DesiredState(hosts, addresses: addresses), zones: zones)
        let outcomes = await stage.apply(plan) { _ in }.map(\.outcome)
        var run = RecordsRun()
        run.seconds = (clock.uptime - start).inSeconds
        run.processorSeconds = processorTime.inSeconds
        run.peak = try ProcessFigures(of: Int(getpid())).peak
        run.unchanged = outcomes.count { $0 == .unchanged }
        run.changed = outcomes.count { $0.word == "changed" }
        guard run.unchanged + run.changed == hosts.count else {
            let trouble = outcomes.first { $0 != .unchanged && $0.word != "changed" }
            throw BenchError("a host failed: \(trouble?.detail ?? "without a reason")")
        }
        return run
    }

    private static var processorTime: Duration {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}

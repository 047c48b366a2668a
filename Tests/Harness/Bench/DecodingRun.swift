import Docker
import EventStream
import FoundationEssentials
import Glibc
import Model
import Ports
import Timing

/// From a file of events to decisions about runs, as the daemon comes to them; in a process of its own, whose memory is
/// told as well.
struct DecodingRun: Codable {
    /// How `landfall-bench` is asked for it: with the file's path after this.
    static let argument = "decode"
    private static let chunk = 64 << 10

    private(set) var seconds = 0.0
    private(set) var events = 0
    private(set) var triggers = 0
    private(set) var runs = 0
    /// Bytes: the most that was ever resident.
    private(set) var peak = 0

    static func measure(_ path: String) throws -> DecodingRun {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw BenchError("\(path) cannot be read") }
        defer { close(descriptor) }
        var run = DecodingRun()
        let clock = SystemClock()
        let start = clock.uptime
        run.read(descriptor)
        run.seconds = (clock.uptime - start).inSeconds
        run.peak = try ProcessFigures(of: Int(getpid())).peak
        return run
    }

    private mutating func read(_ descriptor: Int32) {
        let relevance = Relevance(mode: .manager(cluster: "k"))
        var decoder = EventDecoder(hostLabels: ["landfall.host", "discovery.domain.name"])
        var memory = EventHistory()
        var debounce = Debounce(quiet: .seconds(2), maxWait: .seconds(10), interval: .seconds(300))
        while let chunk = Self.next(descriptor) {
            let read = decoder.events(in: chunk)
            events += read.count
            for event in read where relevance.isRelevant(event) && memory.isNew(event, at: event.time) {
                triggers += 1
                step(&debounce, event)
            }
        }
    }

    private mutating func step(_ debounce: inout Debounce, _ event: EngineEvent) {
        let time = Duration.nanoseconds(event.time.nanoseconds)
        debounce.trigger(event.trigger, at: time)
        while case .fire = debounce.step(at: time) {
            runs += 1
            debounce.runEnded(at: time, readAll: true)
        }
    }

    private static func next(_ descriptor: Int32) -> [UInt8]? {
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: chunk) { buffer, count in
            count = unsafe max(0, Glibc.read(descriptor, buffer.baseAddress, buffer.count))
        }
        return bytes.isEmpty ? nil : bytes
    }
}

import Ports
import Timing

/// A condition that did not come true in time.
struct NotInTime: Error, CustomStringConvertible {
    let description: String
}

/// Returns what `look` sees as soon as that is something.
///
/// The outside world calls nobody's attention, so it is looked at again and again; what `look` throws counts as nothing
/// seen yet, and is told when the time is up.
@discardableResult
func awaited<Value>(
    _ what: String,
    limit: Duration = .seconds(30),
    _ look: () async throws -> Value?
) async throws -> Value {
    let clock = SystemClock()
    let deadline = clock.uptime + limit
    while true {
        var trouble = ""
        do {
            if let value = try await look() { return value }
        } catch {
            trouble = "; the last look: \(error)"
        }
        guard clock.uptime < deadline else {
            throw NotInTime(description: "\(what): not within \(limit.components.seconds) s\(trouble)")
        }
        try await clock.sleep(for: .milliseconds(100))
    }
}

/// Returns as soon as `condition` holds.
func until(_ what: String, limit: Duration = .seconds(30), _ condition: () async throws -> Bool) async throws {
    try await awaited(what, limit: limit) { try await condition() ? true : nil }
}

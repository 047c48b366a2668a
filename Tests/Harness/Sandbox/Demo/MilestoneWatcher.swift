import Model
import Polling
import Ports
import Synchronization

/// Waits for milestones and prints when each was reached.
struct MilestoneWatcher: Sendable {
    let rows: [[Milestone]]
    let since: Duration
    let clock: any Clock
    let output: DemoOutput
    var limit: Duration = .seconds(120)

    func run() async throws {
        let waiting = Waiting(rows.flatMap { $0.map(\.name) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            for row in rows {
                group.addTask {
                    for milestone in row { try await reach(milestone, waiting) }
                }
            }
            // Unlike waitForAll, this throws with the first that throws.
            for try await _ in group {}
        }
    }

    private func reach(_ milestone: Milestone, _ waiting: Waiting) async throws {
        let poller = Poller(clock: clock, interval: .milliseconds(100))
        var observed: String?
        try await poller.wait(for: milestone.name, within: limit) {
            observed = await milestone.observe()
            output.status("  … \(waiting.names.joined(separator: ", "))  \(seconds) s")
            return observed != nil
        }
        waiting.remove(milestone.name)
        let name = milestone.name + String(repeating: " ", count: max(1, 12 - milestone.name.count))
        output.line("  ✓ \(seconds) s  \(name)\(observed ?? "")")
    }

    private var seconds: String { (clock.uptime - since).inSeconds }
}

/// The milestones ahead, in order.
private final class Waiting: Sendable {
    private let list: Mutex<[String]>

    init(_ names: [String]) { list = Mutex(names) }

    var names: [String] { list.withLock { $0 } }

    func remove(_ name: String) {
        list.withLock { $0.removeAll { $0 == name } }
    }
}

extension Duration {
    /// With one decimal: `1.2`.
    package var inSeconds: String {
        let tenths = (milliseconds + 50) / 100
        return "\(tenths / 10).\(tenths % 10)"
    }
}

import Docker
import Model
import Ports
import Threads

/// Watches a helper service until it has ended on every node, or the time is up.
struct HelperWatch: Sendable {
    let engine: EngineClient
    let service: String
    let nodes: [Node]
    /// The nodes that it runs on.
    let wanted: Set<String>
    let clock: any Clock

    private static let limit: Duration = .seconds(60)
    private static let interval: Duration = .milliseconds(200)
    /// Nodes are checked less often than tasks.
    private static let nodeInterval: Duration = .seconds(2)

    /// Returns the report of each wanted node.
    func reports() async -> [String: NodeReport] {
        let found = await watch()
        let ended = found.tasks.filter(\.value.isOver).sorted { $0.key < $1.key }
        let outputs = await concurrentMap(ended, atMost: SignalStage.width) { _, task in
            (try? await engine.output(ofTask: task.id)) ?? TaskOutput()
        }
        var reports = wanted.reduce(into: [:]) { reports, node in
            reports[node] =
                found.unreachable[node].map { NodeReport(reason: $0) }
                ?? NodeReport(reason: timeoutReason(for: node, found.tasks[node]), isSilent: true)
        }
        for ((node, task), output) in zip(ended, outputs) {
            reports[node] = NodeReport(of: task, output, on: name(of: node))
        }
        return reports
    }

    /// Returns the last state of each task, by node, and why some nodes cannot be reached.
    private func watch() async -> (tasks: [String: ServiceTask], unreachable: [String: String]) {
        let deadline = clock.uptime + Self.limit
        var seen: [String: ServiceTask] = [:]
        var unreachable: [String: String] = [:]
        var nextNodeCheck = clock.uptime + Self.nodeInterval
        while clock.uptime < deadline {
            for task in (try? await engine.tasks(of: service)) ?? [] {
                if let node = task.node, seen[node]?.isOver != true { seen[node] = task }
            }
            if clock.uptime >= nextNodeCheck {
                nextNodeCheck = clock.uptime + Self.nodeInterval
                let nodes = (try? await engine.nodes()) ?? []
                for node in nodes { unreachable[node.id] = node.unreachableReason(among: nodes) }
            }
            // An empty list right after the service was created does not mean that it has ended.
            if wanted.allSatisfy({ seen[$0]?.isOver == true || unreachable[$0] != nil }) { break }
            guard (try? await clock.sleep(for: Self.interval)) != nil else { break }
        }
        return (seen, unreachable)
    }

    private func timeoutReason(for node: String, _ task: ServiceTask?) -> String {
        let words = task.map { "its helper is `\(sanitized($0.state, limit: 20))`" } ?? "its Docker engine may hang"
        let error = task?.error.map { ": \(sanitized($0, limit: 200))" } ?? ""
        return "node \(name(of: node)) did not answer within \(Self.limit.readable); \(words)\(error)"
    }

    private func name(of node: String) -> String {
        nodes.first { $0.id == node }?.name(among: nodes) ?? sanitized(node, limit: 64)
    }
}

/// The results of a helper on one node.
struct NodeReport: Sendable {
    private let deliveries: [String: SignalDelivery]
    /// Why the signals without a result are still pending; nil when none are.
    private let reason: String?
    /// Whether the node did not answer in time.
    let isSilent: Bool

    init(reason: String, isSilent: Bool = false) {
        (deliveries, self.reason, self.isSilent) = ([:], reason, isSilent)
    }

    /// - Parameter output: as far as that could be read.
    init(of task: ServiceTask, _ output: TaskOutput, on node: String) {
        isSilent = false
        deliveries = output.lines.compactMap(DeliveryLine.init).reduce(into: [:]) { $0[$1.container] = $1.delivery }
        // It succeeds only when everything was delivered.
        guard task.state != "complete" else {
            reason = nil
            return
        }
        // A program that cannot be run there says so itself, or the system does in its place: `exec format error`.
        let words = [task.error].compactMap(\.self) + output.errors.suffix(1)
        let error = words.map { ": \(sanitized($0, limit: 200))" }.joined()
        reason = "the helper could not run on node \(node)\(error)"
    }

    func delivery(to container: String) -> SignalDelivery {
        deliveries[container] ?? reason.map(SignalDelivery.pending) ?? .signalled
    }
}

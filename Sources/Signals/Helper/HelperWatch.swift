import Docker
import Model
import Ports
import Threads

/// Follows a helper service until it has ended on every node, or the time is up.
struct HelperWatch: Sendable {
    let engine: EngineClient
    let service: String
    let nodes: [Node]
    /// The nodes that it runs on.
    let wanted: Set<String>
    let clock: any Clock

    private static let limit: Duration = .seconds(60)
    private static let interval: Duration = .milliseconds(200)
    /// Whether nodes still live is asked less often.
    private static let nodeInterval: Duration = .seconds(2)

    /// By node; each has one.
    func reports() async -> [String: NodeReport] {
        let found = await look()
        let ended = found.tasks.filter(\.value.isOver)
        let outputs = await concurrentMap(ended.sorted { $0.key < $1.key }.map(\.value), atMost: SignalStage.width) {
            task in
            (task, (try? await engine.output(ofTask: task.id)) ?? [])
        }
        var reports = wanted.reduce(into: [:]) { reports, node in
            reports[node] =
                found.obstacles[node].map { NodeReport(trouble: $0) }
                ?? NodeReport(trouble: silence(of: node, found.tasks[node]), isSilent: true)
        }
        for (task, lines) in outputs where task.node != nil {
            reports[task.node ?? ""] = NodeReport(of: task, lines, on: name(of: task.node ?? ""))
        }
        return reports
    }

    /// The tasks as they were last seen, by node, and why some will never end.
    private func look() async -> (tasks: [String: ServiceTask], obstacles: [String: String]) {
        let deadline = clock.uptime + Self.limit
        var seen: [String: ServiceTask] = [:]
        var obstacles: [String: String] = [:]
        var nextLook = clock.uptime + Self.nodeInterval
        while clock.uptime < deadline {
            for task in (try? await engine.tasks(of: service)) ?? [] {
                if let node = task.node, seen[node]?.isOver != true { seen[node] = task }
            }
            if clock.uptime >= nextLook {
                nextLook = clock.uptime + Self.nodeInterval
                for node in (try? await engine.nodes()) ?? [] { obstacles[node.id] = node.obstacle }
            }
            // An empty list right after the service was made does not mean that it is done.
            if wanted.allSatisfy({ seen[$0]?.isOver == true || obstacles[$0] != nil }) { break }
            guard (try? await clock.sleep(for: Self.interval)) != nil else { break }
        }
        return (seen, obstacles)
    }

    private func silence(of node: String, _ task: ServiceTask?) -> String {
        let words = task.map { "the helper there is `\(sanitized($0.state, limit: 20))`" } ?? "its engine may hang"
        let error = task?.error.map { ": \(sanitized($0, limit: 200))" } ?? ""
        return "node \(name(of: node)) did not do it within \(Self.limit.readable); \(words)\(error)"
    }

    private func name(of node: String) -> String {
        sanitized(nodes.first { $0.id == node }?.name ?? node, limit: 64)
    }
}

/// What a helper did on one node.
struct NodeReport: Sendable {
    private let said: [String: SignalDelivery]
    /// Why what it said nothing of is still owed; nil when nothing is.
    private let trouble: String?
    /// Whether it was awaited in vain.
    let isSilent: Bool

    init(trouble: String, isSilent: Bool = false) {
        (said, self.trouble, self.isSilent) = ([:], trouble, isSilent)
    }

    /// - Parameter lines: what it wrote, as far as that could be read.
    init(of task: ServiceTask, _ lines: [String], on node: String) {
        isSilent = false
        said = lines.compactMap(DeliveryLine.init).reduce(into: [:]) { $0[$1.container] = $1.delivery }
        // It ends well only when everything was delivered.
        guard task.state != "complete" else {
            trouble = nil
            return
        }
        let reason = task.error.map { ": \(sanitized($0, limit: 200))" } ?? ""
        trouble = "the helper was not able to run on node \(node)\(reason)"
    }

    func delivery(to container: String) -> SignalDelivery {
        said[container] ?? trouble.map(SignalDelivery.owed) ?? .signalled
    }
}

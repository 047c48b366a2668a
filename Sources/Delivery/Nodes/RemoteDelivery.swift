package import Docker
import Log
import Model
import Ports
import Report
import Synchronization
import Threads

/// Sends signals to containers of other nodes, by a short-lived helper service that runs `landfall signal` there.
struct RemoteDelivery: Sendable {
    let engine: EngineClient
    let image: HelperImage
    let login: RegistryLogin?
    let instance: String
    let clock: any Clock
    let randomness: any Randomness
    let log: Logger
    private let silentNodes = SilentNodes()

    /// Returns one result per target, in order. `retriesSilent`: whether to try nodes that did not answer in time before.
    ///
    /// - Parameter local: what became of the signals on this node. A service is not signalled elsewhere after one of its
    ///   containers ended; if none got through its signal yet, one alone is signalled first.
    func deliver(
        _ targets: [SignalTarget],
        after local: [SignalResult],
        retriesSilent: Bool
    ) async -> [SignalDelivery] {
        guard !targets.isEmpty else { return [] }
        do throws(EngineError) {
            let nodes = try await engine.nodes()
            let reachable = Set(nodes.filter { $0.unreachableReason(among: nodes) == nil }.map(\.id))
            silentNodes.keep(reachable)
            let skipped = retriesSilent ? [] : silentNodes.all
            let orders = targets.filter { $0.node.map { reachable.contains($0) && !skipped.contains($0) } ?? false }
            var results = local
            // Once for those that go first, and once for the others.
            for _ in 0..<2 {
                let done = Set(results.map(\.target.container))
                let wave = Self.wave(orders.filter { !done.contains($0.container) }, after: results)
                results += wave.heldBack
                results += await send(wave.targets, nodes)
            }
            let deliveries = Dictionary(results.map { ($0.target.container, $0.delivery) }) { first, _ in first }
            return targets.map { target in
                deliveries[target.container] ?? .pending(Self.reason(why: target.node, among: nodes))
            }
        } catch {
            return targets.map { _ in .pending("\(error)") }
        }
    }

    private func send(_ targets: [SignalTarget], _ nodes: [Node]) async -> [SignalResult] {
        guard !targets.isEmpty else { return [] }
        let deliveries: [SignalDelivery]
        do {
            let reports = try await run(targets, nodes)
            if !Task.isCancelled { silentNodes.update(with: reports) }
            deliveries = targets.map { reports[$0.node ?? ""]?.delivery(to: $0.container) ?? .gone }
        } catch let missing as HelperImage.Missing {
            deliveries = targets.map { _ in .pending("it runs on another node, and \(missing.reason)") }
        } catch {
            deliveries = targets.map { _ in .pending("\(error)") }
        }
        return zip(targets, deliveries).map { SignalResult(target: $0, delivery: $1) }
    }

    /// Those of `targets` that are next, and those that get no signal.
    private static func wave(
        _ targets: [SignalTarget],
        after results: [SignalResult]
    ) -> (targets: [SignalTarget], heldBack: [SignalResult]) {
        var (next, heldBack): ([SignalTarget], [SignalResult]) = ([], [])
        let results = Dictionary(grouping: results, by: \.target.group)
        for (group, members) in Dictionary(grouping: targets, by: \.group).sorted(by: { $0.key < $1.key }) {
            let last = results[group] ?? []
            if let end = last.first(where: { $0.delivery.result == .ended }) {
                let cause =
                    "\(displayName(ofContainer: sanitized(end.target.name, limit: 100))) \(end.delivery.reason ?? "ended")"
                heldBack += members.map { SignalResult(target: $0, delivery: .heldBack(cause)) }
            } else {
                next += last.isEmpty ? Array(members.prefix(1)) : members
            }
        }
        return (next, heldBack)
    }

    /// Why nothing was started on a node.
    private static func reason(why id: String?, among nodes: [Node]) -> String {
        guard let node = nodes.first(where: { $0.id == id }) else { return "its node has left the Swarm" }
        return node.unreachableReason(among: nodes)
            ?? "node \(node.name(among: nodes)) did not answer in time; tried again within the interval"
    }

    /// Removes helpers that an earlier run could not remove.
    func removeHelpers(_ services: [String]) async {
        for service in services { await remove(service) }
    }

    private func run(_ orders: [SignalTarget], _ nodes: [Node]) async throws -> [String: NodeReport] {
        let wanted = Set(orders.compactMap(\.node))
        let name = HelperName(instance: instance, randomness: randomness)
        let service = try await engine.createHelper(
            name.text,
            labels: name.labels,
            image: try await image.find(engine),
            arguments: ["signal"] + orders.map { SignalOrder($0).description },
            constraints: Self.constraints(to: wanted, of: nodes),
            login: login
        )
        let watch = HelperWatch(engine: engine, service: service, nodes: nodes, wanted: wanted, clock: clock)
        let reports = await watch.reports()
        // Even when this run is cancelled: a node that comes back would still start the helper.
        await taskOnCurrentExecutor { await remove(service) }.value
        return reports
    }

    /// The constraints that select the nodes. All must hold, so one node is named, or else all other nodes are excluded.
    private static func constraints(to wanted: Set<String>, of nodes: [Node]) -> [String] {
        if wanted.count == 1 { return wanted.map { "node.id==\($0)" } }
        return nodes.map(\.id).filter { !wanted.contains($0) }.sorted().map { "node.id!=\($0)" }
    }

    private func remove(_ service: String) async {
        do throws(EngineError) {
            try await engine.removeService(service)
        } catch .status(404, _) {
        } catch {
            log.warning("cannot remove a helper service; the next run tries again", [.error: "\(error)"])
        }
    }
}

/// The nodes that did not answer in time: each costs a run a minute, and events may trigger many runs.
private final class SilentNodes: Sendable {
    private let nodes = Mutex<Set<String>>([])

    var all: Set<String> { nodes.withLock(\.self) }

    /// Forgets the nodes that cannot be reached: when they come back, they are tried again.
    func keep(_ reachable: Set<String>) { nodes.withLock { $0.formIntersection(reachable) } }

    func update(with reports: [String: NodeReport]) {
        nodes.withLock { nodes in
            nodes.subtract(reports.keys)
            nodes.formUnion(reports.filter(\.value.isSilent).keys)
        }
    }
}

extension Node {
    /// Why nothing can be started on the node, a clause with its name; nil when something can.
    package func unreachableReason(among nodes: [Node]) -> String? {
        let name = name(among: nodes)
        guard state == "ready" else { return "node \(name) is \(sanitized(state, limit: 20))" }
        return switch availability {
        case "active": nil
        case "pause":
            "node \(name) is paused; `docker node update --availability active \(sanitized(id, limit: 64))` ends that"
        default: "node \(name) is drained"
        }
    }
}

/// The name and labels of a helper service, by which it is recognized again.
struct HelperName {
    private static let nonceLabel = "landfall.helper.nonce"

    private let instance: String
    private let nonce: String

    /// A name of its own. It is no secret, so a recording may contain the random number.
    init(instance: String, randomness: any Randomness) {
        self.instance = instance
        nonce = String(UInt64(randomness.fraction(for: .engine) * 0x1p52), radix: 36)
    }

    var text: String { Service.helperPrefix + nonce }
    var labels: [String: String] { [Service.helperLabel: instance, Self.nonceLabel: nonce] }

    /// The IDs of an instance's helpers. A user's stack may well be called `landfall`, so name and labels must both match.
    static func leftovers(among services: [Service], of instance: String) -> [String] {
        let helpers = services.filter { service in
            let name = service.labels[nonceLabel].map { Service.helperPrefix + $0 }
            return service.labels[Service.helperLabel] == instance && service.name == name
        }
        return helpers.map(\.id).sorted()
    }
}

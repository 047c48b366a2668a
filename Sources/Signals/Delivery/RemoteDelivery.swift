import Docker
import Log
import Model
import Ports
import Synchronization
import Threads

/// Sends signals to containers of other nodes, by a service that runs `landfall signal` there and is gone a moment later.
struct RemoteDelivery: Sendable {
    let engine: EngineClient
    let image: HelperImage
    let login: RegistryLogin?
    let instance: String
    let clock: any Clock
    let randomness: any Randomness
    let log: Logger
    private let silent = SilentNodes()

    init(
        engine: EngineClient,
        image: HelperImage,
        login: RegistryLogin?,
        instance: String,
        clock: any Clock,
        randomness: any Randomness,
        log: Logger
    ) {
        (self.engine, self.image, self.login, self.instance) = (engine, image, login, instance)
        (self.clock, self.randomness, self.log) = (clock, randomness, log)
    }

    /// In the targets' order.
    ///
    /// - Parameter retriesSilent: whether nodes are tried that were awaited in vain the last time.
    func deliver(_ targets: [SignalTarget], retriesSilent: Bool) async -> [SignalDelivery] {
        guard !targets.isEmpty else { return [] }
        do {
            let nodes = try await engine.nodes()
            let reachable = Set(nodes.filter { $0.obstacle == nil }.map(\.id))
            silent.keep(reachable)
            let mute = retriesSilent ? [] : silent.all
            let orders = targets.filter { $0.node.map { reachable.contains($0) && !mute.contains($0) } ?? false }
            let reports = orders.isEmpty ? [:] : try await run(orders, nodes)
            if !Task.isCancelled { silent.note(reports) }
            return targets.map { target in
                if let report = reports[target.node ?? ""] { return report.delivery(to: target.container) }
                guard let node = nodes.first(where: { $0.id == target.node }) else {
                    return .owed("its node has left the Swarm")
                }
                let name = sanitized(node.name, limit: 64)
                return .owed(
                    node.obstacle ?? "node \(name) did not answer in time; tried again within the interval"
                )
            }
        } catch let missing as HelperImage.Missing {
            return targets.map { _ in .owed("it runs on another node, and \(missing.reason)") }
        } catch {
            return targets.map { _ in .owed("\(error)") }
        }
    }

    /// Removes helpers that an earlier run could not.
    func sweep(_ services: [String]) async {
        for service in services { await remove(service) }
    }

    private func run(_ orders: [SignalTarget], _ nodes: [Node]) async throws -> [String: NodeReport] {
        let wanted = Set(orders.compactMap(\.node))
        let name = HelperName(instance: instance, randomness: randomness)
        let spec = HelperSpec(
            name: name.text,
            labels: name.labels,
            image: try await image.find(engine),
            arguments: ["signal"] + orders.map { SignalOrder($0).description },
            constraints: Self.constraints(to: wanted, of: nodes)
        )
        let service = try await engine.create(spec, login: login)
        let watch = HelperWatch(engine: engine, service: service, nodes: nodes, wanted: wanted, clock: clock)
        let reports = await watch.reports()
        // Whatever has become of this run: a node that was away would still start it.
        await taskOnCurrentExecutor { await remove(service) }.value
        return reports
    }

    /// Constraints must all hold, so one node is named, and of several those that are not meant.
    private static func constraints(to wanted: Set<String>, of nodes: [Node]) -> [String] {
        if wanted.count == 1 { return wanted.map { "node.id==\($0)" } }
        return nodes.map(\.id).filter { !wanted.contains($0) }.sorted().map { "node.id!=\($0)" }
    }

    private func remove(_ service: String) async {
        do throws(EngineError) {
            try await engine.removeService(service)
        } catch .status(404, _) {
        } catch {
            log.warning("cannot remove a helper service; the next run will", ["error.message": "\(error)"])
        }
    }
}

/// The nodes that were awaited in vain: each costs a run a minute, and events may ask for many.
private final class SilentNodes: Sendable {
    private let nodes = Mutex<Set<String>>([])

    var all: Set<String> { nodes.withLock(\.self) }

    /// One that went away is another when it is back.
    func keep(_ reachable: Set<String>) {
        nodes.withLock { $0.formIntersection(reachable) }
    }

    func note(_ reports: [String: NodeReport]) {
        nodes.withLock { nodes in
            nodes.subtract(reports.keys)
            nodes.formUnion(reports.filter(\.value.isSilent).keys)
        }
    }
}

extension Node {
    /// Why nothing can be started there; a clause with the node's name.
    var obstacle: String? {
        let name = sanitized(name, limit: 64)
        guard state == "ready" else { return "node \(name) is \(sanitized(state, limit: 20))" }
        return switch availability {
        case "active": nil
        case "pause": "node \(name) is paused; `docker node update --availability active \(name)` ends that"
        default: "node \(name) is drained"
        }
    }
}

package import Docker
package import Log
import Model
package import Ports
import Report
import Synchronization
import Threads

/// Sends signals to containers of this node, and looks whether they survive them.
package final class LocalDelivery: Sendable {
    private let engine: EngineClient
    private let clock: any Clock
    private let log: Logger
    /// The containers that a warning was logged for.
    private let warned = Mutex<Set<String>>([])

    /// A process that does not handle a signal ends at once, and the engine mostly knows of it within these; only then the
    /// others of its service are signalled.
    private static let pausesBeforeOthers: [Duration] = [0, 50, 100, 200].map { .milliseconds($0) }
    /// How long the engine is asked after that, a second and a half in all.
    private static let laterPauses: [Duration] = [400, 800].map { .milliseconds($0) }

    package init(engine: EngineClient, clock: any Clock, log: Logger) {
        (self.engine, self.clock, self.log) = (engine, clock, log)
    }

    /// A signal to a container.
    package struct Order: Sendable {
        let container: String
        let signal: SignalName
        /// What it is called, and what it shares with the others of its service; the engine is asked for what is nil.
        var name: String?
        var group: String?
        /// Whether a Swarm is known to restart it.
        var isTask = false
        fileprivate var details: ContainerDetails?

        package init(_ order: SignalOrder) { (container, signal) = (order.container, order.signal) }

        init(_ target: SignalTarget) {
            (container, signal, name) = (target.container, target.signal, target.name)
            (group, isTask) = (target.group, target.isTask)
        }

        fileprivate var displayName: String {
            Model.displayName(ofContainer: sanitized(name ?? details?.name ?? container, limit: 100))
        }

        fileprivate var key: String { group ?? details?.service ?? container }
    }

    /// Returns the results in the order of `orders`, and reports each as soon as it is known.
    @discardableResult
    package func deliver(
        _ orders: [Order],
        report: @escaping @Sendable (_ place: Int, SignalDelivery) -> Void = { _, _ in }
    ) async -> [SignalDelivery] {
        let orders = await concurrentMap(orders, atMost: SignalStage.width) { order in
            var order = order
            // A container that cannot be inspected may be signalled all the same.
            if !order.isTask { order.details = try? await self.engine.container(order.container) }
            return order
        }
        var sweep = SignalSweep(orders.map(\.key))
        var results: [Int: SignalDelivery] = [:]
        var running: [Int] = []
        while case let wave = sweep.next(), !wave.isEmpty {
            let deliveries = await concurrentMap(wave, atMost: SignalStage.width) { await self.send(orders[$0]) }
            var known = Dictionary(zip(wave, deliveries)) { $1 }
            let sent = wave.filter { known[$0] == .signalled }
            for (place, look) in zip(sent, await looks(at: sent.map { orders[$0] }, after: Self.pausesBeforeOthers)) {
                if case .ended(let end) = look { known[place] = end }
                if look == .running { running.append(place) }
            }
            for (place, delivery) in known.sorted(by: { $0.key < $1.key }) {
                sweep.note(delivery, of: orders[place].key, name: orders[place].displayName)
                results[place] = delivery
                if !running.contains(place) { report(place, delivery) }
            }
        }
        for (place, look) in zip(running, await looks(at: running.map { orders[$0] }, after: Self.laterPauses)) {
            if case .ended(let end) = look { results[place] = end }
            report(place, results[place] ?? .signalled)
        }
        for (place, reason) in sweep.heldBack {
            results[place] = .heldBack(reason)
            report(place, .heldBack(reason))
        }
        return orders.indices.map { results[$0] ?? .gone }
    }

    private func send(_ order: Order) async -> SignalDelivery {
        do throws(EngineError) {
            if let details = order.details, details.losesRestart(byKill: order.signal.description) {
                if try await signalFromInside(order, details) { return .signalled }
                warnOnce(
                    order.signal,
                    sanitized(details.imageReference ?? order.container, limit: 100),
                    of: order.container
                )
            }
            try await engine.kill(container: order.container, signal: order.signal.description)
            return .signalled
        } catch .status(404, _) {
            return .gone
        } catch .status(409, _) {
            return .notRunning
        } catch .status(500, let message) where message.contains("can only kill running") {
            // As Podman 4 says it.
            return .notRunning
        } catch {
            return .refused("\(error)")
        }
    }

    private func warnOnce(_ signal: SignalName, _ image: String, of container: String) {
        guard warned.withLock({ $0.insert(container).inserted }) else { return }
        log.warning(
            "Docker treats this signal as a manual stop, so the restart policy will not apply; use `restart: always` with another stop_signal, or an image with a shell",
            [.container: .string(String(container.prefix(12))), .image: .string(image), .signal: "\(signal)"]
        )
    }

    /// Sends the signal by a shell in the container, which Docker does not treat as a manual stop; false if it has none, or if
    /// a socket proxy lets no program be started. The shell ends with a container that ends at its signal.
    private func signalFromInside(_ order: Order, _ details: ContainerDetails) async throws(EngineError) -> Bool {
        guard !details.sharesProcesses else { return false }
        do throws(EngineError) {
            let command = ["sh", "-c", "kill -s \(order.signal) 1"]
            if try await engine.execute(command, inContainer: order.container) == 0 { return true }
        } catch .status(400, _), .status(404, _), .status(409, _), .status(500, _), .forbidden {
            // If it still runs, the engine sends the signal, or says why not.
        } catch {
            guard await hasEnded(order) else { throw error }
        }
        return await hasEnded(order)
    }
}

extension LocalDelivery {
    /// What the last look at each of them showed; those that run are looked at again after each of the pauses.
    private func looks(at orders: [Order], after pauses: [Duration]) async -> [Look] {
        var looks = Array(repeating: Look.running, count: orders.count)
        for pause in pauses {
            let watched = looks.indices.filter { looks[$0] == .running }
            guard !watched.isEmpty else { break }
            if pause > .zero { guard (try? await clock.sleep(for: pause)) != nil else { break } }
            let news = await concurrentMap(watched, atMost: SignalStage.width) { await self.look(at: orders[$0]) }
            for (place, look) in zip(watched, news) { looks[place] = look }
        }
        return looks
    }

    /// Whether it ran before, and has ended since.
    private func hasEnded(_ order: Order) async -> Bool {
        guard order.details?.isRunning == true, case .ended = await look(at: order) else { return false }
        return true
    }

    private enum Look: Equatable {
        case running, unknown
        case ended(SignalDelivery)
    }

    private func look(at order: Order) async -> Look {
        do throws(EngineError) {
            let now = try await engine.state(ofContainer: order.container)
            guard let isRunning = now.isRunning else { return .unknown }
            // Its restart policy may be faster.
            let hasRestarted = order.details.map { $0.started != now.started } ?? false
            guard !isRunning || hasRestarted else { return .running }
            let code = isRunning ? nil : now.exitCode.map { " (\($0))" }
            return .ended(.ended("ended at \(order.signal)\(code ?? "")"))
        } catch .status(404, _) {
            // It is removed when it ends, as after `docker run --rm`.
            return .ended(.ended("ended at \(order.signal)"))
        } catch {
            return .unknown
        }
    }
}

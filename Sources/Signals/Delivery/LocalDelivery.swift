public import Docker
public import Log
import Model
import Synchronization

/// Sends signals to containers of the engine's own node.
public struct LocalDelivery: Sendable {
    private let engine: EngineClient
    private let log: Logger
    private let warned = Warned()

    public init(engine: EngineClient, log: Logger) {
        (self.engine, self.log) = (engine, log)
    }

    /// - Parameter isTask: whether a Swarm is known to see to its restarts; one by one, looking costs time.
    public func deliver(
        _ signal: SignalName,
        to container: String,
        isTask: Bool = false
    ) async -> SignalDelivery {
        do throws(EngineError) {
            // One that cannot be looked at may be signalled all the same.
            if !isTask, let details = try? await engine.container(container),
                details.losesRestart(byKill: signal.description)
            {
                if try await tellFromInside(signal, container, details) { return .signalled }
                let name = sanitized(details.imageReference ?? container, limit: 100)
                warnOnce(signal, name, of: container)
            }
            try await engine.kill(container: container, signal: signal.description)
            return .signalled
        } catch {
            switch error {
            case .status(404, _): return .gone
            case .status(409, _): return .notRunning
            default: return .refused("\(error)")
            }
        }
    }

    private func warnOnce(_ signal: SignalName, _ image: String, of container: String) {
        guard warned.add(container) else { return }
        log.warning(
            "Docker treats this signal as a manual stop, so the restart policy will not apply; use `restart: always` with another stop_signal, or an image with a shell",
            [.container: .string(String(container.prefix(12))), .image: .string(image), .signal: "\(signal)"]
        )
    }

    /// By a shell in the container, which the engine takes for no wish that it stop.
    /// - Returns: whether there was one that could.
    private func tellFromInside(
        _ signal: SignalName,
        _ container: String,
        _ details: ContainerDetails
    ) async throws(EngineError) -> Bool {
        guard !details.sharesProcesses else { return false }
        do throws(EngineError) {
            return try await engine.execute(["sh", "-c", "kill -s \(signal) 1"], inContainer: container) == 0
        } catch {
            if case .status(400, _) = error { return false }
            if case .status(500, _) = error { return false }
            throw error
        }
    }
}

/// The containers of which a warning was given.
private final class Warned: Sendable {
    private let containers = Mutex<Set<String>>([])

    /// - Returns: whether it is a new one.
    func add(_ container: String) -> Bool { containers.withLock { $0.insert(container).inserted } }
}

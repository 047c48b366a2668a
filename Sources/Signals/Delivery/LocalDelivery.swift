package import Docker
package import Log
import Model
import Synchronization

/// Sends signals to containers of this node.
package final class LocalDelivery: Sendable {
    private let engine: EngineClient
    private let log: Logger
    /// The containers that a warning was logged for.
    private let warned = Mutex<Set<String>>([])

    package init(engine: EngineClient, log: Logger) { (self.engine, self.log) = (engine, log) }

    /// - Parameter isTask: whether a Swarm is known to restart the container, so that Docker need not be asked.
    package func deliver(_ signal: SignalName, to container: String, isTask: Bool = false) async -> SignalDelivery {
        do throws(EngineError) {
            // A container that cannot be inspected may be signalled all the same.
            if !isTask, let details = try? await engine.container(container),
                details.losesRestart(byKill: signal.description)
            {
                if try await signalFromInside(signal, container, details) { return .signalled }
                let name = sanitized(details.imageReference ?? container, limit: 100)
                warnOnce(signal, name, of: container)
            }
            try await engine.kill(container: container, signal: signal.description)
            return .signalled
        } catch .status(404, _) {
            return .gone
        } catch .status(409, _) {
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

    /// Sends the signal by a shell in the container, which Docker does not treat as a manual stop; false if it has none.
    private func signalFromInside(
        _ signal: SignalName,
        _ container: String,
        _ details: ContainerDetails
    ) async throws(EngineError) -> Bool {
        guard !details.sharesProcesses else { return false }
        do throws(EngineError) {
            return try await engine.execute(["sh", "-c", "kill -s \(signal) 1"], inContainer: container) == 0
        } catch .status(400, _), .status(500, _) {
            return false
        }
    }
}

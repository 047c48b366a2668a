import Docker
import Configuration
import Model

extension DependencyCheck {
    func checkEngine() async -> Finding {
        await finding("Docker") {
            let engine = EngineClient(configuration.engine, transport: transport)
            let version = try await engine.negotiate()
            let mode = try await engine.mode()
            if let reason = mode.unreadableReason { throw UserFacingError(reason) }
            return "\(mode), API \(version), at \(configuration.engine)"
        }
    }
}

import Model
package import Ports
package import State
import Timing

/// The engine's mode and cluster. A change is confirmed after one minute, which a restart of Landfall does not shorten: a
/// manager that is shutting down answers for some seconds as if it had never been in a Swarm, with no services, as if no
/// label requested anything any more. A node that leaves its Swarm and creates another one looks the same.
package struct ConfirmedEngine: Sendable {
    private static let wait: Duration = .seconds(60)
    private static let key = "mode"

    private let store: StateStore.Namespace<ConfirmedValue<EngineMode>>
    private let clock: any Clock

    package init(state: StateStore, clock: any Clock) {
        store = StateStore.Namespace("engine", in: state)
        self.clock = clock
    }

    /// Notes that the engine reports `mode`, and returns why its labels cannot be read now; nil when they can.
    package func unreadableReason(of mode: EngineMode) -> String? {
        do throws(StateError) {
            var engine = try store.load(Self.key) ?? ConfirmedValue()
            let reason = engine.observe(mode, for: Self.wait, at: clock.now)
            try? store.save(engine, for: Self.key)
            return mode.unreadableReason ?? reason
        } catch {
            return mode.unreadableReason ?? "what the engine was before is unknown: \(error)"
        }
    }
}

extension ConfirmedValue<EngineMode> {
    /// Returns why `mode` is not confirmed yet. A mode without readable labels is no other engine: the confirmed one stays.
    fileprivate mutating func observe(_ mode: EngineMode, for wait: Duration, at now: Timestamp) -> String? {
        guard mode.unreadableReason == nil else {
            discardCandidate()
            return nil
        }
        if let value, value != mode, !hasLasted(mode, wait, at: now) {
            let isOtherSwarm = if case (.manager, .manager) = (value, mode) { true } else { false }
            let explanation = isOtherSwarm ? "which is another Swarm" : "as it does while it shuts down"
            return "the engine was a \(value) and now reports that it is a \(mode), \(explanation); "
                + "Landfall waits until this has lasted for a minute"
        }
        confirm(mode)
        return nil
    }
}

import Docker
import Log
import Model
import Ports
import Timing

/// An open event stream and what was true when it was opened.
struct Subscription: Sendable {
    let version: APIVersion
    let mode: EngineMode
    /// Why labels cannot be read yet.
    let unreadableReason: String?
    let stream: HTTPStream
    let relevance: Relevance
}

/// Why a subscription is over.
enum SubscriptionEnd: Sendable, CustomStringConvertible {
    /// It never began.
    case refused(String)
    /// By the engine or by a proxy in between; both are ordinary.
    case closed(String)
    case hung
    case modeChanged(from: EngineMode, to: EngineMode)

    /// The trigger of the next subscription's run.
    var trigger: Trigger {
        switch self {
        case .modeChanged: Trigger(.reconnection, description)
        default: Trigger(.reconnection, "reconnected to the engine")
        }
    }

    var description: String {
        switch self {
        case .refused(let reason), .closed(let reason): reason
        case .hung: "the daemon keeps the connection but answers no ping"
        case .modeChanged(let old, let new): "the engine was a \(old) and is a \(new)"
        }
    }
}

extension EventStream {
    /// Reads the stream, with an eye on the daemon beside it, until one of the two says that it is over.
    func follow(_ subscription: Subscription, _ onTrigger: @escaping @Sendable (Trigger) -> Void) async
        -> SubscriptionEnd
    {
        await withTaskGroup(of: SubscriptionEnd.self) { group in
            group.addTask { await self.read(subscription, onTrigger) }
            group.addTask { await self.watch(subscription, onTrigger) }
            defer { group.cancelAll() }
            return await group.next() ?? .closed("cancelled")
        }
    }

    private func read(_ subscription: Subscription, _ onTrigger: @Sendable (Trigger) -> Void) async -> SubscriptionEnd {
        var decoder = EventDecoder(hostLabels: hostLabels)
        do {
            for try await chunk in subscription.stream.chunks {
                let unreadable = decoder.unreadable
                for event in decoder.events(in: chunk) { handle(event, for: subscription, onTrigger) }
                if unreadable == 0, decoder.unreadable > 0 {
                    log.warning("skipping lines of the engine's event stream that are not events")
                }
            }
            return .closed("the event stream ended")
        } catch {
            return .closed("\(error)")
        }
    }

    /// Asks the daemon on another connection: a hung daemon and a demoted manager both leave the stream open and silent.
    private func watch(_ subscription: Subscription, _ onTrigger: @Sendable (Trigger) -> Void) async -> SubscriptionEnd
    {
        var unreadableReason = subscription.unreadableReason
        while true {
            do { try await clock.sleep(for: policy.watchInterval) } catch { return .closed("cancelled") }
            if await !isAnswering(), await !isAnswering() { return .hung }
            onChange(.checked)
            save()
            guard let mode = try? await engine.mode() else { continue }
            guard mode == subscription.mode else { return .modeChanged(from: subscription.mode, to: mode) }
            let before = unreadableReason
            unreadableReason = confirmed.unreadableReason(of: mode)
            if unreadableReason != before {
                onChange(.following(mode, subscription.version, unreadableReason: unreadableReason))
            }
            guard before != nil, unreadableReason == nil else { continue }
            log.info("the Docker engine has changed", [.engine: "\(mode)"])
            onTrigger(Trigger(.reconnection, "the engine is now a \(mode)"))
        }
    }

    private func isAnswering() async -> Bool { (try? await engine.negotiate(timeLimit: policy.pingLimit)) != nil }
}

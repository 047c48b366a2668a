import Docker
import Log
import Timing
import Transport

/// An open event stream and what was true when it was opened.
struct Subscription: Sendable {
    let version: APIVersion
    let mode: EngineMode
    let relevance: Relevance
    let stream: HTTPStream
}

/// Why a subscription is over.
enum SubscriptionEnd: Sendable, CustomStringConvertible {
    /// It never began.
    case refused(String)
    /// By the engine or by a proxy in between; both are ordinary.
    case closed(String)
    case hung
    case modeChanged(from: EngineMode, to: EngineMode)

    var nextReason: String {
        switch self {
        case .modeChanged(let old, let new): "the engine was a \(old) and is a \(new)"
        default: "reconnected to the engine"
        }
    }

    var description: String {
        switch self {
        case .refused(let reason), .closed(let reason): reason
        case .hung: "the daemon keeps the connection but answers no ping"
        case .modeChanged: nextReason
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
            group.addTask { await self.watch(subscription.mode) }
            defer { group.cancelAll() }
            return await group.next() ?? .closed("cancelled")
        }
    }

    private func read(_ subscription: Subscription, _ onTrigger: @Sendable (Trigger) -> Void) async -> SubscriptionEnd {
        var decoder = EventDecoder()
        do {
            for try await chunk in subscription.stream.chunks {
                let unreadable = decoder.unreadable
                for event in decoder.events(in: chunk) { take(event, for: subscription, onTrigger) }
                if unreadable == 0, decoder.unreadable > 0 {
                    log.warning("the engine's event stream holds lines that are no events; they are skipped")
                }
            }
            return .closed("the event stream ended")
        } catch {
            return .closed("\(error)")
        }
    }

    /// Asks the daemon on a connection of its own whether it lives and which part it plays: a hung daemon and a demoted
    /// manager both leave the stream open and silent.
    private func watch(_ mode: EngineMode) async -> SubscriptionEnd {
        while true {
            do { try await clock.sleep(for: pace.watchInterval) } catch { return .closed("cancelled") }
            if await !isAnswering(), await !isAnswering() { return .hung }
            if let now = try? await engine.mode(), now != mode { return .modeChanged(from: mode, to: now) }
        }
    }

    private func isAnswering() async -> Bool {
        do {
            try await engine.negotiate(timeLimit: pace.pingLimit)
            return true
        } catch {
            return false
        }
    }
}

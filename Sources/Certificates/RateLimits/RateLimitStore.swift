import Log
import Model
import Ports
import State
import Synchronization

/// Keeps the recent orders at one authority, each before the authority is asked, and counts those of a run against its limits.
final class RateLimitStore: Sendable {
    private let server: String
    private let limits: CertificateLimits
    private let history: ArchiveHistory
    private let state: StateStore
    private let log: Logger
    /// Since when orders are stored, by server. Without it they are lost, and rebuilt from the archive.
    private let since: StateStore.Namespace<Timestamp>
    private let orders: StateStore.Namespace<OrderRecord>
    private let holds: StateStore.Namespace<RateLimitHold>
    /// The orders of the present run among the earlier ones.
    private let limiter: Mutex<RateLimiter>

    init(settings: CertbotSettings, files: any Files, state: StateStore, log: Logger) {
        (server, limits) = (settings.server, settings.effectiveLimits)
        history = ArchiveHistory(directory: settings.configDirectory, server: settings.server, files: files)
        (self.state, self.log) = (state, log)
        since = StateStore.Namespace("rate-limits", in: state)
        orders = StateStore.Namespace("rate-limit-orders", in: state)
        holds = StateStore.Namespace("rate-limit-holds", in: state)
        limiter = Mutex(RateLimiter(settings.effectiveLimits))
    }

    /// The stored orders, or where they are lost, those in the archive. While it is unavailable nothing may be ordered.
    func load(now: Timestamp) -> Observation<RateLimiter> { entries(now: now).map(limiter) }

    /// The stored orders, for showing them.
    func loadStored(now: Timestamp) -> Observation<RateLimiter> { storedEntries(now: now).map(limiter) }

    /// Prepares for the orders of a run: rebuilds lost ones from the archive, and removes what counts no longer.
    func open(now: Timestamp) throws(IssuanceError) {
        let entries: Entries
        switch self.entries(now: now) {
        case .unavailable(let reason): throw .free(reason)
        case .known(let known): entries = known
        }
        var changes = entries.outdated
        if entries.areLost {
            changes.save(now, for: server, in: since)
            for order in entries.orders { changes.save(order, for: key(of: order), in: orders) }
            if !entries.orders.isEmpty {
                log.warning(
                    "the stored orders were lost; rebuilt them from the certificates in the archive",
                    [.count: .int(entries.orders.count)]
                )
            }
        }
        try commit(changes)
        let opened = limiter(entries)
        limiter.withLock { $0 = opened }
    }

    /// Stores an order that is about to be placed; throws the limit that holds it, if it is not urgent.
    func place(_ order: OrderRecord, isUrgent: Bool) throws(IssuanceError) {
        try limiter.withLock { limiter throws(IssuanceError) in
            if !isUrgent, let hold = limiter.hold(on: order, now: order.placed) { throw .free(hold.sentence) }
            do throws(IssuanceError) {
                try commit(change(order))
            } catch {
                // The store would write it later all the same, for an order that is not placed.
                try? commit(change(order, isRemoved: true))
                throw error
            }
            limiter.add(order)
        }
    }

    /// Stores what a placed order left at the authority.
    func settle(_ order: OrderRecord, _ effect: OrderRecord.Effect) {
        let settled = order.settled(effect)
        var changes = change(settled ?? order, isRemoved: settled == nil)
        limiter.withLock { limiter in
            limiter.replace(order, with: settled)
            guard case .limited(let hold) = effect else { return }
            limiter.add(hold)
            changes.save(hold, for: "\(server) \(hold.subject.kind.rawValue) \(hold.subject.text)", in: holds)
        }
        do throws(IssuanceError) {
            try commit(changes)
        } catch {
            log.error(
                "the result of an order cannot be stored; it counts as a certificate",
                [.certificate: .string(order.lineage), .error: .string(error.reason)]
            )
        }
    }

    private struct Entries {
        var areLost = true
        var orders: [OrderRecord] = []
        var holds: [RateLimitHold] = []
        /// Removes what counts no longer.
        var outdated = StateStore.Changes()
    }

    private func limiter(_ entries: Entries) -> RateLimiter {
        RateLimiter(limits, orders: entries.orders, holds: entries.holds)
    }

    private func entries(now: Timestamp) -> Observation<Entries> {
        switch storedEntries(now: now) {
        case .known(var entries) where entries.areLost && limits != .none:
            history.orders(since: now - limits.longestWindow).map { orders in
                entries.orders = orders
                return entries
            }
        case let stored: stored
        }
    }

    private func storedEntries(now: Timestamp) -> Observation<Entries> {
        let (stored, held): ([String: OrderRecord], [String: RateLimitHold])
        var entries = Entries()
        do throws(StateError) {
            entries.areLost = try since.load(server) == nil
            (stored, held) = (try orders.all(), try holds.all())
        } catch {
            return .unavailable(reason: "the state store cannot be read: \(error)")
        }
        let window = limits.longestWindow
        // No URL has a space in it.
        for (key, order) in stored.sorted(by: { $0.key < $1.key }) where key.hasPrefix("\(server) ") {
            if now < order.placed + window, order.placed <= now + window {
                entries.orders.append(order)
            } else {
                entries.outdated.remove(key, in: orders)
            }
        }
        for (key, hold) in held where key.hasPrefix("\(server) ") {
            if hold.until > now, hold.until <= now + RateLimitHold.longest {
                entries.holds.append(hold)
            } else {
                entries.outdated.remove(key, in: holds)
            }
        }
        return .known(entries)
    }

    private func key(of order: OrderRecord) -> String { "\(server) \(order.placed.nanoseconds) \(order.lineage)" }

    private func change(_ order: OrderRecord, isRemoved: Bool = false) -> StateStore.Changes {
        var changes = StateStore.Changes()
        changes.add([key(of: order): isRemoved ? nil : order], in: orders)
        return changes
    }

    private func commit(_ changes: StateStore.Changes) throws(IssuanceError) {
        do throws(StateError) {
            try state.commit(changes)
        } catch {
            throw .free("the state store cannot be written: \(error)")
        }
    }
}

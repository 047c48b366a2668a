import Log
import Model
import Synchronization

/// The ledger while orders are placed, side by side. An order is written into it before the authority is asked, so that a
/// crash loses none.
final class OpenRateLimiter: Sendable {
    private let ledger: Mutex<RateLimiter>
    private let book: RateLimitStore

    init(_ ledger: RateLimiter, book: RateLimitStore) {
        self.ledger = Mutex(ledger)
        self.book = book
    }

    /// Writes an order down; throws why it must not be placed.
    ///
    /// - Parameter isUrgent: no limit holds it.
    func enter(_ order: OrderRecord, isUrgent: Bool) throws(RateLimitStoreError) {
        try ledger.withLock { ledger throws(RateLimitStoreError) in
            if !isUrgent, let hold = ledger.hold(on: order, now: order.placed) {
                throw RateLimitStoreError(hold.sentence)
            }
            try book.write(order)
            ledger.enter(order)
        }
    }

    /// Writes down what became of it.
    func settle(_ order: OrderRecord, _ trace: OrderTrace) {
        let settled = order.settled(trace)
        ledger.withLock { ledger in
            ledger.settle(order, as: settled)
            if case .limited(let hold) = trace { ledger.note(hold) }
        }
        do throws(RateLimitStoreError) {
            if let settled { try book.write(settled, inPlaceOf: order) } else { try book.strike(order) }
            if case .limited(let hold) = trace { try book.write(hold) }
        } catch {
            book.log.error(
                "the result of an order cannot be stored; it counts as a certificate",
                [.certificate: .string(order.lineage), .error: .string(error.reason)]
            )
        }
    }
}

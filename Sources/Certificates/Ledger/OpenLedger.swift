import Log
import Model
import Synchronization

/// The ledger while orders are placed, side by side. An order is written into it before the authority is asked, so that a
/// crash loses none.
final class OpenLedger: Sendable {
    private let ledger: Mutex<Ledger>
    private let book: LedgerBook

    init(_ ledger: Ledger, book: LedgerBook) {
        self.ledger = Mutex(ledger)
        self.book = book
    }

    /// Writes an order down; throws why it must not be placed.
    ///
    /// - Parameter isUrgent: no limit holds it.
    func enter(_ order: LedgerEntry, isUrgent: Bool) throws(LedgerError) {
        try ledger.withLock { ledger throws(LedgerError) in
            if !isUrgent, let hold = ledger.hold(on: order, now: order.placed) { throw LedgerError(hold.sentence) }
            try book.write(order)
            ledger.enter(order)
        }
    }

    /// Writes down what became of it.
    func settle(_ order: LedgerEntry, _ trace: OrderTrace) {
        let settled = order.settled(trace)
        ledger.withLock { ledger in
            ledger.settle(order, as: settled)
            if case .limited(let hold) = trace { ledger.note(hold) }
        }
        do throws(LedgerError) {
            if let settled { try book.write(settled, inPlaceOf: order) } else { try book.strike(order) }
            if case .limited(let hold) = trace { try book.write(hold) }
        } catch {
            book.log.error(
                "what became of an order cannot be noted; it counts as a certificate",
                ["certificate.name": order.lineage, "error.message": error.reason]
            )
        }
    }
}

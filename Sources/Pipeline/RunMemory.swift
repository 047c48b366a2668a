import DNS
import Discovery
import Model
import Records
import Report
import Synchronization

/// What the last run that read everything found, so that an event after which the same is desired asks nobody but the
/// engine and the disk: a service that flaps must not eat its owner's API budget.
final class RunMemory: Sendable {
    struct Look: Sendable {
        let discovered: Discovered
        let zones: ZoneDirectory
        let records: [RecordReport]
        /// What waits for a person.
        let deletions: Deletions?
        /// What hindered the reading or writing of records.
        let problems: [Report.Problem]
    }

    private let last = Mutex<Look?>(nil)

    /// Nil when something else is desired than what was last seen whole: then everything has to be read.
    func recall(_ discovered: Discovered) -> Look? { last.withLock { $0?.discovered == discovered ? $0 : nil } }

    /// - Parameter sawAll: false when something could not be read. What then failed is remembered only while the desired
    ///   state is one that was seen whole before.
    func save(_ look: Look, sawAll: Bool) {
        last.withLock { last in
            if sawAll {
                last = look
            } else if let known = last, known.discovered == look.discovered {
                last = Look(
                    discovered: known.discovered,
                    zones: known.zones,
                    records: look.records,
                    deletions: look.deletions,
                    problems: look.problems
                )
            } else {
                last = nil
            }
        }
    }
}

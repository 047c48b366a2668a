import Records
import Report

/// Deletions that wait for a person, for that person.
struct DeletionsText {
    private let deletions: Deletions

    init(_ deletions: Deletions) {
        self.deletions = deletions
    }

    /// None once they are confirmed: then they are among what was done.
    var lines: [String] {
        guard !deletions.isConfirmed else { return [] }
        let count = deletions.records.count == 1 ? "1 record that" : "\(deletions.records.count) records that"
        let title =
            "! \(count) nobody asks for: `landfall once --confirm-deletes \(deletions.code)` deletes exactly these"
        return [title] + deletions.records.map { "    \($0)" }
    }
}

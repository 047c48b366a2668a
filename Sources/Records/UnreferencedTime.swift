import Model

/// For how long it has been seen that nobody asks for a record which Landfall made. Pure.
///
/// Only time between two complete reads of one process counts, and only where both saw it: neither a clock that jumps nor
/// a pause of Landfall's makes it longer.
struct UnreferencedTime: Hashable, Sendable {
    /// Reads that must have seen it before anything is deleted.
    static let leastReads = 3

    private(set) var seen: Duration
    private(set) var reads: Int

    init(seen: Duration = .zero, reads: Int = 0) {
        (self.seen, self.reads) = (max(.zero, seen), max(0, reads))
    }

    /// One more complete read saw it.
    ///
    /// - Parameter elapsed: since this process's last complete read; nil when there was none, or something was not seen
    ///   in between.
    mutating func observe(after elapsed: Duration?) {
        if reads > 0, let elapsed { seen += max(.zero, elapsed) }
        reads += 1
    }

    func isOver(after grace: Duration) -> Bool {
        reads >= Self.leastReads && seen >= grace
    }
}

/// What is remembered of a record that Landfall made: who asked for it last, and for how long nobody has.
struct OwnedNote: Hashable, Sendable {
    var absence = UnreferencedTime()
    /// `service web`; empty when nobody is known to have asked.
    var askers: [String] = []
}

extension OwnedNote {
    /// Milliseconds and reads on the first line, then a line for each asker: there may be thousands, and JSON is slow.
    var text: String {
        (["\(absence.seen.milliseconds) \(absence.reads)"] + askers).joined(separator: "\n")
    }

    /// Nil for any other text.
    init?(_ text: String) {
        let lines = text.split(separator: "\n")
        let numbers = lines.first?.split(separator: " ").compactMap { Int($0) } ?? []
        guard numbers.count == 2 else { return nil }
        absence = UnreferencedTime(seen: .milliseconds(numbers[0]), reads: numbers[1])
        askers = lines.dropFirst().map(String.init)
    }
}

/// Something for the journal's thread to do.
enum Entry: Sendable {
    case attach(any RecordingSink)
    /// - Parameter start: the uptime that the session's times count from.
    case begin(Header, session: Int, start: Duration)
    /// Makes lines of a session; those of an earlier one come too late.
    case lines(session: Int, @Sendable (inout RecordingEncoder) -> Void)
    /// So many did not fit.
    case lost(Int)
    /// Tells when everything before it is written.
    case flush(@Sendable () -> Void)
    case finish
}

/// What waits for the journal's thread. It takes so much and no more.
struct Batch {
    private static let limit = 8 << 20
    /// What an entry takes besides the bytes it holds, about.
    private static let overhead = 256

    private(set) var entries: [Entry] = []
    private var size = 0
    private var isAwaited = false

    /// Whether it is to be worked on now.
    var isUrgent: Bool { isAwaited || size > Self.limit / 4 }

    mutating func add(_ entry: Entry) {
        isAwaited = true
        entries.append(entry)
    }

    /// - Parameter bytes: that the entry holds, about.
    mutating func addIfItFits(_ entry: Entry, bytes: Int) {
        if size + bytes + Self.overhead <= Self.limit {
            size += bytes + Self.overhead
            entries.append(entry)
        } else if case .lost(let count) = entries.last {
            entries[entries.count - 1] = .lost(count + 1)
        } else {
            entries.append(.lost(1))
        }
    }
}

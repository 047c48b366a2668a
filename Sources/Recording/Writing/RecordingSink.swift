/// Where a recording's lines go: a folder of files, one file, or a client that fetches them. Only the journal's thread
/// calls it.
package protocol RecordingSink: Sendable {
    /// A session begins; `header` is its first line.
    func begin(_ header: [UInt8]) throws(RecordingSinkError)
    /// Writes whole lines, all of them or none.
    func write(_ lines: [UInt8]) throws(RecordingSinkError)
    /// Stops the session here. `last` says why, and is left out if even that cannot be written.
    func pause(_ last: [UInt8])
    /// Whether it is time for a new session.
    var isFull: Bool { get }
    /// Whether it needs no more lines at all.
    var isOver: Bool { get }
}

/// Why lines were not written.
package struct RecordingSinkError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
    /// Whether it accepts no lines before the next session.
    let isFinal: Bool

    init(_ description: String, isFinal: Bool) { (self.description, self.isFinal) = (description, isFinal) }
}

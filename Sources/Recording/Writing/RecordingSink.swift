/// Where a recording's lines go: a folder of files, one file, or a client that fetches them. The journal's thread alone
/// calls it.
public protocol RecordingSink: Sendable {
    /// A session begins; `header` is its first line.
    func begin(_ header: [UInt8]) throws(RecordingSinkError)
    /// Takes whole lines, all of them or none.
    func write(_ lines: [UInt8]) throws(RecordingSinkError)
    /// The session does not go on here. `last` says why, and is left out where even that cannot be written.
    func pause(_ last: [UInt8])
    /// Whether it is time for a new session.
    var isFull: Bool { get }
    /// Whether nobody wants any more of it.
    var isOver: Bool { get }
}

/// Why lines were not taken.
public struct RecordingSinkError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
    /// Whether only a new session can be taken again.
    let isFinal: Bool

    init(_ description: String, isFinal: Bool) {
        (self.description, self.isFinal) = (description, isFinal)
    }
}

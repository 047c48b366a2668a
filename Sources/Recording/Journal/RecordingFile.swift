import Synchronization

/// One file for everything that is recorded from now on, session after session.
public final class RecordingFile: Outlet {
    private let file: Mutex<SegmentFile>
    private let limit: Int

    /// Makes the file, and refuses one that is there already.
    ///
    /// - Parameter limit: of its size; then it is over.
    public init(path: String, limit: Int) throws(OutletError) {
        file = Mutex(try SegmentFile(path: path))
        self.limit = limit
    }

    public func begin(_ header: [UInt8]) throws(OutletError) {
        try write(header)
    }

    public func write(_ lines: [UInt8]) throws(OutletError) {
        try file.withLock { file throws(OutletError) in
            guard file.size + lines.count <= limit else {
                throw OutletError("\(file.path) is as large as it may get", isFinal: true)
            }
            try file.append(lines)
        }
    }

    public func pause(_ last: [UInt8]) {
        file.withLock { try? $0.append(last) }
    }

    public var isFull: Bool { false }

    public var isOver: Bool { file.withLock { $0.size >= limit } }
}

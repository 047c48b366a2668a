import Files
import Glibc
public import Model
import Ports
import Synchronization

/// A folder that holds the latest part of what happened: a file for every session, the oldest removed.
public final class RecordingFolder: RecordingSink {
    /// From here on a new session is due.
    static let segmentSize = 8 << 20
    static let segmentLimit = 2 * segmentSize
    static let fileLimit = 8
    static let sizeLimit = 64 << 20

    private static let suffix = ".ndjson"

    private let path: String
    private let now: @Sendable () -> Timestamp
    private let segment = Mutex<SegmentFile?>(nil)

    /// - Parameter now: what names the files.
    public init(path: String, now: @escaping @Sendable () -> Timestamp) {
        (self.path, self.now) = (path, now)
    }

    public func begin(_ header: [UInt8]) throws(RecordingSinkError) {
        try segment.withLock { segment throws(RecordingSinkError) in
            segment = nil
            makeRoom()
            let file = try SegmentFile(path: "\(path)/\(now())\(Self.suffix)")
            try file.append(header)
            segment = file
        }
    }

    public func write(_ lines: [UInt8]) throws(RecordingSinkError) {
        try segment.withLock { segment throws(RecordingSinkError) in
            guard let file = segment else { throw RecordingSinkError("no session has begun", isFinal: true) }
            guard file.size + lines.count <= Self.segmentLimit else {
                throw RecordingSinkError("the segment is full, and no idle moment came", isFinal: true)
            }
            try file.append(lines)
        }
    }

    public func pause(_ last: [UInt8]) {
        segment.withLock { segment in
            try? segment?.append(last)
            segment = nil
        }
    }

    public var isFull: Bool { segment.withLock { ($0?.size ?? 0) >= Self.segmentSize } }

    public var isOver: Bool { false }

    /// Whatever else lies in the folder is somebody's own.
    private static func isSegment(_ name: String) -> Bool {
        name.hasSuffix(suffix) && Timestamp(String(name.dropLast(suffix.count))) != nil
    }

    /// So that the new segment fits, however long it gets. What cannot be made is told by opening the segment.
    private func makeRoom() {
        let files = SystemFiles()
        try? files.makeDirectory(path, mode: 0o700, for: .run)
        var present = ((try? files.list(path, for: .run)) ?? []).filter(Self.isSegment).map { name in
            (path: "\(path)/\(name)", size: (try? files.information("\(path)/\(name)", for: .run))?.size ?? 0)
        }
        while let oldest = present.first,
            present.count >= Self.fileLimit
                || present.reduce(0, { $0 + $1.size }) > Self.sizeLimit - Self.segmentLimit
        {
            try? files.remove(oldest.path, for: .run)
            present.removeFirst()
        }
    }
}

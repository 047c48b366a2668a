import Files
import Glibc
package import Model
import Ports
import Synchronization

/// A folder with the latest recordings: one file per session, of which the oldest are removed.
package final class RecordingFolder: RecordingSink {
    /// When a segment is as large as this, a new session is due.
    static let segmentSize = 8 << 20
    static let segmentLimit = 2 * segmentSize
    static let fileLimit = 8
    static let sizeLimit = 64 << 20

    private static let suffix = ".ndjson"

    private let path: String
    private let now: @Sendable () -> Timestamp
    private let segment = Mutex<SegmentFile?>(nil)

    /// - Parameter now: the clock that the files are named after.
    package init(path: String, now: @escaping @Sendable () -> Timestamp) { (self.path, self.now) = (path, now) }

    package func begin(_ header: [UInt8]) throws(RecordingSinkError) {
        try segment.withLock { segment throws(RecordingSinkError) in
            segment = nil
            makeRoom()
            let file = try SegmentFile(path: "\(path)/\(now())\(Self.suffix)")
            try file.append(header)
            segment = file
        }
    }

    package func write(_ lines: [UInt8]) throws(RecordingSinkError) {
        try segment.withLock { segment throws(RecordingSinkError) in
            guard let file = segment else { throw RecordingSinkError("no session has begun", isFinal: true) }
            guard file.size + lines.count <= Self.segmentLimit else {
                throw RecordingSinkError("the segment is full, and no session has ended since", isFinal: true)
            }
            try file.append(lines)
        }
    }

    package func pause(_ last: [UInt8]) {
        segment.withLock { segment in
            try? segment?.append(last)
            segment = nil
        }
    }

    package var isFull: Bool { segment.withLock { ($0?.size ?? 0) >= Self.segmentSize } }

    package var isOver: Bool { false }

    /// Other files in the folder are not touched.
    private static func isSegment(_ name: String) -> Bool {
        name.hasSuffix(suffix) && Timestamp(String(name.dropLast(suffix.count))) != nil
    }

    /// Removes the oldest segments so that the new one fits. If the folder cannot be created, opening the segment fails.
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

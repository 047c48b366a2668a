import FoundationEssentials
import Glibc

/// A file of events as long as one likes: the real captures over and over, an hour later each time.
struct EventFile {
    let path: String

    /// Writes `count` lines.
    init(_ path: String, lines count: Int) throws {
        self.path = path
        let captures = try Self.captures()
        guard let stream = unsafe fopen(path, "we") else { throw BenchError("\(path) cannot be written") }
        defer { unsafe fclose(stream) }
        for number in 0..<count {
            let capture = captures[number % captures.count]
            let time = capture.time + Int64(number / captures.count) * 3_600_000_000_000
            unsafe fputs("\(capture.head)\(time)}\n", stream)
        }
    }

    /// Lines that end with the time, as the engine writes them.
    private static func captures() throws -> [(head: String, time: Int64)] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().path + "/../../../Fixtures/events"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        return try names.flatMap { name in
            let bytes = FileManager.default.contents(atPath: "\(folder)/\(name)") ?? Data()
            return try String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { line in
                let start = line.lastIndex(of: ":").map(line.index(after:)) ?? line.startIndex
                guard let time = Int64(line[start...].dropLast()) else { throw BenchError("no event: \(line)") }
                return (String(line[..<start]), time)
            }
        }
    }
}

import FoundationEssentials
import Glibc

/// Notes on the disk which input is in work: a decoder that traps ends the process, and then nothing else tells.
///
/// `.build/fuzz-input` holds the command that does the same again; `Tests/run.sh` shows it. It is gone when all went well.
struct FuzzTrace {
    private let decoder: String
    private let seed: UInt64
    private let descriptor: Int32

    private static let path: String = {
        let repository = "\(#filePath)".split(separator: "/").dropLast(3).joined(separator: "/")
        return "/\(repository)/.build/fuzz-input"
    }()

    init(_ decoder: String, seed: UInt64) throws {
        (self.decoder, self.seed) = (decoder, seed)
        try? FileManager.default.createDirectory(
            atPath: String(Self.path.dropLast("/fuzz-input".count)),
            withIntermediateDirectories: true
        )
        descriptor = unsafe open(Self.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw NoTrace(path: Self.path, code: errno) }
    }

    private struct NoTrace: Error {
        let path: String
        let code: Int32
    }

    func command(for number: Int) -> String {
        "LANDFALL_TEST_SEED=\(seed) LANDFALL_FUZZ_INPUT=\(number) swift test --skip-build --filter FuzzTests"
    }

    func working(on number: Int) {
        let line = Array("\(command(for: number)) # \(decoder)\n".utf8)
        _ = unsafe pwrite(descriptor, line, line.count, 0)
    }

    func end() {
        close(descriptor)
        unsafe unlink(Self.path)
    }
}

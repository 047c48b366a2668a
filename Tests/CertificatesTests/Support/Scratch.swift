import Files
import Glibc
import Model
import Ports
import Processes
import TestSupport

/// A temporary folder of one test, with helpers for files and programs.
final class Scratch: Sendable {
    let files = SystemFiles()
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    var path: String { folder.path }

    func write(_ text: String, to name: String, mode: UInt32 = 0o644) throws {
        try files.write(Array(text.utf8), to: "\(path)/\(name)", mode: mode, for: .run)
    }

    func read(_ name: String) throws -> [UInt8] { try files.read("\(path)/\(name)", limit: 1 << 20, for: .run) }

    func text(_ name: String) throws -> String { String(decoding: try read(name), as: UTF8.self) }

    func list(_ name: String) throws -> [String] { try files.list("\(path)/\(name)", for: .run) }

    /// Runs a program here and returns its standard output; a failure carries its standard error.
    @discardableResult
    func run(_ arguments: String..., environment: [String: String] = [:]) async throws -> String {
        try await run(arguments, environment: environment)
    }

    @discardableResult
    func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> String {
        let request = ProcessRequest(
            arguments,
            environment: ["PATH": "/usr/sbin:/usr/bin:/bin", "HOME": path].merging(environment) { $1 },
            directory: path,
            timeLimit: .seconds(60).scaledToLoad
        )
        let result = try await SpawnRunner().run(request, for: .run)
        guard result.end == .exited(0) else { throw ProgramError(arguments: arguments, result: result) }
        return result.outputText
    }
}

struct ScratchError: Error {
    let reason: String

    init(_ code: Int32) { reason = systemErrorText(code) }
}

struct ProgramError: Error, CustomStringConvertible {
    let description: String

    init(arguments: [String], result: ProcessResult) {
        description = "\(arguments.joined(separator: " ")): \(result.end)\n\(result.outputText)\n\(result.errorText)"
    }
}

package import Model
package import Ports

/// Programs that are not run: each ends in the same way.
package struct AnsweringProcesses: ProcessRunner {
    private let result: ProcessResult

    package init(end: ProcessResult.End = .exited(0), output: [UInt8] = [], error: [UInt8] = []) {
        result = ProcessResult(end: end, output: output, error: error)
    }

    package func run(_ request: ProcessRequest, for scope: Scope) async throws(ProcessError) -> ProcessResult { result }
}

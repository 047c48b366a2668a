public import Model
public import Processes

/// Runs programs, and records what they were asked and said. Their environments are nobody's business.
public struct RecordingProcesses: ProcessRunner {
    private let base: any ProcessRunner
    private let recorder: Recorder

    public init(_ base: any ProcessRunner, _ recorder: Recorder) {
        (self.base, self.recorder) = (base, recorder)
    }

    public func run(_ request: ProcessRequest, for scope: Scope) async throws(ProcessError) -> ProcessResult {
        let arguments = request.arguments
        let start = recorder.start(.process, arguments.joined(separator: " "), for: scope)
        do throws(ProcessError) {
            let result = try await base.run(request, for: scope)
            recorder.end(start, bytes: result.output.count + result.error.count) {
                .process(ProcessCall(arguments: arguments, answer: .value(ProcessCall.Result(result, &$0))))
            }
            return result
        } catch {
            recorder.end(start) { [error] _ in
                .process(ProcessCall(arguments: arguments, answer: .failure(ProcessCall.Failure(error))))
            }
            throw error
        }
    }
}

extension ProcessCall.Result {
    fileprivate init(_ result: ProcessResult, _ scribe: inout Scribe) {
        let end: ProcessCall.End =
            switch result.end {
            case .exited(let status): .exited(status)
            case .signalled(let signal): .signalled(signal)
            case .timedOut: .timedOut
            case .cancelled: .cancelled
            }
        self.init(
            end: end,
            output: scribe.payload(result.output),
            error: scribe.payload(result.error),
            truncated: result.truncated
        )
    }
}

extension ProcessCall.Failure {
    fileprivate init(_ error: ProcessError) {
        self =
            switch error {
            case .notFound(let program): .notFound(program: program)
            case .notStarted(let program, let reason): .notStarted(program: program, reason: reason)
            }
    }
}

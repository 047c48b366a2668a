public import Model
public import Ports

/// Runs programs, and records what they were asked and said. Their environments are nobody's business.
public struct RecordingProcesses: ProcessRunner {
    private let base: any ProcessRunner
    private let recorder: Recorder

    public init(_ base: any ProcessRunner, _ recorder: Recorder) {
        (self.base, self.recorder) = (base, recorder)
    }

    public func run(_ request: ProcessRequest, for scope: Scope) async throws(ProcessError) -> ProcessResult {
        let (arguments, input) = (request.arguments, request.input)
        let start = recorder.start(.process, arguments.joined(separator: " "), for: scope)
        do throws(ProcessError) {
            let result = try await base.run(request, for: scope)
            let size = result.output.count + result.error.count + (input?.count ?? 0)
            recorder.end(start, bytes: size) { scribe in
                let input = input.map { scribe.payload($0) }
                let answer = ProcessCall.Result(result, &scribe)
                return .process(ProcessCall(arguments: arguments, input: input, answer: .value(answer)))
            }
            return result
        } catch {
            recorder.end(start) { [error] scribe in
                let input = input.map { scribe.payload($0) }
                let failure = ProcessCall.Failure(error)
                return .process(ProcessCall(arguments: arguments, input: input, answer: .failure(failure)))
            }
            throw error
        }
    }
}

extension ProcessCall.Result {
    fileprivate init(_ result: ProcessResult, _ scribe: inout RecordingEncoder) {
        let end: ProcessCall.End =
            switch result.end {
            case .exited(let status): .exited(status: status)
            case .signalled(let signal): .signalled(signal: signal)
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

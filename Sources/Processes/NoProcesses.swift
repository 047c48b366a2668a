public import Model

/// Starts nothing: the process port of `plan` and dry runs.
public struct NoProcesses: ProcessRunner {
    public init() {}

    public func run(_ request: ProcessRequest, for scope: Scope) async throws(ProcessError) -> ProcessResult {
        throw .notStarted(request.arguments.first ?? "", reason: "a dry run starts no program")
    }
}

public import Model

/// Starts nothing, but for what is known to look only: the process port of `plan` and dry runs.
public struct NoProcesses: ProcessRunner {
    private let base: any ProcessRunner
    private let isLook: @Sendable (ProcessRequest) -> Bool

    public init(
        butFor isLook: @escaping @Sendable (ProcessRequest) -> Bool = { _ in false },
        by base: any ProcessRunner = SpawnRunner()
    ) {
        (self.isLook, self.base) = (isLook, base)
    }

    public func run(_ request: ProcessRequest, for scope: Scope) async throws(ProcessError) -> ProcessResult {
        guard !isLook(request) else { return try await base.run(request, for: scope) }
        throw .notStarted(request.arguments.first ?? "", reason: "a dry run starts no program")
    }
}

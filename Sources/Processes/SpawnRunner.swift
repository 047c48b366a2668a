package import Model
package import Ports
import System
import Threads

/// Runs programs with posix_spawn: each in its own process group, started and watched by one thread that sleeps in `poll`.
package struct SpawnRunner: ProcessRunner {
    private let openDescriptor: Child.DescriptorOpener

    package init() { self.init(openDescriptor: ChildProcess.descriptor(of:)) }

    init(openDescriptor: @escaping Child.DescriptorOpener) { self.openDescriptor = openDescriptor }

    package func run(_ request: ProcessRequest, for scope: Scope) async throws(ProcessError) -> ProcessResult {
        guard !Task.isCancelled else { return ProcessResult(end: .cancelled, output: [], error: []) }
        let child = try Child(request, openDescriptor)
        let result: Result<ProcessResult, ProcessError> = await withTaskCancellationHandler {
            do {
                return try await blocking(named: "child \(child.program)") { child.run() }
            } catch {
                return .failure(.notStarted(child.program, reason: "\(error)"))
            }
        } onCancel: {
            child.cancel()
        }
        return try result.get()
    }
}

import Model
package import Ports

/// A program of the user's that reads a notice as JSON (`NoticeDocument`) and exits with 0 when the notice is delivered.
package struct CommandNotifier: Notifier {
    package struct Program: Sendable {
        package let path: String
        /// All variables that it gets.
        package let environment: [String: String]

        package init(path: String, environment: [String: String]) {
            (self.path, self.environment) = (path, environment)
        }
    }

    private static let timeLimit: Duration = .seconds(15)

    package let name = "command"
    private let program: Program
    private let processes: any ProcessRunner

    package init(_ program: Program, processes: any ProcessRunner) {
        (self.program, self.processes) = (program, processes)
    }

    package func deliver(_ notice: Notice) async throws(NotifierError) {
        let request = ProcessRequest(
            [program.path],
            environment: program.environment,
            input: try .json(of: NoticeDocument(notice)),
            timeLimit: Self.timeLimit,
            grace: .seconds(2),
            outputLimit: 64 << 10
        )
        let result: ProcessResult
        do throws(ProcessError) {
            result = try await processes.run(request, for: scope)
        } catch {
            throw .unavailable("\(error)")
        }
        guard result.end == .exited(0) else {
            let error = result.lastErrorLine.map { ": \($0)" } ?? ""
            throw .unavailable("the command \(result.end.words(Self.timeLimit))\(error)")
        }
    }
}

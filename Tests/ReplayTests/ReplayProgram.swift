import Model
import Ports
import Processes
import TestSupport

/// `landfall replay` as a program, in a process of its own.
enum ReplayProgram {
    static func run(_ arguments: [String], input: String = "/dev/null") async throws -> ProcessResult {
        // The shell gives it an input, and becomes it.
        let shell = ["/bin/sh", "-c", #"input=$0; exec "$@" <"$input""#, input]
        let request = ProcessRequest(
            shell + [LandfallProgram.path, "replay"] + arguments,
            environment: ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"],
            timeLimit: .seconds(60).scaledToLoad
        )
        return try await SpawnRunner().run(request, for: .run)
    }
}

import DNS
import FoundationEssentials
import Model
import Ports
import Processes
import Synchronization
import TestSupport
import Testing

/// A user's program and what it keeps.
struct ExecFixture {
    let folder: TemporaryFolder
    let program: String
    let zone: Zone
    let runs = AsyncCollector<ProcessRequest>()

    /// The example that comes with Landfall, with a zone.
    init(_ zones: String = #"{"example.test": []}"#) throws {
        try self.init(program: Self.example)
        try Data(zones.utf8).write(to: URL(filePath: zonesFile))
    }

    /// A shell script that is given nothing but what it is asked.
    init(script: String) throws {
        try self.init(program: nil)
        try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(filePath: program))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
    }

    private init(program: String?) throws {
        folder = try TemporaryFolder()
        self.program = program ?? "\(folder.path)/program"
        zone = Zone(name: try DomainName("example.test"), id: "example.test")
    }

    private static let root = #filePath.split(separator: "/").dropLast(4).reduce("") { "\($0)/\($1)" }
    static let example = "\(root)/deploy/examples/exec-provider/json-zones.py"

    static func documentation() throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: "\(root)/docs/providers.md")), as: UTF8.self)
    }

    private var zonesFile: String { "\(folder.path)/zones.json" }

    var provider: ExecProvider {
        let environment = ["PATH": "/usr/bin:/bin", "ZONES_FILE": zonesFile]
        return ExecProvider(program, environment: environment, processes: NotedProcesses(runs: runs))
    }

    /// What the program holds, as JSON.
    func kept() throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: zonesFile)), as: UTF8.self)
    }
}

/// Notes what is run.
private struct NotedProcesses: ProcessRunner {
    let runs: AsyncCollector<ProcessRequest>

    func run(_ request: ProcessRequest, for scope: Scope) async throws(ProcessError) -> ProcessResult {
        runs.add(request)
        // What was just written may be open for writing in a child that another test starts (ETXTBSY in execve(2)).
        for _ in 0..<50 {
            do throws(ProcessError) {
                return try await SpawnRunner().run(request, for: scope)
            } catch .notStarted(_, let reason) where reason.contains("busy") {
                await Task.yield()
            }
        }
        return try await SpawnRunner().run(request, for: scope)
    }
}

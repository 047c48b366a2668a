import Files
import Model
import Ports
import Processes
import TestSupport

@testable import Sandbox

/// What a sandbox could leave on the machine, each thing named; looked for by other means than the sandbox's own.
struct Traces {
    let folder: SandboxFolder

    var all: [String] {
        get async throws { try await processes + mounts + controlGroups + addresses() + files }
    }

    /// Processes that name the folder on their command line, and those that stand in the engine's network.
    private var processes: [String] {
        get throws {
            try SystemFiles().list("/proc", for: .run).filter { $0.allSatisfy(\.isNumber) }.compactMap { pid in
                // One that ended meanwhile is none; a zombie's command line is empty.
                let line = TextFile.read("/proc/\(pid)/cmdline")?.split(separator: "\0").joined(separator: " ") ?? ""
                return line.contains(folder.path) ? "process \(pid): \(line)" : nil
            }
        }
    }

    private var mounts: [String] {
        let table = TextFile.read("/proc/self/mountinfo") ?? ""
        return table.split(separator: "\n").filter { $0.contains(folder.path) || $0.contains(" - nsfs ") }.map(
            String.init
        )
    }

    private var controlGroups: [String] {
        let files = SystemFiles()
        let roots = (try? files.list("/sys/fs/cgroup", for: .run)) ?? []
        return (roots + [""]).map { "/sys/fs/cgroup/\($0)/\(folder.controlGroup)" }.filter {
            (try? files.information($0, for: .run)) != nil
        }
    }

    private func addresses() async throws -> [String] {
        let request = ProcessRequest(
            ["ip", "-oneline", "address", "show", "dev", "lo"],
            environment: ["PATH": "/usr/sbin:/usr/bin"],
            timeLimit: .seconds(5).scaledToLoad
        )
        let lines = try await SpawnRunner().run(request, for: .run).outputText.split(separator: "\n")
        return lines.filter { $0.contains(folder.mark) }.map(String.init)
    }

    private var files: [String] {
        (try? SystemFiles().information(folder.path, for: .run)) == nil ? [] : [folder.path]
    }
}

import Files
import Model
import Ports
import Sandbox
import Timing

/// A service whose containers want SIGHUP, each with a file in which it writes a line for each that it gets.
struct Listeners: Sendable {
    let count: Int
    private let fixture: BenchFixture
    let name: String
    private let folder: String

    /// Deploys it, and returns when all containers are ready for signals.
    ///
    /// - Parameter mode: as `docker service create` takes it, with `count` containers as the outcome.
    static func deploy(_ name: String, count: Int, mode: [String], at fixture: BenchFixture) async throws -> Listeners {
        let listeners = Listeners(count: count, fixture: fixture, name: name, folder: "\(fixture.folder)/\(name)")
        try SystemFiles().makeDirectory(listeners.folder, mode: 0o755, for: .run)
        let script = """
            file=/heard/$TASK
            trap 'echo HUP >>$file' HUP
            trap 'exit 0' TERM
            sleep 86400 &
            echo ready >>$file
            while :; do wait $!; done
            """
        try await fixture.sandbox.docker(
            ["service", "create", "--detach", "--no-resolve-image", "--name", name, "--stop-grace-period", "100ms"]
                + ["--container-label", "landfall.signal=HUP"] + mode
                + ["--env", "TASK={{.Task.ID}}", "--mount", "type=bind,source=\(listeners.folder),target=/heard"]
                + [ImageRecipe.busybox.name, "sh", "-c", script]
        )
        try await fixture.wait(for: "\(count) containers of \(name)", within: .seconds(600)) {
            listeners.files.count { $0.value.first == "ready" } == count
        }
        return listeners
    }

    func remove() async throws { try await fixture.sandbox.docker(["service", "rm", name]) }

    /// How many signals each has got.
    var signals: [String: Int] { files.mapValues { $0.count { $0 == "HUP" } } }

    /// Returns when each has got one more than `before`, and when the last of these came.
    func awaitOneMore(than before: [String: Int]) async throws -> Timestamp {
        try await fixture.wait(for: "a signal to \(name)") {
            signals.count { $0.value > before[$0.key] ?? 0 } == count
        }
        guard signals.allSatisfy({ $0.value == (before[$0.key] ?? 0) + 1 }) else {
            throw BenchError("\(name): somebody was signalled twice")
        }
        return try files.keys.map { try SystemFiles().information($0, for: .run).modified }.max() ?? fixture.clock.now
    }

    /// Path → lines.
    private var files: [String: [Substring]] {
        let names = (try? SystemFiles().list(folder, for: .run)) ?? []
        return names.reduce(into: [:]) { files, name in
            let bytes = (try? SystemFiles().read("\(folder)/\(name)", limit: 1 << 16, for: .run)) ?? []
            files["\(folder)/\(name)"] = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        }
    }
}

import Files
import Model
import Ports
import Sandbox

/// A service whose container wants SIGHUP and writes a line for each that it gets.
struct Proxy: Sendable {
    private let fixture: BenchFixture
    private var record: String { "\(fixture.folder)/signals" }

    /// Deploys it, and returns when its container is ready for signals.
    static func deploy(at fixture: BenchFixture) async throws -> Proxy {
        let proxy = Proxy(fixture: fixture)
        let script = """
            trap 'echo HUP >>\(proxy.record)' HUP
            sleep 86400 &
            echo ready >>\(proxy.record)
            while :; do wait $!; done
            """
        try await fixture.sandbox.docker(
            ["service", "create", "--detach", "--no-resolve-image", "--name", "proxy"]
                + ["--container-label", "landfall.signal=HUP"]
                + ["--mount", "type=bind,source=\(fixture.folder),target=\(fixture.folder)"]
                + [ImageRecipe.busybox.name, "sh", "-c", script]
        )
        try await fixture.wait(for: "the proxy's container") { proxy.lines.contains("ready") }
        return proxy
    }

    /// How many it has got.
    var signals: Int { lines.count { $0 == "HUP" } }

    /// When it wrote its last line, by the file's time.
    var last: Timestamp {
        get throws { try SystemFiles().information(record, for: .run).modified }
    }

    private var lines: [Substring] {
        let bytes = (try? SystemFiles().read(record, limit: 1 << 20, for: .run)) ?? []
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    }
}

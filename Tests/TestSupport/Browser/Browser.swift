import Glibc
import Model
import Ports
import Processes

/// A Chromium without a window, for what only a browser can tell of a page.
package final class Browser: Sendable {
    private static let program = "/usr/bin/chromium"

    package static var isInstalled: Bool { unsafe access(program, X_OK) == 0 }

    let pipe: DevToolsPipe

    private init(_ pipe: DevToolsPipe) { self.pipe = pipe }

    /// Lends a browser for as long as `body` takes; it and its profile are gone afterwards.
    package static func open<Value: Sendable>(
        _ body: @escaping @Sendable (Browser) async throws -> Value
    ) async throws -> Value {
        let folder = try TemporaryFolder()
        let pipe = try DevToolsPipe(in: folder.path)
        let life = Task { try await run(in: folder.path) }
        let result: Result<Value, any Error>
        do { result = .success(try await body(Browser(pipe))) } catch { result = .failure(error) }
        pipe.close()
        life.cancel()
        let end = try await life.value
        return try withExtendedLifetime(folder) {
            if case .failure(let error) = result, end.end != .cancelled {
                throw BrowserError("\(error); \(sanitized(end.errorText.suffix(400)))")
            }
            return try result.get()
        }
    }

    private static func run(in folder: String) async throws -> ProcessResult {
        // The pipes are descriptors 3 and 4 of the browser.
        let script = #"folder=$0; exec "$@" 3<"$folder/in" 4>"$folder/out""#
        let request = ProcessRequest(
            [
                "/bin/sh", "-c", script, folder, program, "--headless", "--remote-debugging-pipe", "--no-sandbox",
                "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
                "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
                "--user-data-dir=\(folder)/profile", "about:blank",
            ],
            environment: ["PATH": "/usr/bin:/bin", "HOME": folder, "TMPDIR": folder, "LANG": "C.UTF-8"],
            timeLimit: .seconds(300).scaledToLoad,
            outputLimit: 64 << 10
        )
        return try await SpawnRunner().run(request, for: .run)
    }
}

import Files
import Model
import Ports
import TestSupport

/// Lends a file with some text, which vanishes afterwards.
func withFile<Value>(_ text: String, _ body: (String) async throws -> Value) async throws -> Value {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let path = "\(folder.path)/recording.ndjson"
    try SystemFiles().write(Array(text.utf8), to: path, mode: 0o600, for: .run)
    return try await body(path)
}

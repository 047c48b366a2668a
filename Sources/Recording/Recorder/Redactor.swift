import Synchronization

/// Replaces our secrets wherever they would be written, in every form that they can take. If a text was cut inside a
/// secret, its beginning is replaced from eight bytes on. A shorter secret could not be distinguished from other text.
package final class Redactor: Sendable {
    /// The length of the shortest secret that can be kept out, in bytes.
    package static let shortest = 8

    private struct State {
        var raw = Patterns()
        var escaped = Patterns(areEscaped: true)
        var tokens: [Pattern] = []
    }

    /// A token is valid for one run, and so many are never valid at once.
    private static let tokenLimit = 1024

    private let state = Mutex(State())

    package init() {}

    /// - Parameters:
    ///   - replacement: what is written in its place; it must need no escaping anywhere.
    ///   - isWhole: whether its beginning alone is no secret.
    package func hide(_ secret: String, replacement: String, isWhole: Bool = false) {
        let forms = SecretForms(secret, replacement: replacement, isWhole: isWhole)
        state.withLock { state in
            for pattern in forms.raw { state.raw.insert(pattern) }
            for pattern in forms.escaped { state.escaped.insert(pattern) }
        }
    }

    /// Hides a token of one run, which is made of letters and digits.
    func hide(token: String) {
        let pattern = Pattern(Array(token.utf8), replacement: "redacted-token")
        guard pattern.bytes.count >= Self.shortest else { return }
        state.withLock { state in
            state.raw.insert(pattern)
            state.escaped.insert(pattern)
            state.tokens.append(pattern)
            guard state.tokens.count > Self.tokenLimit else { return }
            let oldest = state.tokens.removeFirst()
            state.raw.remove(oldest)
            state.escaped.remove(oldest)
        }
    }

    /// Redacts text or bytes as they came.
    func redacted(_ bytes: [UInt8]) -> [UInt8] { state.withLock(\.raw).replaced(in: bytes) }

    /// Redacts a line of JSON.
    func redacted(line: [UInt8]) -> [UInt8] { state.withLock(\.escaped).replaced(in: line) }
}

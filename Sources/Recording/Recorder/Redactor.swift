import Synchronization

/// Puts a stand-in wherever one of our secrets would be written down, in every form that it may take on the way.
///
/// A text that was cut inside a secret shows only how it begins; that is replaced too, from eight bytes on. So a secret
/// needs as many: a shorter one could not be told from other text.
public final class Redactor: Sendable {
    /// The shortest secret that can be kept out, in bytes.
    public static let shortest = 8

    private struct State {
        var raw = Patterns()
        var escaped = Patterns(areEscaped: true)
        var tokens: [Pattern] = []
    }

    /// One-run tokens are dead long before so many others were drawn.
    private static let tokenLimit = 1024

    private let state = Mutex(State())

    public init() {}

    /// - Parameter standIn: what is written in its place; plain enough to need no escaping anywhere.
    public func hide(_ secret: String, standIn: String) {
        let forms = SecretForms(secret, standIn: standIn)
        state.withLock { state in
            for pattern in forms.raw { state.raw.insert(pattern) }
            for pattern in forms.escaped { state.escaped.insert(pattern) }
        }
    }

    /// A one-run token, which is made of letters and digits.
    func hide(token: String) {
        let pattern = Pattern(Array(token.utf8), standIn: "redacted-token")
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

    /// Text or bytes as they came.
    func redacted(_ bytes: [UInt8]) -> [UInt8] {
        state.withLock(\.raw).replaced(in: bytes)
    }

    /// A line of JSON.
    func redacted(line: [UInt8]) -> [UInt8] {
        state.withLock(\.escaped).replaced(in: line)
    }
}

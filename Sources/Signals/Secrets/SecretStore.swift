import FoundationEssentials
import State

/// What each service was last updated to, as the state store holds it: room "secrets", one fact per service id, file name →
/// secret name. A store that cannot be written says so itself.
struct SecretStore: Sendable {
    private static let room = "secrets"

    let state: StateStore

    var isEmpty: Bool { facts.isEmpty }

    /// Nil when it never was.
    subscript(service: String) -> [String: String]? {
        guard let text = try? state.fact(service, in: Self.room) else { return nil }
        return try? JSONDecoder().decode([String: String].self, from: Data(text.utf8))
    }

    func note(_ files: [String: String]?, for service: String) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = files.flatMap { try? encoder.encode($0) }.map { String(decoding: $0, as: UTF8.self) }
        try? state.commit([service: text], in: Self.room)
    }

    func forget(besides services: Set<String>) {
        let gone = facts.keys.filter { !services.contains($0) }
        try? state.commit(gone.reduce(into: [String: String?]()) { $0.updateValue(nil, forKey: $1) }, in: Self.room)
    }

    private var facts: [String: String] { (try? state.facts(in: Self.room)) ?? [:] }
}

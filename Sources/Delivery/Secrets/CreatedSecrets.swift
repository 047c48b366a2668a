import Docker
import Model
import State

/// The Swarm's secrets that this Landfall created. Another one with the right name and label may hold anything, because the
/// engine never returns contents, so it is not used: the certificate gets a secret with a number in its name.
struct CreatedSecrets: Sendable {
    struct Entry: Hashable, Sendable, Codable {
        let name: String
        let id: String
    }

    /// How many names are tried.
    private static let tries = 10

    private let namespace: StateStore.Namespace<Entry>
    /// Usual name → what was created for it.
    private var entries: [String: Entry]

    /// - Parameter existing: the secrets that there are; what is gone is forgotten, where it `isSaved`.
    init(_ namespace: StateStore.Namespace<Entry>, among existing: [SwarmSecret], isSaved: Bool) {
        let ids = Dictionary(existing.map { ($0.name, $0.id) }) { first, _ in first }
        let all = namespace.allIfReadable()
        let gone = all.filter { ids[$0.value.name] != $0.value.id }
        if isSaved { try? namespace.commit(gone.mapValues { _ in nil }) }
        self.namespace = namespace
        entries = all.filter { gone[$0.key] == nil }
    }

    /// The name of the secret that was created for a usual name; the usual name itself if none was.
    func name(for usual: String) -> String { entries[usual]?.name ?? usual }

    func id(of name: String) -> String? { entries.values.first { $0.name == name }?.id }

    func contains(_ usual: String) -> Bool { entries[usual] != nil }

    /// Creates a secret under its usual name, or under the first free one after it.
    mutating func create(_ usual: String, labels: [String: String], content: Secret, by engine: EngineClient)
        async throws
    {
        for number in 1...Self.tries {
            let name = number == 1 ? usual : SecretName.numbered(usual, number)
            guard let id = try await Self.id(of: name, labels, content, createdBy: engine) else { continue }
            let entry = Entry(name: name, id: id)
            entries[usual] = entry
            try? namespace.save(entry, for: usual)
            return
        }
        throw UserFacingError(
            "the Swarm has \(Self.tries) secrets like \(usual) that this Landfall did not create; remove those that are unused"
        )
    }

    /// Nil if the name is taken.
    private static func id(
        of name: String,
        _ labels: [String: String],
        _ content: Secret,
        createdBy engine: EngineClient
    ) async throws(EngineError) -> String? {
        do throws(EngineError) {
            return try await engine.createSecret(name, labels: labels, content: content)
        } catch {
            guard case .status(409, _) = error else { throw error }
            return nil
        }
    }
}

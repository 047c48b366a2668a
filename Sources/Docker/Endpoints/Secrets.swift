import FoundationEssentials
package import Model
import Ports

extension EngineClient {
    /// The Swarm's secrets that have a label; the engine never returns their content.
    package func secrets(labelled label: String) async throws(EngineError) -> [SwarmSecret] {
        try await list("/secrets", ["label": [.string(label)]])
    }

    /// Makes a secret, and returns its id. A Swarm takes 500 kB of each, and never changes one.
    package func createSecret(
        _ name: String,
        labels: [String: String],
        content: Secret
    ) async throws(EngineError) -> String {
        let data = Data(content.revealed.utf8).base64EncodedString()
        let secret: JSONValue = ["Name": .string(name), "Labels": .strings(labels), "Data": .string(data)]
        let made: SecretCreated = try await post("/secrets/create", body: secret)
        return made.id
    }

    /// Removes a secret; 404 when there is none, and refused while a service uses it.
    package func removeSecret(_ id: String) async throws(EngineError) {
        try await act(.delete, "/secrets/\(percentEncoded(id))")
    }

    /// What became of an update.
    package enum UpdateResult: Sendable, Hashable {
        case made
        /// The service is no longer as it was read; nothing was done.
        case outOfTurn
    }

    /// Gives a service secrets as files below `/run/secrets`, in place of those of the same file names. All else in its
    /// specification stays. Does nothing if the service has changed since it was read: an update must not cut another one off.
    package func update(_ service: Service, files: [SecretFile]) async throws(EngineError) -> UpdateResult {
        let path = "/services/\(percentEncoded(service.id))"
        guard let raw = try? decodeJSON(JSONValue.self, from: try await bytes(path, query: []), isExact: true),
            let version = raw["Version"]?["Index"]?.integer, let spec = raw["Spec"]
        else { throw .undecodable("a service without a version, or with text that cannot be sent back unchanged") }
        guard UInt64(exactly: version) == service.versionIndex else { return .outOfTurn }
        do throws(EngineError) {
            let query = [("version", String(version))]
            try await act(.post, path + "/update", query: query, body: Self.with(files, in: spec))
            return .made
        } catch .status(_, let message) where message.contains("update out of sequence") {
            return .outOfTurn
        }
    }

    private static func with(_ files: [SecretFile], in spec: JSONValue) -> JSONValue {
        var spec = spec
        var template = spec["TaskTemplate"] ?? [:]
        var container = template["ContainerSpec"] ?? [:]
        let names = Set(files.map(\.file))
        let kept = (container["Secrets"]?.items ?? []).filter { secret in
            secret["File"]?["Name"]?.text.map { !names.contains($0) } ?? true
        }
        container["Secrets"] = .array(kept + files.map(\.reference))
        template["ContainerSpec"] = container
        spec["TaskTemplate"] = template
        return spec
    }
}

/// A file below `/run/secrets` of a service's containers, and the secret that it holds.
package struct SecretFile: Sendable, Hashable {
    package let file: String
    package let name: String
    package let id: String

    package init(file: String, name: String, id: String) { (self.file, self.name, self.id) = (file, name, id) }

    /// As Docker's own client writes it: readable to whatever user the container runs as.
    fileprivate var reference: JSONValue {
        [
            "File": ["Name": .string(file), "UID": "0", "GID": "0", "Mode": 0o444],
            "SecretID": .string(id), "SecretName": .string(name),
        ]
    }
}

package struct SwarmSecret: Sendable, Hashable {
    package let id: String
    private let spec: Spec

    private struct Spec: Codable, Hashable {
        let name: String
        enum CodingKeys: String, CodingKey { case name = "Name" }
    }

    package var name: String { spec.name }
}

extension SwarmSecret: EngineAnswer {
    private enum CodingKeys: String, CodingKey { case id = "ID", spec = "Spec" }
}

struct SecretCreated: EngineAnswer {
    let id: String
    enum CodingKeys: String, CodingKey { case id = "ID" }
}

import Docker
import Model

/// Decides what to do for one service that requests certificates as secrets.
enum SecretDecision: Hashable, Sendable {
    case keep
    /// Give the service these files: file name → secret name.
    case update([String: String])
    /// Another update is in progress; an event will report its end.
    case wait
    case refuse(String)
    case fail(String)
}

extension SecretDecision {
    /// - Parameters:
    ///   - wanted: file name → secret name.
    ///   - tried: what the service was last updated to.
    init(_ service: Service, wanted: [String: String], tried: [String: String]?) {
        let present = service.secrets.reduce(into: [:]) { $0[$1.file] = $1.name }
        let foreign = wanted.keys.sorted().first { file in
            present[file].map { !$0.hasPrefix(SecretName.prefix) } ?? false
        }
        if let foreign {
            self = .refuse("the service already has its own secret at /run/secrets/\(foreign)")
        } else if wanted.allSatisfy({ present[$0.key] == $0.value }) {
            self = .keep
        } else {
            self = Self.afterUpdate(service.updateState ?? "", isTried: tried == wanted) ?? .update(wanted)
        }
    }

    /// The decision while the last update is not over. An update that a user makes begins with a new state.
    private static func afterUpdate(_ state: String, isTried: Bool) -> SecretDecision? {
        switch state {
        case "updating", "rollback_started": .wait
        case "paused", "rollback_paused":
            .fail("its last update is paused; `docker service ps` shows why, and a successful update ends the pause")
        case "rollback_completed" where isTried:
            .fail(
                "the update that brought the certificate was rolled back; it is tried again when the certificate or the service changes"
            )
        default: nil
        }
    }
}

/// The names of Landfall's secrets: a new certificate has a new name.
enum SecretName {
    static let prefix = "landfall-"
    static let label = "landfall.secret.instance"

    // A name has 64 characters at most.
    static func certificate(_ fingerprint: Fingerprint) -> String { "\(prefix)\(fingerprint.hex.prefix(40)).crt" }
    /// Where that name is taken: `landfall-1a2b…-2.crt`.
    static func numbered(_ name: String, _ number: Int) -> String {
        let ending = name.suffix(4)
        return "\(name.dropLast(4))-\(number)\(ending)"
    }

    static func key(_ fingerprint: Fingerprint) -> String { "\(prefix)\(fingerprint.hex.prefix(40)).key" }
}

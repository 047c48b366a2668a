/// What `landfall hook` tells the daemon: `POST /hook` on its socket, as JSON.
public struct HookRequest: Hashable, Sendable, Codable {
    public enum Action: String, Sendable, Codable {
        /// A challenge is to be answered.
        case auth
        /// Its answer is needed no more.
        case cleanup
    }

    public let action: Action
    /// Names the certbot that asks, and is valid for its one run.
    public let token: String
    /// The name to be validated, without `*.`.
    public let domain: String
    /// The TXT value.
    public let validation: String
    /// How many calls of this kind certbot will still make.
    public let remaining: Int

    public init(action: Action, token: String, domain: String, validation: String, remaining: Int) {
        self.action = action
        self.token = token
        self.domain = domain
        self.validation = validation
        self.remaining = remaining
    }
}

public struct HookAnswer: Hashable, Sendable, Codable {
    public let accepted: Bool
    /// Why not; empty when it was.
    public let reason: String

    public static let accepted = HookAnswer(accepted: true, reason: "")

    public static func refused(_ reason: String) -> HookAnswer {
        HookAnswer(accepted: false, reason: reason)
    }
}

/// The variable that a certbot of ours hands on to its hooks. The token is in no argument vector: those anybody can read.
public enum HookEnvironment {
    public static let token = "LANDFALL_HOOK_TOKEN"
}

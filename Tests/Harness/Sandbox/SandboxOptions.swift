/// What can be different between two sandboxes.
public struct SandboxOptions: Sendable, Hashable {
    /// The zones of the emulated provider's account.
    public var zones = ["example.test", "example.net"]
    /// What the emulated address service answers. An ordinary global address: discovery refuses all others.
    public var publicAddress = "85.214.132.117"
    /// Of a hundred ACME requests, as pebble's default.
    public var nonceRejections = 5
    /// Of the certificates that the ACME server issues; Let's Encrypt's unless said.
    public var certificateValidity: Duration = .seconds(90 * 86_400)
    /// Names below this one are refused by the ACME server, as authorities refuse what their policy forbids.
    public static let forbiddenDomain = "forbidden.example.test"
    /// Whether the engine is a Swarm, or a plain engine.
    public var isSwarm = true
    /// Engines in the Swarm: a manager, and workers.
    public var nodes = 1
    public static let possibleNodes = 1...9

    public init() {}
}

extension SandboxOptions {
    /// As arguments of the supervisor.
    var arguments: [String] {
        [
            "--zones", zones.joined(separator: ","), "--public-address", publicAddress,
            "--nonce-rejections", String(nonceRejections),
            "--certificate-validity", String(certificateValidity.components.seconds),
            "--engine", isSwarm ? "swarm" : "plain", "--nodes", String(nodes),
        ]
    }
}

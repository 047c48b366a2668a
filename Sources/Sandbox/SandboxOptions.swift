/// What can be different between two sandboxes.
public struct SandboxOptions: Sendable, Hashable {
    /// The zones of the emulated provider's account.
    public var zones = ["example.test", "example.net"]
    /// What the emulated address service answers. An ordinary global address: discovery refuses all others.
    public var publicAddress = "85.214.132.117"
    /// Of a hundred ACME requests, as pebble's default.
    public var nonceRejections = 5
    /// Whether the engine is a Swarm of one node, or a plain engine.
    public var isSwarm = true

    public init() {}
}

extension SandboxOptions {
    /// As arguments of the supervisor.
    var arguments: [String] {
        [
            "--zones", zones.joined(separator: ","), "--public-address", publicAddress,
            "--nonce-rejections", String(nonceRejections), "--engine", isSwarm ? "swarm" : "plain",
        ]
    }
}

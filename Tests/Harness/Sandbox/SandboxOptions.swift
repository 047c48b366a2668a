/// What can be different between two sandboxes.
package struct SandboxOptions: Sendable, Hashable {
    /// The zones of the emulated provider's account.
    package var zones = ["example.test", "example.net"]
    /// What the emulated address service answers. An ordinary global address: discovery refuses all others.
    package var publicAddress = "85.214.132.117"
    /// Of a hundred ACME requests, as pebble's default.
    package var nonceRejections = 5
    /// Of the certificates that the ACME server issues; Let's Encrypt's unless said.
    package var certificateValidity: Duration = .seconds(90 * 86_400)
    /// A zone of the account whose names are refused by the ACME server, as authorities refuse what their policy forbids. It is
    /// no part of another zone: pebble dies of a name whose labels are the last ones of a name that it forbids.
    package static let forbiddenDomain = "forbidden.test"
    /// All zones of the emulated provider's account.
    var allZones: [String] { zones.filter { $0 != Self.forbiddenDomain } + [Self.forbiddenDomain] }
    /// Whether the engine is a Swarm, or a plain engine.
    package var isSwarm = true
    /// Engines in the Swarm: a manager, and workers.
    package var nodes = 1
    package static let possibleNodes = 1...9

    package init() {}
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

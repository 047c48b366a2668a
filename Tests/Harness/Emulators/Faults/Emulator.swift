package import HTTPServer

/// A service that is stood in for.
package protocol Emulator: Sendable {
    /// Its part in the control interface's paths.
    var name: EmulatorName { get }
    /// For an `HTTPServer`.
    var handler: HTTPServer.Handler { get }
    var log: RequestLog { get }
    var faults: Faults { get }
}

package enum EmulatorName: String, Sendable, CaseIterable {
    case cloudflare, address, slack, webhook
}

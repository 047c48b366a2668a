/// The folder in which one sandbox keeps everything that it makes.
package struct SandboxFolder: Sendable, Hashable, CustomStringConvertible {
    package let path: String

    /// Above the folders of sandboxes that were given none.
    static let base = "/var/lib/landfall-sandbox"
    package static let standard = SandboxFolder(checked: "\(base)/default")

    /// - Parameter path: absolute. Sockets of up to 38 more bytes are made in it, and a socket's path holds 107; it is
    ///   written into configuration files of several languages; and the engine sees an empty `/run` and `/proc`.
    package init(_ path: String) throws(SandboxError) {
        let trimmed = path.hasSuffix("/") ? String(path.dropLast()) : path
        guard trimmed.hasPrefix("/"), trimmed.utf8.count > 1 else {
            throw .folder(path, reason: "is not an absolute path to a folder")
        }
        guard trimmed.utf8.count <= 69 else { throw .folder(path, reason: "is longer than 69 bytes") }
        guard trimmed.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "/._-".contains($0)) }) else {
            throw .folder(path, reason: "holds other characters than letters, digits and / . _ -")
        }
        for hidden in ["/run", "/var/run", "/proc", "/sys", "/dev"] {
            guard trimmed != hidden, !trimmed.hasPrefix(hidden + "/") else {
                throw .folder(path, reason: "lies in \(hidden), which the sandbox's engine does not see")
            }
        }
        self.init(checked: trimmed)
    }

    private init(checked path: String) { self.path = path }

    /// A folder that no other sandbox has.
    static func fresh(token: String) -> SandboxFolder { SandboxFolder(checked: "\(base)/\(token)") }

    package var description: String { path }

    /// Eight hexadecimal digits (FNV-1a of the path) that name the sandbox where a path would be out of place.
    var mark: String {
        let hash = path.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// The control group under which the engine makes those of its containers; those of further engines begin alike.
    var controlGroup: String { "landfall-sandbox-\(mark)" }

    /// Tells that the folder is a sandbox's, and may be removed as a whole.
    var marker: String { "\(path)/.landfall-sandbox" }
    /// Which process is the sandbox's first: see `ProcessIdentity`.
    var process: String { "\(path)/process" }
    /// The machine's /proc, where the sandbox's processes see it.
    var machine: String { "\(path)/machine" }
    /// How far the start has come: see `StepFile`.
    var steps: String { "\(path)/steps" }
    /// `NAME=value` lines; there once everything runs.
    var environment: String { "\(path)/environment" }

    /// The first engine's.
    package var engineSocket: String { EngineFiles(self, node: 1).socket }
    /// Whose network namespace is the switch's: see `VirtualNetwork`.
    var switchPID: String { "\(path)/switch.pid" }
    /// What certbot calls its configuration directory.
    package var certificates: String { "\(path)/letsencrypt" }
    package var state: String { "\(path)/state" }
    /// Signed the ACME server's own certificate.
    package var serverAuthority: String { "\(path)/acme/ca.pem" }
    /// Signs what the ACME server issues.
    package var issuingRoot: String { "\(path)/acme/root.pem" }

    /// The name server's key for dynamic updates (RFC 2136), as nsupdate reads it.
    package var updateKey: String { "\(path)/dns/key.conf" }

    package func log(_ part: String) -> String { "\(path)/log/\(part).log" }
}

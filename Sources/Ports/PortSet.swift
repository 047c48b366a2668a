package import Model

/// All ports of one session: the system's, those of a dry run, or those of a replay.
package struct PortSet: Sendable {
    package var transport: any HTTPTransport
    package var files: any Files
    package var processes: any ProcessRunner
    package var dns: any DNSClient
    package var interfaces: any Interfaces
    package var probe: any TLSProbe
    package var mail: any MailClient
    package var clock: any Clock
    package var randomness: any Randomness

    package init(
        transport: any HTTPTransport,
        files: any Files,
        processes: any ProcessRunner,
        dns: any DNSClient,
        interfaces: any Interfaces,
        probe: any TLSProbe,
        mail: any MailClient,
        clock: any Clock,
        randomness: any Randomness
    ) {
        (self.transport, self.files, self.processes, self.dns) = (transport, files, processes, dns)
        (self.interfaces, self.probe, self.mail) = (interfaces, probe, mail)
        (self.clock, self.randomness) = (clock, randomness)
    }

    /// The same ports, through which nothing can be changed. `allows` says whether a program only reads, and so may run.
    package func readOnly(allowing allows: @escaping @Sendable (ProcessRequest) -> Bool) -> PortSet {
        var ports = self
        ports.transport = ReadOnlyTransport(transport)
        ports.files = ReadOnlyFiles(files)
        ports.processes = NoProcesses(except: allows, by: processes)
        ports.dns = ReadOnlyDNSClient(dns)
        ports.mail = NoMail()
        return ports
    }
}

/// The port to time. Production reads the system's clocks; replay and tests move one by hand.
package protocol Clock: Sendable {
    /// Wall-clock time: may jump either way.
    var now: Timestamp { get }
    /// Time since some fixed point; never goes back. All waiting is measured in it.
    var uptime: Duration { get }
    /// Returns after `duration`; throws `CancellationError` when the task is cancelled first.
    func sleep(for duration: Duration) async throws
}

/// The port to chance.
package protocol Randomness: Sendable {
    /// A number in 0 ..< 1.
    func fraction(for scope: Scope) -> Double
    /// An unguessable lower-case hexadecimal text of `count` random bytes. It is a secret: no recording holds it.
    func token(bytes count: Int, for scope: Scope) -> String
}

/// The port to this machine's network interfaces.
package protocol Interfaces: Sendable {
    /// The addresses of the interface `name`, in the kernel's order; link-local ones are among them.
    func addresses(of name: String, for scope: Scope) throws(InterfaceError) -> [InterfaceAddress]
}

/// An address of a network interface.
package struct InterfaceAddress: Hashable, Sendable, Codable {
    package let address: IPAddress
    /// It goes soon, or is not there yet: temporary (RFC 8981), deprecated, or not yet known to be unique (RFC 4862).
    package let isTemporary: Bool

    package init(_ address: IPAddress, isTemporary: Bool = false) {
        (self.address, self.isTemporary) = (address, isTemporary)
    }
}

/// Why the addresses of an interface are not known.
package enum InterfaceError: Error, Hashable, Sendable, Codable, CustomStringConvertible {
    case missing(String)
    case failed(String, reason: String)

    package var description: String {
        switch self {
        case .missing(let name): "there is no network interface \(name)"
        case .failed(let name, let reason): "the addresses of \(name) cannot be read: \(reason)"
        }
    }

    private enum MissingCodingKeys: String, CodingKey { case _0 = "name" }
    private enum FailedCodingKeys: String, CodingKey { case _0 = "name", reason }
}

/// The port to the certificates that servers show.
package protocol TLSProbe: Sendable {
    /// The certificate that the server shows for a name (SNI, RFC 6066 §3), as PEM. Whether it is trusted does not matter.
    func certificate(
        for name: String,
        at endpoint: ProbeEndpoint,
        for scope: Scope
    ) async throws(TransportError) -> [UInt8]
}

/// All ports of one session: the system's, those of a dry run, or those of a replay.
package struct PortSet: Sendable {
    package var transport: any HTTPTransport
    package var files: any Files
    package var processes: any ProcessRunner
    package var dns: any DNSClient
    package var interfaces: any Interfaces
    package var probe: any TLSProbe
    package var clock: any Clock
    package var randomness: any Randomness

    package init(
        transport: any HTTPTransport,
        files: any Files,
        processes: any ProcessRunner,
        dns: any DNSClient,
        interfaces: any Interfaces,
        probe: any TLSProbe,
        clock: any Clock,
        randomness: any Randomness
    ) {
        self.transport = transport
        self.files = files
        self.processes = processes
        self.dns = dns
        self.interfaces = interfaces
        self.probe = probe
        self.clock = clock
        self.randomness = randomness
    }

    /// The same ports, through which nothing can be changed.
    ///
    /// - Parameter allows: whether a program may run, because it only reads.
    package func readOnly(allowing allows: @escaping @Sendable (ProcessRequest) -> Bool) -> PortSet {
        var ports = self
        ports.transport = ReadOnlyTransport(transport)
        ports.files = ReadOnlyFiles(files)
        ports.processes = NoProcesses(except: allows, by: processes)
        ports.dns = ReadOnlyDNSClient(dns)
        return ports
    }
}

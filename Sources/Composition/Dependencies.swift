import System
package import Configuration
import DNS
import Files
import Glibc
package import Model
package import Ports
import Processes
package import State
import Timing
package import Transport

/// What a session depends on: its ports, its state, and the program that certbot runs as its hook.
@dynamicMemberLookup
package struct Dependencies: Sendable {
    package var ports: PortSet
    package var store: StateStore
    /// The path of the program that certbot runs as its hook.
    package var program: String

    package init(ports: PortSet, store: StateStore, program: String) {
        (self.ports, self.store, self.program) = (ports, store, program)
    }

    package subscript<Port>(dynamicMember port: WritableKeyPath<PortSet, Port>) -> Port {
        get { ports[keyPath: port] }
        set { ports[keyPath: port] = newValue }
    }

    /// The real ones, for the process that holds the state folder: another one may be using the store otherwise.
    package static func real(_ configuration: Configuration, _ lock: InstanceLock) throws(UserFacingError)
        -> Dependencies
    {
        let store: StateStore
        do throws(StateError) {
            store = try .starting(path: configuration.storePath, at: SystemClock().now)
        } catch {
            throw UserFacingError(
                "the state store cannot be used: \(error); set LANDFALL_STATE_DIR to a folder that can"
            )
        }
        return Dependencies(ports: system(configuration), store: store, program: ownPath)
    }

    /// Read-only ones. They create nothing, not even the state folder.
    package static func readOnly(_ configuration: Configuration) throws(UserFacingError) -> Dependencies {
        let store: StateStore
        do throws(StateError) {
            store = try .inspecting(path: configuration.storePath, at: SystemClock().now)
        } catch {
            throw UserFacingError("the state store cannot be read: \(error)")
        }
        let program = configuration.exec?.program
        let lexicon = configuration.lexicon.first?.program
        let ports = system(configuration).readOnly { request in
            program.map { ExecProvider.isRead(request, by: $0) } ?? false
                || lexicon.map { LexiconProvider.isRead(request, by: $0) } ?? false
        }
        return Dependencies(ports: ports, store: store, program: ownPath)
    }

    private static func system(_ configuration: Configuration) -> PortSet {
        PortSet(
            transport: CurlTransport.landfall(configuration),
            files: SystemFiles(),
            processes: SpawnRunner(),
            dns: LDNSClient(),
            interfaces: SystemInterfaces(),
            probe: CurlTLSProbe(),
            mail: CurlMailClient(authorities: configuration.authorities),
            clock: SystemClock(),
            randomness: SystemRandomness()
        )
    }

    private static var ownPath: String { linkTarget("/proc/self/exe") ?? "landfall" }
}

extension CurlTransport {
    /// The real HTTP transport, which trusts the configured authorities as well.
    package static func landfall(_ configuration: Configuration? = nil) -> CurlTransport {
        CurlTransport(
            .init(
                authorities: configuration?.authorities,
                userAgent: "landfall/\(landfallVersion)",
                proxies: configuration?.proxies ?? ProxyEnvironment()
            )
        )
    }
}

/// The version, as `landfall version` prints it and HTTP requests send it.
package let landfallVersion = "0.1.0"

extension Configuration {
    package var storePath: String { "\(stateFolder)/state.sqlite" }
    package var lockPath: String { "\(stateFolder)/lock" }
    package var socketPath: String { "\(stateFolder)/landfall.sock" }
    /// The control socket of a dry run, which creates no files.
    package var dryRunSocket: String { "@\(socketPath)" }
}

package import Ports
import Address
package import Certificates
package import Configuration
import DNS
import Files
import Glibc
package import Model
import Processes
package import State
import Timing
package import Transport

/// Everything through which Landfall reaches the outside world: the real ports, or read-only ones for a dry run.
package struct PortSet: Sendable {
    package var transport: any HTTPTransport
    package var files: any Files
    package var keys: any KeyFiles
    package var locks: any RecordLocks
    package var processes: any ProcessRunner
    package var resolver: any DNSResolver
    package var interfaces: any Interfaces
    package var updater: any DNSUpdater
    package var probe: any TLSProbe
    package var store: StateStore
    package var clock: any Clock
    package var randomness: any Randomness
    /// The path of the program that certbot runs as its hook.
    package var program: String

    package init(
        transport: any HTTPTransport,
        files: any Files,
        keys: any KeyFiles,
        locks: any RecordLocks,
        processes: any ProcessRunner,
        resolver: any DNSResolver,
        interfaces: any Interfaces,
        updater: any DNSUpdater,
        probe: any TLSProbe,
        store: StateStore,
        clock: any Clock,
        randomness: any Randomness,
        program: String
    ) {
        (self.transport, self.files, self.keys, self.locks) = (transport, files, keys, locks)
        (self.processes, self.resolver, self.interfaces) = (processes, resolver, interfaces)
        (self.updater, self.probe, self.store) = (updater, probe, store)
        (self.clock, self.randomness, self.program) = (clock, randomness, program)
    }
}

extension PortSet {
    /// The real ports. Creates the state folder if it is missing.
    package static func real(_ configuration: Configuration) throws(UserFacingError) -> PortSet {
        let files = SystemFiles()
        let folder = configuration.stateFolder
        do throws(FileError) {
            try files.makeDirectory(folder, mode: 0o700, for: .run)
        } catch {
            throw UserFacingError("the state folder cannot be used: \(error); set LANDFALL_STATE_DIR to one that can")
        }
        let store: StateStore
        do throws(StateError) {
            store = try StateStore(path: StatePaths(folder: folder).store)
        } catch {
            throw UserFacingError(
                "the state store cannot be used: \(error); set LANDFALL_STATE_DIR to a folder that can"
            )
        }
        return PortSet(CurlTransport.landfall(configuration), files, SpawnRunner(), LDNSUpdater(), store)
    }

    /// Ports that only read. They create nothing, not even the state folder.
    package static func readOnly(_ configuration: Configuration) throws(UserFacingError) -> PortSet {
        let store: StateStore
        do throws(StateError) {
            let path = StatePaths(folder: configuration.stateFolder).store
            if let present = try StateStore.reading(path: path) { store = present } else { store = try .inMemory() }
        } catch {
            throw UserFacingError("the state store cannot be read: \(error)")
        }
        let transport = ReadOnlyTransport(CurlTransport.landfall(configuration))
        let updater = ReadOnlyUpdater(LDNSUpdater())
        return PortSet(transport, ReadOnlyFiles(SystemFiles()), readOnlyProcesses(configuration), updater, store)
    }

    private init(
        _ transport: any HTTPTransport,
        _ files: any Files,
        _ processes: any ProcessRunner,
        _ updater: any DNSUpdater,
        _ store: StateStore
    ) {
        self.init(
            transport: transport,
            files: files,
            keys: SystemKeyFiles(),
            locks: SystemRecordLocks(),
            processes: processes,
            resolver: LDNSResolver(),
            interfaces: SystemInterfaces(),
            updater: updater,
            probe: CurlTLSProbe(),
            store: store,
            clock: SystemClock(),
            randomness: SystemRandomness(),
            program: Self.ownPath
        )
    }

    private static func readOnlyProcesses(_ configuration: Configuration) -> NoProcesses {
        guard let program = configuration.exec?.program else { return NoProcesses() }
        return NoProcesses { ExecProvider.isLook($0, by: program) }
    }

    /// The path of this program, which certbot runs as its hook.
    private static var ownPath: String {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe buffer.withUnsafeMutableBytes { bytes in
            guard let start = unsafe bytes.assumingMemoryBound(to: CChar.self).baseAddress else { return -1 }
            return unsafe readlink("/proc/self/exe", start, bytes.count)
        }
        return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : "landfall"
    }
}

extension CurlTransport {
    /// The real HTTP transport, which trusts the configured authorities as well.
    package static func landfall(_ configuration: Configuration? = nil) -> CurlTransport {
        CurlTransport(.init(authorities: configuration?.authorities, userAgent: "landfall/\(landfallVersion)"))
    }
}

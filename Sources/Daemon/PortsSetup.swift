import Address
import Certificates
import Configuration
import DNS
import Files
import Glibc
import Model
import Ports
import Processes
import State
import Timing
import Transport

extension Wiring.Ports {
    /// The real outside. Makes the state folder when it is missing.
    static func real(_ configuration: Configuration) throws(UserFacingError) -> Wiring.Ports {
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
        return Wiring.Ports(curl(configuration), files, SpawnRunner(), LDNSUpdater(), store)
    }

    /// The outside for looking only; nothing is made, not even the state folder.
    static func readOnly(_ configuration: Configuration) throws(UserFacingError) -> Wiring.Ports {
        let store: StateStore
        do throws(StateError) {
            let path = StatePaths(folder: configuration.stateFolder).store
            if let present = try StateStore.reading(path: path) { store = present } else { store = try .inMemory() }
        } catch {
            throw UserFacingError("the state store cannot be read: \(error)")
        }
        let transport = ReadOnlyTransport(curl(configuration))
        let updater = ReadOnlyUpdater(LDNSUpdater())
        return Wiring.Ports(transport, ReadOnlyFiles(SystemFiles()), onlyLooking(configuration), updater, store)
    }

    /// The same ports with another way of HTTP.
    func through(_ transport: any HTTPTransport) -> Wiring.Ports {
        Wiring.Ports(
            transport: transport,
            files: files,
            keys: keys,
            locks: locks,
            processes: processes,
            resolver: resolver,
            interfaces: interfaces,
            updater: updater,
            probe: probe,
            store: store,
            clock: clock,
            randomness: randomness,
            program: program
        )
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

    private static func onlyLooking(_ configuration: Configuration) -> NoProcesses {
        guard let program = configuration.exec?.program else { return NoProcesses() }
        return NoProcesses(butFor: { ExecProvider.isLook($0, by: program) }, by: SpawnRunner())
    }

    private static func curl(_ configuration: Configuration) -> CurlTransport {
        CurlTransport(.init(authorities: configuration.authorities, userAgent: "landfall/\(landfallVersion)"))
    }

    /// The program that certbot calls back is this one, wherever it was started from.
    private static var ownPath: String {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe buffer.withUnsafeMutableBytes { bytes in
            guard let start = unsafe bytes.assumingMemoryBound(to: CChar.self).baseAddress else { return -1 }
            return unsafe readlink("/proc/self/exe", start, bytes.count)
        }
        return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : "landfall"
    }
}

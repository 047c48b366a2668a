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
        return Wiring.Ports(ports: system(configuration), store: store, program: ownPath)
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
        let program = configuration.exec?.program
        let ports = system(configuration).readOnly { request in
            program.map { ExecProvider.isLook(request, by: $0) } ?? false
        }
        return Wiring.Ports(ports: ports, store: store, program: ownPath)
    }

    private static func system(_ configuration: Configuration) -> PortSet {
        PortSet(
            transport: curl(configuration),
            files: SystemFiles(),
            processes: SpawnRunner(),
            dns: LDNSClient(),
            interfaces: SystemInterfaces(),
            probe: CurlTLSProbe(),
            clock: SystemClock(),
            randomness: SystemRandomness()
        )
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

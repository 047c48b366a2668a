import Log
import Model
import Ports

/// Lets a group read the certificates' keys, for proxies that do not run as root (`LANDFALL_KEY_GROUP`).
/// certbot keeps a key's group when it renews, but makes folders and first keys for root alone, so every run checks them.
struct KeyGroup {
    private static let read: UInt32 = 0o040
    private static let pass: UInt32 = 0o010

    let group: String
    let directory: String
    let files: any Files
    let log: Logger

    func repair(_ lineages: [String]) {
        guard !lineages.isEmpty else { return }
        do throws(FileError) {
            for folder in ["live", "archive"] { try grant(Self.pass, "\(directory)/\(folder)", .run) }
        } catch {
            log.warning("cannot set the group of private keys", [.error: "\(error)"])
            return
        }
        for lineage in lineages { repair(lineage) }
    }

    private func repair(_ lineage: String) {
        let scope = Scope.certificate(lineage)
        do throws(FileError) {
            for folder in ["live", "archive"] { try grant(Self.pass, "\(directory)/\(folder)/\(lineage)", scope) }
            try grant(Self.read, "\(directory)/live/\(lineage)/privkey.pem", scope)
        } catch {
            log.warning("cannot set the group of private keys", [.certificate: .string(lineage), .error: "\(error)"])
        }
    }

    private func grant(_ permissions: UInt32, _ path: String, _ scope: Scope) throws(FileError) {
        guard try files.grant(permissions, to: group, on: path, for: scope) else { return }
        log.info("set the group of a private key", [.file: .string(path), .group: .string(group)])
    }
}

import Files
package import Model
package import Ports

/// Files of the real disk. A test's own type implements only what it changes.
package protocol DiskFiles: Files {}

extension DiskFiles {
    package func read(_ path: String, limit: Int, for scope: Scope) throws(FileError) -> [UInt8] {
        try SystemFiles().read(path, limit: limit, for: scope)
    }

    package func list(_ path: String, for scope: Scope) throws(FileError) -> [String] {
        try SystemFiles().list(path, for: scope)
    }

    package func information(_ path: String, for scope: Scope) throws(FileError) -> FileInformation {
        try SystemFiles().information(path, for: scope)
    }

    package func write(_ bytes: [UInt8], to path: String, mode: UInt32, for scope: Scope) throws(FileError) {
        try SystemFiles().write(bytes, to: path, mode: mode, for: scope)
    }

    package func makeDirectory(_ path: String, mode: UInt32, for scope: Scope) throws(FileError) {
        try SystemFiles().makeDirectory(path, mode: mode, for: scope)
    }

    package func link(_ path: String, to target: String, for scope: Scope) throws(FileError) {
        try SystemFiles().link(path, to: target, for: scope)
    }

    package func grant(
        _ permissions: UInt32,
        to group: String,
        on path: String,
        for scope: Scope
    ) throws(FileError) -> Bool {
        try SystemFiles().grant(permissions, to: group, on: path, for: scope)
    }

    package func move(_ path: String, to destination: String, for scope: Scope) throws(FileError) {
        try SystemFiles().move(path, to: destination, for: scope)
    }

    package func remove(_ path: String, for scope: Scope) throws(FileError) {
        try SystemFiles().remove(path, for: scope)
    }

    package func publicKeyFingerprint(at path: String, for scope: Scope) throws(FileError) -> Fingerprint {
        try SystemFiles().publicKeyFingerprint(at: path, for: scope)
    }

    package func privateKey(at path: String, for scope: Scope) throws(FileError) -> Secret {
        try SystemFiles().privateKey(at: path, for: scope)
    }

    package func lock(_ path: String, for scope: Scope) throws(FileError) -> Bool {
        try SystemFiles().lock(path, for: scope)
    }

    package func unlock(_ path: String, for scope: Scope) {
        SystemFiles().unlock(path, for: scope)
    }

    package func isLockedElsewhere(_ path: String, for scope: Scope) throws(FileError) -> Bool {
        try SystemFiles().isLockedElsewhere(path, for: scope)
    }

    package func tryFileSystem(of folder: String, for scope: Scope) throws(FileError) {
        try SystemFiles().tryFileSystem(of: folder, for: scope)
    }
}

import Model
import Ports

/// Files for reading, by path.
struct MemoryFiles: Files {
    var contents: [String: String] = [:]

    func read(_ path: String, limit: Int, for scope: Scope) throws(FileError) -> [UInt8] {
        guard let text = contents[path] else { throw .missing(path) }
        return Array(text.utf8)
    }

    func list(_ path: String, for scope: Scope) throws(FileError) -> [String] { throw .missing(path) }
    func information(_ path: String, for scope: Scope) throws(FileError) -> FileInformation { throw .missing(path) }
    func write(_ bytes: [UInt8], to path: String, mode: UInt32, for scope: Scope) throws(FileError) {
        throw .missing(path)
    }
    func makeDirectory(_ path: String, mode: UInt32, for scope: Scope) throws(FileError) { throw .missing(path) }
    func link(_ path: String, to target: String, for scope: Scope) throws(FileError) { throw .missing(path) }
    func move(_ path: String, to destination: String, for scope: Scope) throws(FileError) { throw .missing(path) }
    func remove(_ path: String, for scope: Scope) throws(FileError) { throw .missing(path) }
    func grant(_ permissions: UInt32, to group: String, on path: String, for scope: Scope) throws(FileError) -> Bool {
        throw .missing(path)
    }
    func publicKeyFingerprint(at path: String, for scope: Scope) throws(FileError) -> Fingerprint {
        throw .missing(path)
    }
    func privateKey(at path: String, for scope: Scope) throws(FileError) -> Secret { throw .missing(path) }
    func lock(_ path: String, for scope: Scope) throws(FileError) -> Bool { throw .missing(path) }
    func unlock(_ path: String, for scope: Scope) {}
    func isLockedElsewhere(_ path: String, for scope: Scope) throws(FileError) -> Bool { throw .missing(path) }
    func tryFileSystem(of folder: String, for scope: Scope) throws(FileError) { throw .missing(folder) }
}

public import Files
import Model
public import Ports

public typealias KeyFiles = Files
public typealias RecordLocks = Files
public typealias SystemKeyFiles = SystemFiles
public typealias SystemRecordLocks = SystemFiles

extension Files {
    func key(at path: String, for scope: Scope) throws(FileError) -> Secret { try privateKey(at: path, for: scope) }

    func take(_ path: String, for scope: Scope) throws(FileError) -> Bool { try lock(path, for: scope) }

    func release(_ path: String, for scope: Scope) { unlock(path, for: scope) }

    func isHeldElsewhere(_ path: String, for scope: Scope) throws(FileError) -> Bool {
        try isLockedElsewhere(path, for: scope)
    }
}

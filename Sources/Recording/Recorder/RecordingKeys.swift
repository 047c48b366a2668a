public import Certificates
public import Model
public import Ports

/// Reads private keys, and records which public key is theirs.
public struct RecordingKeys: KeyFiles {
    private let base: any KeyFiles
    private let recorder: Recorder

    public init(_ base: any KeyFiles, _ recorder: Recorder) {
        (self.base, self.recorder) = (base, recorder)
    }

    public func publicKeyFingerprint(at path: String, for scope: Scope) throws(FileError) -> Fingerprint {
        let start = recorder.start(.key, path, for: scope)
        do throws(FileError) {
            let fingerprint = try base.publicKeyFingerprint(at: path, for: scope)
            recorder.end(start, onDisk: fingerprint) { _ in .key(KeyCall(path: path, answer: .value(fingerprint))) }
            return fingerprint
        } catch {
            recorder.end(start, onDisk: error) { [error] _ in
                .key(KeyCall(path: path, answer: .failure(FileCall.Failure(error))))
            }
            throw error
        }
    }

    /// Only that it was there, or was not.
    public func key(at path: String, for scope: Scope) throws(FileError) -> Secret {
        let subject = KeyCall.content(of: path)
        let start = recorder.start(.key, subject, for: scope)
        do throws(FileError) {
            let key = try base.key(at: path, for: scope)
            recorder.end(start, onDisk: true) { _ in
                .key(KeyCall(path: subject, answer: .value(Fingerprint(hex: ""))))
            }
            return key
        } catch {
            recorder.end(start, onDisk: error) { [error] _ in
                .key(KeyCall(path: subject, answer: .failure(FileCall.Failure(error))))
            }
            throw error
        }
    }
}

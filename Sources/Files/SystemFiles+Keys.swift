import Crypto
package import Model
package import Ports

extension SystemFiles {
    /// Far more than any key needs.
    private static let keyLimit = 256 << 10

    package func publicKeyFingerprint(at path: String, for scope: Scope) throws(FileError) -> Fingerprint {
        let pem = try read(path, limit: Self.keyLimit, for: scope)
        do throws(CertificateFileError) {
            return try Fingerprint(ofKeyIn: pem)
        } catch {
            throw .failed(path, reason: "\(error)")
        }
    }

    package func privateKey(at path: String, for scope: Scope) throws(FileError) -> Secret {
        Secret(String(decoding: try read(path, limit: Self.keyLimit, for: scope), as: UTF8.self))
    }
}

import Docker
import Model
public import Ports

/// What helpers on other nodes are made from: the image of Landfall's own container.
public struct HelperImage: Sendable {
    private let named: String?
    private let files: any Files

    /// - Parameter named: `LANDFALL_HELPER_IMAGE`.
    public init(named: String?, files: any Files) {
        (self.named, self.files) = (named, files)
    }

    /// Why there is none; a clause with advice.
    struct Missing: Error {
        let reason: String
    }

    /// As other nodes take it: by digest, which is the same image everywhere, or by the image's own id, which no node
    /// tries to pull.
    func find(_ engine: EngineClient) async throws(Missing) -> String {
        if let named { return await pinned(named, engine) }
        guard let id = ownContainer, let own = try? await engine.container(id) else {
            throw Missing(
                reason: "Landfall runs outside a container here and has no image to send there; "
                    + "set LANDFALL_HELPER_IMAGE to one that those nodes have or can pull"
            )
        }
        if let name = own.service, let image = (try? await engine.service(name))?.image, image.contains("@") {
            return image
        }
        guard let image = own.image else { throw Missing(reason: "the engine does not tell Landfall's own image") }
        return await pinned(image, engine, reference: own.imageReference)
    }

    /// An image that this node does not have is taken by its name.
    private func pinned(_ image: String, _ engine: EngineClient, reference: String? = nil) async -> String {
        guard !image.contains("@"), let details = try? await engine.image(image) else { return image }
        let digests = (details.digests ?? []).sorted()
        let repository = Self.repository(reference ?? image)
        return digests.first { Self.repository($0) == repository } ?? digests.first ?? details.id
    }

    /// `registry:5000/name:tag` and `registry:5000/name@sha256:…` lie in `registry:5000/name`.
    private static func repository(_ reference: String) -> Substring {
        let name = reference.prefix { $0 != "@" }
        guard let colon = name.lastIndex(of: ":"), !name[colon...].contains("/") else { return name }
        return name[..<colon]
    }

    /// The container that this process runs in; nil outside of any.
    ///
    /// The engine mounts a file of its own over `/etc/hostname`, out of the container's folder: proc_pid_mountinfo(5) has
    /// that file in the fourth field, and where it is mounted in the fifth.
    private var ownContainer: String? {
        guard let bytes = try? files.read("/proc/self/mountinfo", limit: 1 << 20, for: .engine) else { return nil }
        let fields = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { $0.split(separator: " ") }
        let root: Substring = fields.last { $0.count > 4 && $0[4] == "/etc/hostname" }?[3] ?? ""
        let parts: [Substring] = root.split(separator: "/")
        return parts.last { $0.count == 64 && $0.allSatisfy(\.isHexDigit) }.map { String($0) }
    }
}

package import Docker
import Model
package import Ports

/// Finds the image for helpers on other nodes: that of Landfall's own container, unless one is configured.
package struct HelperImage: Sendable {
    private let named: String?
    private let files: any Files

    /// - Parameter named: `LANDFALL_HELPER_IMAGE`.
    package init(named: String?, files: any Files) { (self.named, self.files) = (named, files) }

    /// There is no image.
    package struct Missing: Error {
        /// A clause with advice.
        package let reason: String
    }

    /// Returns the image for other nodes: by its digest, which is that of all platforms, or by its name.
    package func find(_ engine: EngineClient) async throws(Missing) -> String {
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
        guard let image = own.image else {
            throw Missing(reason: "Docker does not report the image of Landfall's own container")
        }
        return await pinned(own.imageReference ?? image, engine, id: image)
    }

    /// Returns the image by its digest; by its name where it has none or this node does not have it. Its ID is that of this
    /// node's platform, so another node may have it under the name only.
    private func pinned(_ name: String, _ engine: EngineClient, id: String? = nil) async -> String {
        guard !name.contains("@"), let details = try? await engine.image(id ?? name) else { return name }
        let digests = (details.digests ?? []).sorted()
        let repository = Self.repository(name)
        return digests.first { Self.repository($0) == repository } ?? digests.first ?? name
    }

    /// `registry:5000/name:tag` and `registry:5000/name@sha256:…` are in the repository `registry:5000/name`.
    private static func repository(_ reference: String) -> Substring {
        let name = reference.prefix { $0 != "@" }
        guard let colon = name.lastIndex(of: ":"), !name[colon...].contains("/") else { return name }
        return name[..<colon]
    }

    /// The ID of the container that this process runs in; nil outside of containers. Docker mounts a file of the container's
    /// folder over `/etc/hostname`: the fourth and fifth field in proc_pid_mountinfo(5).
    private var ownContainer: String? {
        guard let bytes = try? files.read("/proc/self/mountinfo", limit: 1 << 20, for: .engine) else { return nil }
        let fields = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { $0.split(separator: " ") }
        let root: Substring = fields.last { $0.count > 4 && $0[4] == "/etc/hostname" }?[3] ?? ""
        let parts: [Substring] = root.split(separator: "/")
        return parts.last { $0.count == 64 && $0.allSatisfy(\.isHexDigit) }.map { String($0) }
    }
}

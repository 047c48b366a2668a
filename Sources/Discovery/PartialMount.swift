import Docker
package import Model

/// A mount that shows a container so little of the folder with the certificates that it never sees a renewed one.
package struct PartialMount: Hashable, Sendable {
    package let origin: Origin
    /// Nil where it is of all certificates.
    package let lineage: String?
    /// With `live` and `archive` in it.
    package let folder: String
    private let mount: Mount
    private let isFile: Bool

    /// A sentence.
    package var text: String {
        let (source, target) = (sanitized(mount.source, limit: 100), sanitized(mount.target, limit: 100))
        let fault =
            isFile
            ? "\(target) is the single file \(source), which stays what it was when the container was made, "
                + "whatever is renewed"
            : "\(target) is \(source), whose links lead to ../archive, which is not mounted beside it, "
                + "so no certificate can be read there"
        return "\(origin): \(fault); mount all of \(sanitized(folder, limit: 100)) instead"
    }

    /// Those among the mounts of one container or service.
    static func all(among mounts: [Mount], of origin: Origin) -> [PartialMount] {
        mounts.compactMap { mount in
            let parts = mount.source.split(separator: "/")
            guard let place = parts.lastIndex(where: { $0 == "live" || $0 == "archive" }) else { return nil }
            let folder = (mount.source.hasPrefix("/") ? "/" : "") + parts[..<place].joined(separator: "/")
            let rest = parts[(place + 1)...]
            let isFile = rest.count == 2 && rest.last?.hasSuffix(".pem") == true
            let isFolder = parts[place] == "live" && rest.count < 2
            guard isFile || isFolder && !leadsToArchive(mount, depth: rest.count, folder, mounts) else { return nil }
            return PartialMount(
                origin: origin,
                lineage: rest.first.map { String($0) },
                folder: folder,
                mount: mount,
                isFile: isFile
            )
        }
    }

    /// Whether the links below `live` or `live/NAME` lead to something that is mounted too.
    private static func leadsToArchive(_ mount: Mount, depth: Int, _ folder: String, _ mounts: [Mount]) -> Bool {
        let parts = mount.target.split(separator: "/").dropLast(depth + 1)
        let (source, target) = ("\(folder)/archive", "/" + (parts + ["archive"]).joined(separator: "/"))
        return mounts.contains { other in
            guard other.source == source || other.source.hasPrefix(source + "/") else { return false }
            return other.target == target + other.source.dropFirst(source.count)
        }
    }
}

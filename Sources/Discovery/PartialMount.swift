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

    /// Those among the mounts of one container or service; no more than it may have rejections.
    static func all(among mounts: [Mount], of origin: Origin) -> [PartialMount] {
        let parts = mounts.map(Parts.init)
        let archives = Set(parts.compactMap { $0?.archive })
        let folders = Set(archives.map { Parts.Place(folder: $0.folder, target: $0.target, lineage: nil) })
        let all = zip(mounts, parts).lazy.compactMap { mount, parts -> PartialMount? in
            guard let parts else { return nil }
            let place = parts.place(of: nil)
            let leads =
                parts.rest.isEmpty
                ? folders.contains(place) : !archives.isDisjoint(with: [place, parts.place(of: parts.rest[0])])
            guard parts.isFile || parts.isLive && parts.rest.count < 2 && !leads else { return nil }
            return PartialMount(
                origin: origin,
                lineage: parts.rest.first,
                folder: parts.folder,
                mount: mount,
                isFile: parts.isFile
            )
        }
        return Array(all.prefix(LabelLimits.rejections))
    }

    /// The parts of a mount's source: `FOLDER/live/NAME/fullchain.pem`.
    private struct Parts {
        /// A folder with certificates, and what stands for it in the container.
        struct Place: Hashable {
            let folder: String
            let target: String
            /// Nil: all of them.
            let lineage: String?
        }

        let folder: String
        let isLive: Bool
        /// What follows `live` or `archive`.
        let rest: [String]
        private let target: [Substring]

        init?(_ mount: Mount) {
            let parts = mount.source.split(separator: "/")
            guard let place = parts.lastIndex(where: { $0 == "live" || $0 == "archive" }) else { return nil }
            folder = (mount.source.hasPrefix("/") ? "/" : "") + parts[..<place].joined(separator: "/")
            isLive = parts[place] == "live"
            rest = parts[(place + 1)...].map { String($0) }
            target = mount.target.split(separator: "/")
        }

        var isFile: Bool { rest.count == 2 && rest[1].hasSuffix(".pem") }

        /// Where its folder is, as seen by links in it.
        func place(of lineage: String?) -> Place {
            Place(folder: folder, target: target.dropLast(rest.count + 1).joined(separator: "/"), lineage: lineage)
        }

        /// The folder whose archive, or a lineage's part of it, is where links of `live` expect it.
        var archive: Place? {
            guard !isLive, target.suffix(rest.count + 1).map({ String($0) }) == ["archive"] + rest else { return nil }
            return place(of: rest.first)
        }
    }
}

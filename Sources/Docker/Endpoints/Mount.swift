/// What a container sees of a folder or file of its node.
package struct Mount: Hashable, Sendable {
    /// With the part of it that is mounted, where a volume is not mounted as a whole; of a volume, it begins with the name
    /// or with the folder in which the engine keeps it.
    package let source: String
    package let target: String

    package init(source: String, target: String) { (self.source, self.target) = (source, target) }

    /// Whether it is of a part of a folder that is laid out as certbot's: nothing is read of other mounts.
    var isOfCertificates: Bool { source.split(separator: "/").contains { $0 == "live" || $0 == "archive" } }
}

/// The mounts in a service's specification, or in the list of containers.
struct Mounts: Hashable, Codable {
    let all: [Mount]

    init(all: [Mount]) { self.all = all }

    init(from decoder: any Decoder) throws {
        all = try decoder.singleValueContainer().decode([Listed].self).compactMap(\.mount).filter(\.isOfCertificates)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(all.map { Listed(source: $0.source, target: $0.target, destination: nil, options: nil) })
    }

    /// The two places have different words for the target.
    private struct Listed: Codable {
        struct Options: Codable {
            let part: String?
            enum CodingKeys: String, CodingKey { case part = "Subpath" }
        }

        let source: String?
        let target: String?
        let destination: String?
        let options: Options?

        enum CodingKeys: String, CodingKey {
            case source = "Source", target = "Target", destination = "Destination", options = "VolumeOptions"
        }

        var mount: Mount? {
            guard let source, let target = target ?? destination else { return nil }
            return Mount(source: ([source] + [options?.part].compactMap(\.self)).joined(separator: "/"), target: target)
        }
    }
}

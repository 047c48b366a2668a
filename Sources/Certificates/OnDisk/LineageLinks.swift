import Model
import Ports

/// The files of a lineage in `live`, which are links to one of the generations in `archive`, as certbot numbers them:
/// `live/NAME/cert.pem` → `../../archive/NAME/cert3.pem`.
struct LineageLinks: Hashable, Sendable {
    /// What certbot keeps of each generation.
    static let kinds = ["cert", "chain", "fullchain", "privkey"]

    let lineage: String
    /// By kind, where the link leads.
    let targets: [String: String]
    /// The kinds of which `live` has a plain file in place of a link.
    let plainFiles: [String]
    /// The numbers of the complete generations, the oldest first.
    let generations: [Int]
    /// The highest number of any file; 0 if there is none.
    let highest: Int

    var hasPlainFiles: Bool { !plainFiles.isEmpty }

    /// The generation in use; nil where the links do not lead to a single one.
    var current: Int? {
        let numbers = Set(Self.kinds.map { kind in targets[kind].flatMap { Self.number(of: kind, in: $0) } })
        return numbers.count == 1 ? numbers.first ?? nil : nil
    }

    /// The newest generation, where another one is in use.
    var unusedNewest: Int? {
        guard let newest = generations.last, let current, current != newest else { return nil }
        return newest
    }

    static func target(of kind: String, _ generation: Int, of lineage: String) -> String {
        "../../archive/\(lineage)/\(file(of: kind, generation))"
    }

    static func file(of kind: String, _ generation: Int) -> String { "\(kind)\(generation).pem" }

    private static func number(of kind: String, in path: String) -> Int? {
        let name = path.split(separator: "/").last ?? ""
        guard name.hasPrefix(kind), name.hasSuffix(".pem") else { return nil }
        // Nine digits are more than certbot ever gets to, and a number that one can be added to.
        let digits = name.dropFirst(kind.count).dropLast(".pem".count)
        return digits.utf8.count <= 9 ? Int(digits) : nil
    }
}

extension LineageLinks {
    /// Looks at the files of a lineage.
    ///
    /// - Parameter examined: what is known of some of them, by kind.
    /// - Returns: Nil where it was not recorded whether they are links.
    init?(of lineage: String, in directory: String, _ files: any Files, examined: [String: FileInformation]) {
        let scope = Scope.certificate(lineage)
        guard examined.values.allSatisfy({ $0.link != nil }) else { return nil }
        var targets: [String: String] = [:]
        var plainFiles: [String] = []
        for kind in Self.kinds {
            let path = "\(directory)/live/\(lineage)/\(kind).pem"
            guard let link = (examined[kind] ?? (try? files.information(path, for: scope)))?.link else { continue }
            if link.isEmpty { plainFiles.append(kind) } else { targets[kind] = link }
        }
        let names = (try? files.list("\(directory)/archive/\(lineage)", for: scope)) ?? []
        let numbers = Self.kinds.map { kind in Set(names.compactMap { Self.number(of: kind, in: $0) }) }
        (self.lineage, self.targets, self.plainFiles) = (lineage, targets, plainFiles)
        generations = numbers.dropFirst().reduce(numbers[0]) { $0.intersection($1) }.sorted()
        highest = numbers.reduce(Set()) { $0.union($1) }.max() ?? 0
    }
}

/// Mends the links of lineages. It replaces links and files of the same content only, and deletes nothing of certbot's.
struct LinkRepair {
    let directory: String
    let files: any Files

    /// The generation whose files are those that lie in `live` as plain files; nil where there is none.
    func generation(of links: LineageLinks) -> Int? {
        links.generations.last { generation in
            LineageLinks.kinds.allSatisfy { kind in
                let file = LineageLinks.file(of: kind, generation)
                if let link = links.targets[kind] { return link.split(separator: "/").last == file[...] }
                guard let content = content(of: kind, at: live(kind, links)) else { return false }
                return content == self.content(of: kind, at: archive(kind, generation, links))
            }
        }
    }

    /// Turns the files into links to that generation.
    func link(_ links: LineageLinks, to generation: Int) throws(FileError) {
        for kind in LineageLinks.kinds {
            let target = LineageLinks.target(of: kind, generation, of: links.lineage)
            try files.link(live(kind, links), to: target, for: .certificate(links.lineage))
        }
    }

    /// Lets the links lead where they did.
    func setBack(to links: LineageLinks) throws(FileError) {
        for (kind, target) in links.targets.sorted(by: { $0.key < $1.key }) {
            try files.link(live(kind, links), to: target, for: .certificate(links.lineage))
        }
    }

    /// Gives the files in use the highest number for as long as certbot runs: otherwise it first lets `live` lead to the
    /// highest one, and orders nothing (measured with 2.1 and 5.8). The new files are links to the old ones.
    ///
    /// - Returns: The number; nil where they have the highest already.
    func promote(_ links: LineageLinks) throws(FileError) -> Int? {
        guard let current = links.current, links.unusedNewest != nil else { return nil }
        let number = links.highest + 1
        for kind in LineageLinks.kinds {
            let file = LineageLinks.file(of: kind, current)
            try files.link(archive(kind, number, links), to: file, for: .certificate(links.lineage))
        }
        try link(links, to: number)
        return number
    }

    /// Removes the number that was given, once no link leads to it any more.
    func demote(_ number: Int, of links: LineageLinks) throws(FileError) {
        for kind in LineageLinks.kinds {
            try files.removeIfPresent(archive(kind, number, links), for: .certificate(links.lineage))
        }
    }

    private func live(_ kind: String, _ links: LineageLinks) -> String {
        "\(directory)/live/\(links.lineage)/\(kind).pem"
    }

    private func archive(_ kind: String, _ generation: Int, _ links: LineageLinks) -> String {
        "\(directory)/archive/\(links.lineage)/\(LineageLinks.file(of: kind, generation))"
    }

    /// Nil where it cannot be read. Of a key, its public part tells it from others.
    private func content(of kind: String, at path: String) -> String? {
        guard kind == "privkey" else { return try? files.text(of: path, for: .run) }
        return try? files.publicKeyFingerprint(at: path, for: .run).hex
    }
}

extension LineageLinks {
    /// That a run will turn plain files into links again, or has not been able to.
    var restorableText: String {
        "\(place) \(plainText), which equal a generation in archive/\(lineage); a run makes links of them again"
    }

    /// Why nothing may be ordered, and the way back.
    var unrestorableText: String {
        "\(place) \(plainText), and they equal no generation in archive/\(lineage); certbot would store the next "
            + "certificate as \(lineage)-0001, so none is ordered. Restore live/\(lineage) and archive/\(lineage) from one "
            + "backup that keeps links (tar, rsync -a), or move live/\(lineage), archive/\(lineage) and "
            + "renewal/\(lineage).conf away: then the certificate is ordered anew"
    }

    /// That `live` is not what certbot takes it for.
    func unusedText(_ newest: Int) -> String {
        "\(place) leads to generation \(current ?? 0) in archive/\(lineage), though generation \(newest) is there, which "
            + "any other certbot puts in its place; move the files of generation \(newest) out of archive/\(lineage) if they "
            + "are of an earlier time"
    }

    private var place: String { "live/\(lineage)" }

    private var plainText: String {
        "holds plain files instead of certbot's links (\(plainFiles.map { "\($0).pem" }.joined(separator: ", ")))"
    }
}

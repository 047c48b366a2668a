package import Declarations
package import Model
package import Ports

/// Reads folders with files that declare hosts to a proxy.
package struct DeclarationFolders {
    /// Files of a folder and of those in it, their bytes, all names in it, and how deep it is nested.
    private static let (mostFiles, mostBytes, mostNames, deepest) = (2000, 16 << 20, 10_000, 5)

    package struct Reading: Sendable {
        package var files: [DeclaringFile] = []
        /// Files that could not be read.
        package var refusals: [Refusal] = []
        /// Folders that could not be read. What is in them is not known.
        package var missing: [Refusal] = []
        /// Bytes of all files, and names of all that was listed.
        fileprivate var (bytes, names) = (0, 0)

        package init() {}

        /// A sentence for each folder that could not be read.
        package var problems: [String] { missing.map { "the folder \($0.value) of traefik-file \($0.reason)" } }

        fileprivate func isMissing(_ folder: String) -> Bool { missing.contains { $0.value == folder } }

        fileprivate mutating func miss(_ folder: String, _ reason: String) {
            let origin = Origin(kind: .file, id: folder, name: folder)
            missing.append(Refusal(origin: origin, label: Refusal.folderLabel, value: folder, reason: reason))
        }
    }

    private let folders: [String]
    private let files: any Files

    package init(_ folders: [String], _ files: any Files) { (self.folders, self.files) = (folders, files) }

    package func read() -> Reading {
        var reading = Reading()
        for folder in folders {
            let before = reading.files.count + reading.refusals.count
            read(folder, of: folder, into: &reading, depth: 0)
            guard reading.files.count + reading.refusals.count == before, reading.missing.isEmpty else { continue }
            reading.miss(
                folder,
                "holds no file, as if it were not mounted; if that is meant, take it out of LANDFALL_SOURCES"
            )
        }
        return reading
    }

    private func read(_ folder: String, of root: String, into reading: inout Reading, depth: Int) {
        let names: [String]
        do throws(FileError) {
            names = try files.list(folder, for: .run).filter { !$0.hasPrefix(".") }
        } catch {
            return reading.miss(folder, "cannot be read: \(error)")
        }
        reading.names += names.count
        for name in names where !reading.isMissing(root) {
            let path = "\(folder)/\(name)"
            if reading.names > Self.mostNames {
                reading.miss(root, "holds more than \(Self.mostNames) files")
            } else if [".yml", ".yaml", ".toml"].contains(where: name.lowercased().hasSuffix) {
                // Only a file may end in this; nothing else has to be looked at.
                guard reading.files.count + reading.refusals.count < Self.mostFiles else {
                    return reading.miss(root, "holds more than \(Self.mostFiles) files")
                }
                guard reading.bytes < Self.mostBytes else {
                    return reading.miss(root, "holds more than \(Self.mostBytes >> 20) MiB")
                }
                read(file: path, into: &reading)
            } else if let found = try? files.information(path, for: .run), found.isOwnDirectory {
                guard depth < Self.deepest else {
                    return reading.miss(root, "is nested deeper than \(Self.deepest) folders, at \(path)")
                }
                read(path, of: root, into: &reading, depth: depth + 1)
            }
        }
    }

    private func read(file path: String, into reading: inout Reading) {
        do throws(FileError) {
            let bytes = try files.read(path, limit: DeclaringFile.longest, for: .run)
            // Traefik takes it for one without routers. It is more likely to be written right now, or its disk is full.
            guard bytes.contains(where: { !isSpace($0) }) else { throw .failed(path, reason: "is empty") }
            reading.bytes += bytes.count
            reading.files.append(DeclaringFile(path: path, bytes: bytes))
        } catch {
            let origin = Origin(kind: .file, id: path, name: path)
            reading.refusals.append(
                Refusal(origin: origin, label: "file", value: path, reason: "it cannot be read: \(error)")
            )
        }
    }
}

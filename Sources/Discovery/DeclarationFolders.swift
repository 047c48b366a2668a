package import Declarations
package import Model
package import Ports

/// Reads folders with files that declare hosts to a proxy.
package struct DeclarationFolders {
    /// Files of a folder and of those in it, and how deep it is nested.
    private static let (mostFiles, deepest) = (2000, 5)

    package struct Reading: Sendable {
        package var files: [DeclaringFile] = []
        /// Files that could not be read.
        package var refusals: [Refusal] = []
        /// Folders that could not be read, a sentence each. What is in them is not known.
        package var problems: [String] = []

        package init() {}
    }

    private let folders: [String]
    private let files: any Files

    package init(_ folders: [String], _ files: any Files) { (self.folders, self.files) = (folders, files) }

    package func read() -> Reading {
        var reading = Reading()
        for folder in folders {
            do throws(FileError) {
                try read(folder, into: &reading, depth: 0)
            } catch {
                reading.problems.append("the folder of traefik-file cannot be read: \(error)")
            }
        }
        return reading
    }

    private func read(_ folder: String, into reading: inout Reading, depth: Int) throws(FileError) {
        for name in try files.list(folder, for: .run) where !name.hasPrefix(".") {
            let path = "\(folder)/\(name)"
            guard reading.files.count < Self.mostFiles else {
                reading.problems.append("\(folder) holds more than \(Self.mostFiles) files")
                return
            }
            // Only a file may end in this; nothing else has to be looked at.
            if [".yml", ".yaml", ".toml"].contains(where: name.lowercased().hasSuffix) {
                read(file: path, into: &reading)
            } else if depth < Self.deepest, (try? files.information(path, for: .run))?.kind == .directory {
                try read(path, into: &reading, depth: depth + 1)
            }
        }
    }

    private func read(file path: String, into reading: inout Reading) {
        do throws(FileError) {
            reading.files.append(
                DeclaringFile(path: path, bytes: try files.read(path, limit: DeclaringFile.longest, for: .run))
            )
        } catch {
            let origin = Origin(kind: .file, id: path, name: path)
            reading.refusals.append(
                Refusal(origin: origin, label: "file", value: path, reason: "it cannot be read: \(error)")
            )
        }
    }
}

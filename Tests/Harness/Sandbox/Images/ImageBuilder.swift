import Files
import Model
import Ports

/// Gathers a recipe's files and imports them.
struct ImageBuilder: Sendable {
    let folder: SandboxFolder
    let programs: ProgramRunner

    func build(_ recipe: ImageRecipe) async throws {
        let files = SystemFiles()
        let root = "\(folder)/image-\(recipe.name.split(separator: "/").last ?? "")"
        let archive = "\(root).tar"
        try await gather(recipe, in: root)
        try await programs.run(["tar", "-C", root, "-cf", archive, "."])
        let changes = recipe.changes.flatMap { ["--change", $0] }
        try await programs.run(["/usr/bin/docker", "import"] + changes + [archive, "\(recipe.name):latest"])
        try files.remove(root, for: .run)
        try files.remove(archive, for: .run)
    }

    private func gather(_ recipe: ImageRecipe, in root: String) async throws {
        for directory in ["/bin", "/etc"] + recipe.directories + recipe.owned {
            try TextFile.makeDirectory(root + directory)
        }
        for (path, text) in recipe.texts { try TextFile.write(text, to: root + path) }
        var copies = recipe.copies + recipe.programs
        let modules = try await sharedObjects(in: recipe.copies)
        for batch in recipe.programs.map({ [$0] }) + (modules.isEmpty ? [] : [modules]) {
            copies += try await libraries(of: batch)
        }
        try await programs.run(["cp", "--recursive", "--dereference", "--parents"] + Set(copies).sorted() + [root])
        if recipe.programs.contains("/usr/bin/busybox") {
            try await programs.run(["/usr/bin/busybox", "--install", "-s", "\(root)/bin"])
        }
        for directory in recipe.owned { try await programs.run(["chown", "5263:5263", root + directory]) }
    }

    private func sharedObjects(in places: [String]) async throws -> [String] {
        guard !places.isEmpty else { return [] }
        let found = try await programs.run(["find"] + places + ["-name", "*.so", "-type", "f"])
        return found.split(separator: "\n").map(String.init)
    }

    /// The shared libraries that the loader would take.
    private func libraries(of objects: [String]) async throws -> [String] {
        // ldd fails for a static program, which needs none.
        guard let output = try? await programs.run(["ldd"] + objects) else { return [] }
        return output.split(separator: "\n").compactMap { line in
            line.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("/") && !$0.hasSuffix(":") }.map(
                String.init
            )
        }
    }
}

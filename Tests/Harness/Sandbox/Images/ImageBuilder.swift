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
        for directory in ["/bin", "/etc"] + recipe.directories { try TextFile.makeDirectory(root + directory) }
        for (path, text) in recipe.texts { try TextFile.write(text, to: root + path) }
        var copies = recipe.copies + recipe.programs
        for program in recipe.programs { copies += try await libraries(of: program) }
        try await programs.run(["cp", "--recursive", "--dereference", "--parents"] + Set(copies).sorted() + [root])
        if recipe.programs.contains("/usr/bin/busybox") {
            try await programs.run(["/usr/bin/busybox", "--install", "-s", "\(root)/bin"])
        }
    }

    /// The shared libraries that the loader would take.
    private func libraries(of program: String) async throws -> [String] {
        // ldd fails for a static program, which needs none.
        guard let output = try? await programs.run(["ldd", program]) else { return [] }
        return output.split(separator: "\n").compactMap { line in
            line.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("/") }.map(String.init)
        }
    }
}

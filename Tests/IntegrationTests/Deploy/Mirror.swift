import FoundationEssentials
import Model
import Processes
import Sandbox
import TestSupport

/// Debian's packages and certbot's modules, as `deploy/mirror.sh` gathers them, for engines that reach no registry.
enum Mirror {
    static let folder = "/var/cache/landfall/mirror"
    private static let image = "landfall-test/debian"

    static var isThere: Bool { Disk.exists("\(folder)/stamp") }

    /// What a test without it is skipped for.
    static let reason = "long, and needs \(folder), which `make test-all` makes where Debian and the package index are reached"

    /// Makes an image as `debian:bookworm-slim` is, whose apt and pip ask a server in the engine's network.
    /// - Returns: its name.
    static func base(on sandbox: Sandbox, folder: String) async throws -> String {
        let (plain, place) = ("\(image)-plain", "http://\(AddressBook.mirror)")
        try await sandbox.docker(["import", "--change", "CMD [\"bash\"]", "\(Mirror.folder)/root.tar", plain])
        try await sandbox.docker(
            ["run", "--detach", "--network", "host", "--volume", "\(Mirror.folder)/www:/www:ro"]
                + [ImageRecipe.busybox.name, "httpd", "-f", "-p", AddressBook.mirror, "-h", "/www"]
        )
        let context = "\(folder)/base"
        try Disk.makeFolder(context)
        try Disk.write("deb [trusted=yes] \(place)/debian ./\n", to: "\(context)/sources.list")
        let pip = [
            "[global]", "no-index = true", "find-links = \(place)/wheels/index.html",
            "trusted-host = \(AddressBook.mirror.prefix { $0 != ":" })",
        ]
        try Disk.write(pip.joined(separator: "\n") + "\n", to: "\(context)/pip.conf")
        try Disk.write(
            "FROM \(plain)\nRUN rm -rf /etc/apt/sources.list.d\nCOPY sources.list /etc/apt/\nCOPY pip.conf /etc/\n",
            to: "\(context)/Dockerfile"
        )
        try await sandbox.docker(["build", "--tag", image, context])
        return image
    }
}

/// Where things are in the engine's network.
enum AddressBook {
    /// The engine's public address, which containers reach too.
    static let mirror = "\(SandboxOptions().publicAddress):8000"
}

/// The project as it was checked out.
enum Checkout {
    static let top = #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined()

    /// The release build, stripped, which `make test-all` makes.
    static let binary = "\(top)/.build/image/landfall"

    /// Runs a program of the system's, with nothing of the user's environment.
    static func run(
        _ arguments: [String],
        environment: [String: String] = [:],
        limit: Duration = .seconds(300)
    ) async throws -> ProcessResult {
        let own = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent"]
        let request = ProcessRequest(
            arguments,
            environment: own.merging(environment) { $1 },
            directory: top,
            timeLimit: limit
        )
        return try await SpawnRunner().run(request, for: .run)
    }
}

import Files
import Model
import Ports

/// Debian's packages and the modules of certbot and lexicon as `deploy/mirror.sh` gathers them, for engines that reach no registry.
package struct PackageMirror: Sendable {
    package static let standard = PackageMirror(folder: "/var/cache/landfall/mirror")
    private static let image = "landfall-test/debian"
    /// In the engine's network, at an address that containers reach too.
    private static let host = SandboxOptions().publicAddress

    package let folder: String

    package var isThere: Bool { (try? SystemFiles().information("\(folder)/stamp", for: .run)) != nil }

    /// Builds Landfall's image around a binary, as `make image` does.
    ///
    /// - Parameters:
    ///   - checkout: the project's top folder, with the binary in `.build/image`.
    ///   - scratch: a folder for small files.
    ///   - arguments: build arguments besides, `NAME=VALUE`.
    package func buildLandfall(
        _ name: String,
        on sandbox: Sandbox,
        checkout: String,
        scratch: String,
        arguments: [String] = []
    ) async throws {
        let base = try await base(on: sandbox, context: "\(scratch)/base")
        try await sandbox.docker(
            ["build", "--file", "\(checkout)/deploy/Dockerfile", "--target", "prebuilt", "--tag", name]
                + ["DEBIAN_IMAGE=\(base)", "REVISION=tested"].flatMap { ["--build-arg", $0] }
                + arguments.flatMap { ["--build-arg", $0] } + [checkout],
            limit: .seconds(900)
        )
    }

    /// Makes an image as `debian:bookworm-slim` is, whose apt and pip ask a server in the engine's network.
    /// - Returns: its name.
    private func base(on sandbox: Sandbox, context: String) async throws -> String {
        let (plain, place) = ("\(Self.image)-plain", "\(Self.host):8000")
        try await sandbox.docker(["import", "--change", "CMD [\"bash\"]", "\(folder)/root.tar", plain])
        try await sandbox.docker(
            ["run", "--detach", "--network", "host", "--volume", "\(folder)/www:/www:ro", ImageRecipe.busybox.name]
                + ["httpd", "-f", "-p", place, "-h", "/www"]
        )
        try TextFile.makeDirectory(context)
        try TextFile.write("deb [trusted=yes] http://\(place)/debian ./\n", to: "\(context)/sources.list")
        try TextFile.write(
            """
            [global]
            no-index = true
            find-links = http://\(place)/wheels/index.html
            trusted-host = \(Self.host)

            """,
            to: "\(context)/pip.conf"
        )
        try TextFile.write(
            "FROM \(plain)\nRUN rm -rf /etc/apt/sources.list.d\nCOPY sources.list /etc/apt/\nCOPY pip.conf /etc/\n",
            to: "\(context)/Dockerfile"
        )
        try await sandbox.docker(["build", "--tag", Self.image, context])
        return Self.image
    }
}

import FoundationEssentials
import Model
import Sandbox
import TestSupport
import Testing

/// The image around the release build, as `make image` makes it: built once, in a world of its own, for all its tests.
struct BuiltImage {
    static let name = "landfall:0.1.0"
    private static let building = Task { try await build() }

    /// As `docker load` takes it.
    var archive: String { "\(folder.path)/landfall.tar" }
    let facts: ImageFacts
    private let folder: TemporaryFolder

    static func built() async throws -> BuiltImage { try await building.value }

    private static func build() async throws -> BuiltImage {
        let folder = try TemporaryFolder()
        var facts: ImageFacts?
        try await SandboxAccess.useOwn(SandboxOptions()) { access in
            let sandbox = access.sandbox
            try await PackageMirror.standard.buildLandfall(
                name,
                on: sandbox,
                checkout: Checkout.top,
                scratch: folder.path
            )
            let text = try await sandbox.docker(["image", "inspect", "--format", "{{json .}}", name])
            facts = try JSONDecoder().decode(ImageFacts.self, from: Data(text.utf8))
            try await sandbox.docker(["save", "--output", "\(folder.path)/landfall.tar", name], limit: .seconds(300))
        }
        return BuiltImage(facts: try #require(facts), folder: folder)
    }

    private init(facts: ImageFacts, folder: TemporaryFolder) { (self.facts, self.folder) = (facts, folder) }
}

/// What the engine tells of the image.
struct ImageFacts: Decodable {
    struct Settings: Decodable {
        let User: String
        let StopSignal: String
        let Healthcheck: Check
        let Labels: [String: String]
        let Entrypoint: [String]
    }

    struct Check: Decodable {
        let Test: [String]
    }

    let Size: Int
    let Architecture: String
    let Config: Settings
}

/// What it tells of a container.
struct ContainerFacts: Decodable {
    struct Host: Decodable {
        let ReadonlyRootfs: Bool
        let CapDrop: [String]?
        let Init: Bool?
        let Memory: Int
    }

    struct Status: Decodable {
        let Status: String
        let ExitCode: Int
        let Health: Health?
    }

    struct Health: Decodable {
        let Status: String
    }

    let HostConfig: Host
    let State: Status
}

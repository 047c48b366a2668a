import FoundationEssentials
import Model
import Ports

extension EngineClient {
    /// Makes a service of Landfall's own that runs once on every node it may run on, and is then removed; returns its ID. It has
    /// only the access that its task needs: to the engine of its node. The nodes pull its image with `login`.
    ///
    /// A global service and no job: a job that fails on two nodes is retried for ever. It requests no network; its container
    /// still gets an address in the node's own bridge, because a Swarm has no `none`. All `constraints` must hold.
    package func createHelper(
        _ name: String,
        labels: [String: String],
        image: String,
        arguments: [String],
        constraints: [String],
        login: RegistryLogin?
    ) async throws(EngineError) -> String {
        let socket = "/var/run/docker.sock"
        let container: JSONValue = [
            "Image": .string(image), "Args": .strings(arguments), "User": "0", "ReadOnly": true,
            "Env": [.string("DOCKER_HOST=unix://\(socket)")],
            "Mounts": [["Type": "bind", "Source": .string(socket), "Target": .string(socket)]],
            "CapabilityDrop": ["ALL"], "StopGracePeriod": 1_000_000_000,
        ]
        // What it says is read through the Swarm, whatever else the engines do with logs.
        let template: JSONValue = [
            "ContainerSpec": container, "Placement": ["Constraints": .strings(constraints)],
            "RestartPolicy": ["Condition": "none"], "LogDriver": ["Name": "json-file"],
        ]
        // https://docs.docker.com/reference/api/engine/version/v1.51/#tag/Service/operation/ServiceCreate
        let body: JSONValue = [
            "Name": .string(name), "Labels": .strings(labels), "TaskTemplate": template, "Mode": ["Global": [:]],
        ]
        let headers = login.map { [HTTPHeader("X-Registry-Auth", secret: $0.header(for: image).revealed)] } ?? []
        let made: ServiceCreated = try await post("/services/create", headers: headers, body: body)
        return made.id
    }
}

/// The credentials for an image's registry.
package struct RegistryLogin: Sendable {
    private let name: String
    private let password: Secret

    /// Takes `NAME:PASSWORD`.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        (name, password) = (String(parts[0]), Secret(String(parts[1])))
    }

    /// As the header X-Registry-Auth has it (https://docs.docker.com/reference/api/engine/#section/Authentication).
    func header(for image: String) -> Secret {
        let login: JSONValue = [
            "username": .string(name), "password": .string(password.revealed),
            "serveraddress": .string(Self.registry(of: image)),
        ]
        let base64 = Data(login.bytes).base64EncodedString()
        return Secret(base64.replacing("+", with: "-").replacing("/", with: "_"))
    }

    /// The first part of an image's name, where that is a host's (https://pkg.go.dev/github.com/distribution/reference).
    static func registry(of image: String) -> String {
        let parts = image.split(separator: "/", maxSplits: 1)
        guard parts.count == 2, parts[0].contains(where: { ".:".contains($0) }) || parts[0] == "localhost" else {
            return "https://index.docker.io/v1/"
        }
        return String(parts[0])
    }
}

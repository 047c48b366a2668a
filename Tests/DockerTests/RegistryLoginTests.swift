import FoundationEssentials
import Model
import Testing

@testable import Docker

@Suite struct RegistryLoginTests {
    @Test func `a login is sent as the engine reads it`() throws {
        let login = try #require(RegistryLogin("robot:pass:word?~"))
        let text = login.header(for: "registry.example.org:5000/tools/landfall:1").revealed
        #expect(text.allSatisfy { $0.isLetter || $0.isNumber || "-_=".contains($0) })
        let base64 = text.replacing("-", with: "+").replacing("_", with: "/")
        let data = try #require(Data(base64Encoded: base64))
        #expect(
            String(decoding: data, as: UTF8.self)
                == #"{"password":"pass:word?~","serveraddress":"registry.example.org:5000","username":"robot"}"#
        )
    }

    @Test(arguments: [
        ("landfall", "https://index.docker.io/v1/"), ("me/landfall:1", "https://index.docker.io/v1/"),
        ("ghcr.io/me/landfall@sha256:1", "ghcr.io"), ("localhost/landfall", "localhost"),
        ("registry:5000/landfall", "registry:5000"),
    ])
    func `a registry is the host in an image's name`(image: String, registry: String) {
        #expect(RegistryLogin.registry(of: image) == registry)
    }

    @Test(arguments: ["", "robot", ":secret", "robot:"])
    func `what is no login is refused`(text: String) {
        #expect(RegistryLogin(text) == nil)
    }
}

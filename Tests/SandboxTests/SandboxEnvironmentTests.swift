import Glibc
import Testing

@testable import Sandbox

@Suite struct SandboxEnvironmentTests {
    @Test func `exports are in order, and quoted where a shell would read more into them`() {
        let environment = SandboxEnvironment(["B": "https://127.0.0.1:1/x", "A": "it's $HOME", "C": ""])
        #expect(environment.exports == "export A='it'\\''s $HOME'\nexport B=https://127.0.0.1:1/x\nexport C=''\n")
    }

    @Test func `what is written is read back`() throws {
        let path = "/tmp/landfall-environment-\(getpid())"
        defer { unsafe unlink(path) }
        let environment = SandboxEnvironment(["A": "1=2", "B": ""])
        try environment.write(to: path)
        #expect(SandboxEnvironment.read(from: path) == environment)
        #expect(SandboxEnvironment.read(from: path + "-missing") == nil)
    }

    @Test func `a program sees nothing of the user's that could lead out of the sandbox`() {
        for name in ["DOCKER_HOST", "DOCKER_TLS_VERIFY", "CLOUDFLARE_API_TOKEN", "LANDFALL_ZONES", "HTTPS_PROXY"] {
            #expect(CleanEnvironment.harmless(["PATH": "/bin", name: "mine"]) == ["PATH": "/bin"])
        }
    }
}

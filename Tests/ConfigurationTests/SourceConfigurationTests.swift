import Configuration
import Discovery
import Testing

@Suite struct SourceConfigurationTests {
    private func read(_ environment: [String: String]) throws -> SourceSettings {
        try Configuration(environment: environment, files: MemoryFiles(contents: [:])).discovery.sources
    }

    private func problems(_ environment: [String: String]) -> [String] {
        do {
            _ = try read(environment)
            return []
        } catch let error as ConfigurationError {
            return error.problems
        } catch {
            return ["\(error)"]
        }
    }

    @Test func `without a source only labels of Landfall's own are read`() throws {
        let settings = try read([:])
        #expect(settings.names == [.landfall] && !settings.readsMore && !settings.areAccepted)
    }

    @Test func `sources are listed in the order in which they count`() throws {
        let settings = try read([
            "LANDFALL_SOURCES": "traefik, landfall,traefik-file:/etc/a/,traefik-file:/etc/b, caddy ,nginx-proxy",
            "LANDFALL_SOURCE_ACCEPT": "yes",
        ])
        #expect(settings.names == [.traefik, .landfall, .traefikFile, .caddy, .nginxProxy])
        #expect(settings.folders == ["/etc/a", "/etc/b"])
        #expect(settings.readsMore && settings.areAccepted)
    }

    @Test func `Traefik's options are given as its command line is, on several lines and with its templates`() {
        let lines = """
            - --providers.swarm.exposedbydefault=false
            - "--providers.swarm.defaultrule=Host(`{{ normalize .Name }}.example.org`)"
            - --certificatesresolvers.le.acme.email=${EMAIL}
            """
        #expect(problems(["LANDFALL_SOURCES": "traefik", "LANDFALL_TRAEFIK_OPTIONS": lines]) == [])
    }

    @Test func `files of Traefik v1 are not read, and that is said`() {
        let changes = ["LANDFALL_SOURCES": "traefik,traefik-file:/etc/a", "LANDFALL_TRAEFIK_VERSION": "1"]
        #expect(problems(changes).count == 1)
    }

    @Test(arguments: [
        ("LANDFALL_SOURCES", "haproxy"), ("LANDFALL_SOURCES", "traefik-file"), ("LANDFALL_SOURCES", "traefik-file:etc"),
        ("LANDFALL_SOURCE_CERTIFICATES", "both"), ("LANDFALL_TRAEFIK_VERSION", "4"),
        ("LANDFALL_TRAEFIK_ELSEWHERE", "auth"),
        ("LANDFALL_PROXY_ENVIRONMENT", "DOMAIN"), ("LANDFALL_SOURCE_ACCEPT", "perhaps"),
    ]) func `what is no source or no option of one is refused`(name: String, value: String) {
        #expect(problems([name: value]).count == 1)
    }
}

import Glibc
import Model
import Ports
import Sandbox
import TestSupport
import Testing

extension IntegrationTests {
    /// Stacks as people have them, with the real proxies: Landfall comes beside them, and nothing else changes.
    @Suite struct UnchangedStackTests {
        @Test func `Traefik's hosts get their records once its sources are accepted, and it serves them`() async throws
        {
            let program = try ProxyPrograms.traefik()
            try await SandboxFixture.use { fixture in
                let stack = try TraefikStack(fixture, program)
                let (hello, blog) = (stack.host("hello"), stack.host("blog"))
                let doors = try await stack.deploy()
                defer { doors.forEach { $0.close() } }
                let landfall = try await fixture.launch(stack.sources)
                // The first contact: the plan as log, page and notice show it, and no record.
                let told = try await fixture.awaitMessage(
                    about: "the source traefik is new and waits: it would request 1 record"
                )
                #expect(told.contains("Landfall watches 0 hosts"))
                try await fixture.awaitMessage(about: "the source traefik-file is new and waits")
                let page = try await fixture.ask("/api/status").text
                #expect(page.contains("landfall once --accept-source traefik-file"))
                #expect(fixture.endOfLog.contains("landfall once --accept-source traefik"), "\(fixture.endOfLog)")
                let plan = try await fixture.command("plan", changes: stack.sources)
                for host in [hello, blog] { #expect(plan.outputText.contains("+ \(host)  A "), "\(plan.outputText)") }
                #expect(try await fixture.writes().isEmpty)

                let first = try await fixture.command("once", "--accept-source", "traefik", changes: stack.sources)
                #expect(first.end == .exited(0) && first.outputText.contains(hello), "\(first.outputText)")
                try await fixture.awaitAddress(of: hello)
                #expect(try await fixture.addresses(of: blog).isEmpty)
                _ = try await fixture.command("once", "--accept-source", "traefik-file", changes: stack.sources)
                try await fixture.awaitAddress(of: blog)
                try await fixture.expectPage(of: hello, "given a label")
                try await fixture.expectPage(of: blog, "second site")

                // From now on what is declared is requested, in labels and in files.
                try stack.write(host: stack.host("shop"), to: "shop.yml")
                try await fixture.awaitAddress(of: stack.host("shop"))
                let explanation = try await fixture.command("explain", hello, changes: stack.sources).outputText
                #expect(explanation.contains("traefik: router hello has the resolver letsencrypt"), "\(explanation)")
                #expect(Disk.names(in: "\(fixture.certificates)/live").isEmpty)
                await landfall.dismiss()
            }
        }

        @Test func `Caddy proves by the record that a host is its own`() async throws {
            let program = try ProxyPrograms.caddy()
            let address = "127.53.200.3"
            try await SandboxFixture.use { fixture in
                let host = fixture.host("hello")
                try await fixture.runContainer("hello", ["caddy": host, "caddy.respond": #""Hello from Caddy""#])
                let sources = ["LANDFALL_SOURCES": "caddy", "LANDFALL_SOURCE_ACCEPT": "yes", "LANDFALL_IP": address]
                try await fixture.launch(sources)
                try await fixture.awaitAddress(address, of: host)
                let file = "\(fixture.folder)/Caddyfile"
                // What caddy-docker-proxy makes of these labels, with this world's authority and the ports that it looks at.
                try Disk.write(
                    """
                    {
                        admin off
                        default_bind \(address)
                        http_port 5002
                        https_port 5001
                        acme_ca \(fixture.access.variables["CERTBOT_SERVER"] ?? "")
                        acme_ca_root \(fixture.access.sandbox.folder.serverAuthority)
                    }
                    \(host) {
                        respond "Hello from Caddy"
                    }

                    """,
                    to: file
                )
                let home = ["HOME": fixture.folder, "XDG_DATA_HOME": "\(fixture.folder)/caddy"]
                let caddy = Task {
                    try await Checkout.run(
                        [program, "run", "--adapter", "caddyfile", "--config", file],
                        environment: home
                    )
                }
                defer { caddy.cancel() }
                try await eventually("https://\(host)", within: .seconds(60)) {
                    let page = try await Checkout.run(
                        ["curl", "--silent", "--max-time", "5", "--cacert", fixture.access.sandbox.folder.issuingRoot]
                            + ["--resolve", "\(host):5001:\(address)", "https://\(host):5001/"]
                    )
                    return page.outputText == "Hello from Caddy"
                }
                #expect(Disk.names(in: "\(fixture.certificates)/live").isEmpty)
            }
        }

        @Test func `a service that speaks to nginx-proxy gets a record and a certificate, and nginx serves it`()
            async throws
        {
            try await SandboxFixture.use { fixture in
                let (host, certificates) = (fixture.host("hello"), "\(fixture.folder)/certs")
                for folder in [certificates, fixture.certificates] { try Disk.makeFolder(folder) }
                try Disk.write(Self.nginx, to: "\(fixture.folder)/nginx.sh")
                let file = "\(fixture.folder)/nginx.yml"
                try Disk.write(
                    """
                    version: "3.8"
                    services:
                      hello:
                        image: \(ImageRecipe.busybox.name)
                        command: sh -c "echo Hello >/www/index.html; exec httpd -f -p 8080 -h /www"
                        environment: { VIRTUAL_HOST: \(host), VIRTUAL_PORT: "8080", ACME_HOST: \(host) }
                        deploy: { endpoint_mode: dnsrr }
                      nginx:
                        image: \(ImageRecipe.nginx.name)
                        command: sh \(fixture.folder)/nginx.sh
                        labels: { landfall.signal: HUP }
                        volumes: ["\(fixture.folder):\(fixture.folder):ro", "\(certificates):/etc/nginx/certs:ro"]
                        ports: [{ target: 443, published: 443, mode: host }]
                        deploy: { endpoint_mode: dnsrr }

                    """,
                    to: file
                )
                try await fixture.deployStack(files: [file])
                let sources = ["LANDFALL_SOURCES": "nginx-proxy", "LANDFALL_SOURCE_ACCEPT": "yes"]
                let hook = try Self.documentedHook().replacing("/srv/nginx-certs", with: certificates)
                try await fixture.launch(sources.merging(["CERTBOT_DEPLOY_HOOK": hook]) { $1 })
                // A container by itself speaks to nginx-proxy as well.
                let other = fixture.host("other")
                try await fixture.runContainer("other", [:], ["--env", "VIRTUAL_HOST=\(other)"])
                try await fixture.awaitAddress(of: other)
                try await fixture.expectPage(of: host, "Hello")
            }
        }

        /// As docker-gen does it by nginx-proxy's template: a server for a host as soon as its certificate is there.
        private static let nginx = #"""
            render() {
                for file in /etc/nginx/certs/*.crt; do
                    [ -e "$file" ] || continue
                    name=$(basename "$file" .crt)
                    echo "server { server_name $name; listen 443 ssl; ssl_certificate $file;
                        ssl_certificate_key /etc/nginx/certs/$name.key;
                        set \$site hello; location / { proxy_pass http://\$site:8080; } }"
                done >/etc/nginx/conf.d/default.conf
            }
            echo 'error_log stderr; events {} http { resolver 127.0.0.11; include /etc/nginx/conf.d/*.conf; }' >/tmp/nginx.conf
            render
            nginx -c /tmp/nginx.conf -g 'daemon off;' &
            nginx=$!
            trap 'render; kill -HUP $nginx' HUP
            trap 'kill $nginx' TERM
            while kill -0 $nginx; do wait $nginx || :; done
            """#

        /// The hook that deploy/examples/nginx-proxy/compose.yaml shows.
        private static func documentedHook() throws -> String {
            let text = try #require(Disk.text("\(Checkout.top)/deploy/examples/nginx-proxy/compose.yaml"))
            let lines = text.split(separator: "\n").drop { !$0.contains("CERTBOT_DEPLOY_HOOK") }.dropFirst()
            return lines.prefix { !$0.contains("volumes:") }.map { $0.dropFirst() }.joined()
                .replacing("$$", with: "$")
        }
    }
}

/// The stack of deploy/examples/traefik, in a world whose authority and name server are its own.
private struct TraefikStack {
    private let fixture: SandboxFixture
    private let program: String
    private let example = "\(Checkout.top)/deploy/examples/traefik"
    private let text: String

    init(_ fixture: SandboxFixture, _ program: String) throws {
        (self.fixture, self.program) = (fixture, program)
        text = try #require(Disk.text("\(example)/stack.yml"))
    }

    func host(_ label: String) -> String { "\(label).\(domain)" }
    private var domain: String { "\(fixture.token).\(SandboxFixture.zone)" }
    private var dynamic: String { "\(fixture.folder)/dynamic" }
    private var doorsAreOpen: String { "\(fixture.folder)/open" }

    /// What is new beside the stack.
    var sources: [String: String] {
        [
            "LANDFALL_SOURCES": "traefik,traefik-file:\(dynamic)",
            "LANDFALL_TRAEFIK_OPTIONS": text.split(separator: "\n").filter { $0.contains("- --") }.joined(
                separator: "\n"
            ),
        ]
    }

    /// Writes the dynamic file of the example for another host.
    func write(host: String, to name: String) throws {
        let file = try #require(Disk.text("\(example)/dynamic/blog.yml"))
        let label = name.split(separator: ".")[0]
        let own = file.replacing("blog.example.test", with: host).replacing("blog-", with: "\(label)-")
        try Disk.write(own, to: "\(dynamic)/\(name)")
    }

    /// - Returns: its ways to the world's servers, which are open.
    func deploy() async throws -> [Door] {
        let (folder, sandbox) = (fixture.folder, fixture.access.sandbox)
        try Disk.makeFolder(dynamic)
        try write(host: host("blog"), to: "blog.yml")
        let names = try #require(fixture.access.variables["LANDFALL_RESOLVERS"])
        let key = Disk.text(sandbox.folder.updateKey)?.firstMatch(of: /secret "([^"]*)"/)
        let secret = try #require(key).1
        let resolver = "--certificatesresolvers.letsencrypt.acme"
        let more = [
            "\(resolver).caserver=\(fixture.access.variables["CERTBOT_SERVER"] ?? "")",
            "\(resolver).cacertificates=/ca.pem",
            "\(resolver).dnschallenge.resolvers=\(names)",
            // The engine's own name server does not know the zone's by their names.
            "\(resolver).dnschallenge.propagation.disableanschecks=true", "--providers.swarm.refreshseconds=1",
        ]
        let last = "      - \(resolver).dnschallenge.provider=${ACME_DNS_PROVIDER:-cloudflare}\n"
        let own = text.replacing(last, with: last + more.map { "      - \($0)\n" }.joined())
            .replacing("file: ../nginx/", with: "file: \(Checkout.top)/deploy/examples/nginx/")
        try Disk.write(own, to: "\(folder)/traefik.yml")
        // Traefik asks for its certificates once, at its start: only when its way out is there.
        try Disk.write(
            """
            version: "3.8"
            services:
              traefik:
                entrypoint: ["/bin/sh", "-c", "until [ -e \(doorsAreOpen) ]; do sleep 0.1; done; exec /traefik \\"$$@\\"", "traefik"]
                environment:
                  RFC2136_NAMESERVER: "\(names)"
                  RFC2136_TSIG_ALGORITHM: hmac-sha256.
                  RFC2136_TSIG_KEY: sandbox
                  RFC2136_TSIG_SECRET: "\(secret)"
                volumes:
                  - \(program):/traefik:ro
                  - \(sandbox.folder.serverAuthority):/ca.pem:ro
                  - \(folder):\(folder):ro

            """,
            to: "\(folder)/world.yml"
        )
        let busybox = ImageRecipe.busybox.name
        try await fixture.deployStack(
            files: ["\(folder)/traefik.yml", "\(folder)/world.yml"],
            [
                "TRAEFIK_IMAGE": busybox, "HELLO_IMAGE": busybox, "DOMAIN": domain, "DYNAMIC_FOLDER": dynamic,
                "ACME_DNS_PROVIDER": "rfc2136",
            ]
        )
        let filter = "label=com.docker.swarm.service.name=\(fixture.token)_traefik"
        let container = try await eventually("Traefik's container", within: .seconds(60)) {
            try await fixture.docker("ps", "--quiet", "--no-trunc", "--filter", filter).split(separator: "\n").first
        }
        let doors = try await DeployedStack(fixture).doors(into: String(container))
        try Disk.write("", to: doorsAreOpen)
        return doors
    }
}

extension SandboxFixture {
    /// Waits until a stranger gets the page by TLS, with a certificate of the world's authority.
    fileprivate func expectPage(of host: String, _ words: String) async throws {
        try await eventually("https://\(host)", within: .seconds(60)) {
            try await access.sandbox.fetch(host: host).contains(words)
        }
    }
}

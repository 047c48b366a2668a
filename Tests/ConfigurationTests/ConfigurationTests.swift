import Address
import Configuration
import DNS
import Discovery
import Docker
import Log
import Model
import Ports
import Records
import Testing

@Suite struct ConfigurationTests {
    private func read(_ environment: [String: String], files: [String: String] = [:]) throws -> Configuration {
        try Configuration(environment: environment, files: MemoryFiles(contents: files))
    }

    private func problems(_ environment: [String: String], files: [String: String] = [:]) -> [String] {
        do {
            _ = try read(environment, files: files)
            return []
        } catch let error as ConfigurationError {
            return error.problems
        } catch {
            return ["\(error)"]
        }
    }

    @Test func `an empty environment is a configuration`() throws {
        let configuration = try read([:])
        #expect(configuration.engine.description == "unix:///var/run/docker.sock")
        #expect(configuration.cloudflare == nil)
        #expect(configuration.schedule.quiet == .seconds(2))
        #expect(configuration.schedule.interval == .seconds(300))
        #expect(configuration.discovery.allowedZones == nil)
        #expect(configuration.certificates.server == "https://acme-v02.api.letsencrypt.org/directory")
        #expect(configuration.discovery.hostLabels == ["landfall.host", "discovery.domain.name"])
        #expect(configuration.discovery.signalLabels == ["landfall.signal", "domain.automation.signal"])
    }

    @Test func `deleting needs a configured instance`() throws {
        let policy = ["LANDFALL_DNS_POLICY": "sync"]
        let refused = problems(policy)
        #expect(refused.count == 1 && refused[0].contains("needs LANDFALL_INSTANCE to be set"))
        let named = policy.merging(["LANDFALL_INSTANCE": "default", "LANDFALL_DNS_GRACE": "1h"]) { $1 }
        let records = try read(named).records
        #expect(records.policy.mode == .sync)
        #expect(records.policy.grace == .seconds(3600))
        #expect(try read([:]).records.policy.grace == .seconds(600))
    }

    @Test(arguments: [
        ("LANDFALL_QUIET", "soon", "LANDFALL_QUIET takes a duration: 500ms, 2s; got `soon`"),
        ("LANDFALL_DNS_POLICY", "mirror", "LANDFALL_DNS_POLICY takes upsert, create or sync; got `mirror`"),
        ("LANDFALL_DNS_GRACE", "never", "LANDFALL_DNS_GRACE takes a duration: 10m, 1h; got `never`"),
        ("LANDFALL_DNS", "maybe", "LANDFALL_DNS takes on or off; got `maybe`"),
        ("LANDFALL_ZONES", "example.org, no_good", "LANDFALL_ZONES takes domain names, comma separated; got `no_good`"),
        ("LANDFALL_ZONES", ", ,", "LANDFALL_ZONES takes domain names, comma separated; got `, ,`"),
        ("CERTBOT_SERVER", "http://acme.test/dir", "CERTBOT_SERVER takes an https URL; got `http://acme.test/dir`"),
        (
            "CERTBOT_PROGRAM", "bin/certbot",
            "CERTBOT_PROGRAM takes an absolute path, or a name on the PATH; got `bin/certbot`"
        ),
        ("CERTBOT_KEY_TYPE", "dsa", "CERTBOT_KEY_TYPE takes ecdsa or rsa; got `dsa`"),
        ("CERTBOT_KEY_SIZE", "4096", "CERTBOT_KEY_SIZE needs CERTBOT_KEY_TYPE, which is not set"),
        ("CERTBOT_PROFILE", "a b", "CERTBOT_PROFILE takes a profile's name: shortlived, tlsserver; got `a b`"),
        ("LANDFALL_KEY_GROUP", "-x", "LANDFALL_KEY_GROUP takes a group's name or number; got `-x`"),
        ("CERTBOT_EAB_KID", "x", "CERTBOT_EAB_KID and CERTBOT_EAB_HMAC_KEY need each other: set both or neither"),
        (
            "CERTBOT_CREDENTIALS", "key = x",
            "CERTBOT_AUTHENTICATOR is `landfall`, and CERTBOT_CREDENTIALS are for one of certbot's plugins"
        ),
        (
            "CERTBOT_ARGUMENTS", "--must-staple --config-dir /x",
            "CERTBOT_ARGUMENTS does not allow `--config-dir`: Landfall sets it itself, or it is not known to be safe"
        ),
        (
            "CERTBOT_ARGUMENTS", "0123456789abcdef",
            "CERTBOT_ARGUMENTS holds a word that is neither an option nor the value of one"
        ),
        ("CERTBOT_EMAIL", "--config=x", "CERTBOT_EMAIL takes an e-mail address; got `--config=x`"),
        ("LANDFALL_CONCURRENCY", "0", "LANDFALL_CONCURRENCY takes a number from 1 to 32; got `0`"),
        (
            "LANDFALL_INSTANCE", "a b",
            "LANDFALL_INSTANCE takes 1 to 40 letters, digits, dots, hyphens or underscores; got `a b`"
        ),
        ("CERTBOT_CONFIG_DIR", "../etc", "CERTBOT_CONFIG_DIR takes a folder; got `../etc`"),
        ("CERTBOT_CONFIG_DIR", "/a/../\u{301}b", "CERTBOT_CONFIG_DIR takes a folder; got `/a/../\u{301}b`"),
        (
            "DOCKER_HOST", "ssh://me@host",
            "DOCKER_HOST: ssh:// is not supported; forward the socket and use unix:// or tcp://"
        ),
        (
            "LANDFALL_RESOLVERS", "dns.google",
            "LANDFALL_RESOLVERS takes ADDRESS or ADDRESS:PORT, comma separated; got `dns.google`"
        ),
        (
            "LANDFALL_IP", "here",
            "LANDFALL_IP: `here` is none of these: "
                + "`auto`, `off`, an address, `interface:NAME`, or https URLs separated by commas"
        ),
        ("LANDFALL_LOG_LEVEL", "loud", "LANDFALL_LOG_LEVEL takes debug, info, warning or error; got `loud`"),
    ])
    func `a wrong value is one line that says what it takes`(name: String, value: String, line: String) {
        #expect(problems([name: value]) == [line])
    }

    @Test func `all errors are reported at once`() {
        #expect(problems(["LANDFALL_QUIET": "x", "LANDFALL_MAX_WAIT": "y"]).count == 2)
    }

    @Test func `a wrong secret is not quoted`() {
        let found = problems(["SLACK_WEBHOOK_URL": "hunter2"])
        #expect(found == ["SLACK_WEBHOOK_URL takes an http(s) URL; its value is not valid"])
    }

    @Test func `a value may come from a file, and its line end is dropped`() throws {
        let configuration = try read(
            ["CLOUDFLARE_API_TOKEN_FILE": "/run/secrets/token"],
            files: ["/run/secrets/token": "abc\n"]
        )
        guard case .token(let token)? = configuration.cloudflare?.credentials else {
            Issue.record("no token was read")
            return
        }
        #expect(token.revealed == "abc")
    }

    @Test func `a file that is missing, or a value given twice, is an error`() {
        #expect(problems(["SLACK_TOKEN_FILE": "/nowhere"]) == ["SLACK_TOKEN_FILE: /nowhere does not exist"])
        let twice = problems(["CERTBOT_EMAIL": "a@b.test", "CERTBOT_EMAIL_FILE": "/x"])
        #expect(twice == ["CERTBOT_EMAIL and CERTBOT_EMAIL_FILE are both set; keep one"])
    }

    @Test func `the environment has priority over the secrets file`() throws {
        let file = "# ours\nDEFAULT_DOMAIN = example.org\nLANDFALL_INSTANCE=file\n"
        let configuration = try read(["LANDFALL_INSTANCE": "environment"], files: [RawConfiguration.secretsFile: file])
        #expect(configuration.discovery.defaultDomain?.text == "example.org")
        #expect(configuration.instance == "environment")
    }

    @Test func `an invalid line of the secrets file is named by its number only`() {
        let found = problems([:], files: [RawConfiguration.secretsFile: "A=1\nhunter2\n"])
        #expect(found == ["/run/secrets/landfall: line 2 is not NAME=VALUE"])
    }

    @Test func `half of the global key pair is an error`() {
        #expect(problems(["CLOUDFLARE_EMAIL": "a@b.test"]).count == 1)
        #expect(problems(["CLOUDFLARE_TOKEN": "k"]).count == 1)
        #expect(problems(["CLOUDFLARE_TOKEN": "k", "CLOUDFLARE_EMAIL": "a@b.test"]).isEmpty)
    }

    @Test func `an engine whose certificate is not verified is warned of`() throws {
        let warning =
            "DOCKER_HOST: the engine's certificate is not verified, so any program that answers there is taken for the engine; "
            + "set DOCKER_TLS_VERIFY=1"
        #expect(try read(["DOCKER_HOST": "https://192.0.2.1"]).warnings == [warning])
        #expect(try read(["DOCKER_HOST": "https://192.0.2.1", "DOCKER_TLS_VERIFY": "1"]).warnings.isEmpty)
    }

    @Test func `rules across variables are checked`() {
        #expect(problems(["SLACK_TOKEN": "xoxb"]).count == 1)
        #expect(problems(["LANDFALL_MAX_WAIT": "1s"]).count == 1)
        #expect(problems(["CERTBOT_TIMEOUT": "1m"]).count == 1)
        #expect(problems(["LANDFALL_IP": "2001:db8::1"]) == ["LANDFALL_IP: 2001:db8::1 is no IPv4 address"])
        #expect(problems(["LANDFALL_IPV6": "192.0.2.1"]) == ["LANDFALL_IPV6: 192.0.2.1 is no IPv6 address"])
        #expect(problems(["LANDFALL_IP": "off"]).count == 1)
        #expect(problems(["LANDFALL_IP": "off", "LANDFALL_IPV6": "auto"]).isEmpty)
        #expect(problems(["CERTBOT_STAGING": "yes", "CERTBOT_SERVER": "https://acme.test/dir"]).count == 1)
    }

    @Test func `an unknown variable with Landfall's prefix is a warning`() throws {
        #expect(try read(["LANDFALL_INTERVALL": "5m"]).warnings.count == 1)
    }

    @Test func `an address that the Internet cannot reach is accepted with a warning`() throws {
        let (home, away) = (try read(["LANDFALL_IP": "192.168.1.10"]), try read(["LANDFALL_IP": "85.214.132.117"]))
        #expect(home.records.addressV4 == .fixed(try #require(IPAddress("192.168.1.10"))))
        #expect(home.records.addressV6 == .off && away.warnings.isEmpty)
        #expect(
            home.warnings == [
                "LANDFALL_IP: 192.168.1.10 is not a public address; the Internet cannot reach records with it"
            ]
        )
    }

    @Test(arguments: [("500ms", 500), ("2s", 2000), ("90", 90_000), ("5m", 300_000), ("1h", 3_600_000)])
    func `durations are read`(text: String, milliseconds: Int64) throws {
        let interval = try read(["LANDFALL_INTERVAL": text]).schedule.interval
        #expect(interval.milliseconds == milliseconds)
    }

    @Test(arguments: ["0s", "-1s", "1.5s", "5x", "", "999999999999999999999s", "٣s"])
    func `an invalid duration is refused`(text: String) {
        let found = problems(["LANDFALL_INTERVAL": text])
        #expect(found.count == 1)
    }

    @Test func `the help has every variable once`() {
        let names = Variable.all.map(\.name)
        #expect(Set(names).count == names.count)
        for name in names { #expect(Variable.help.contains("\n  \(name)\n")) }
    }

    @Test func `all configured values can be recorded, with placeholders for secrets`() throws {
        let configuration = try read(
            [
                "SLACK_TOKEN_FILE": "/slack", "SLACK_CHANNEL": "#ops", "LANDFALL_WEBHOOK_URL": "https://a.example/b/",
                "HOME": "/",
            ],
            files: [
                "/slack": "xoxb-0123456789\n",
                RawConfiguration.secretsFile: "CLOUDFLARE_API_TOKEN=0123456789\nDB_PASSWORD=x",
            ]
        )
        #expect(
            configuration.recordable == [
                "SLACK_TOKEN": "redacted-SLACK_TOKEN", "SLACK_CHANNEL": "#ops",
                "LANDFALL_WEBHOOK_URL": "https://redacted.invalid/LANDFALL_WEBHOOK_URL",
                "CLOUDFLARE_API_TOKEN": "redacted-CLOUDFLARE_API_TOKEN",
            ]
        )
        let secrets = Set(configuration.secrets.map(\.value.revealed))
        #expect(secrets == ["xoxb-0123456789", "https://a.example/b", "0123456789"])
        #expect(try Configuration(recorded: configuration.recordable).recordable == configuration.recordable)
    }

    @Test(arguments: [
        ("http://me:s%2Fcret@proxy:3128/", ["me:s%2Fcret@", "s%2Fcret", "s/cret", "bWU6cy9jcmV0"]),
        ("me:secret@proxy:3128", ["me:secret@", "secret", "bWU6c2VjcmV0"]), ("http://proxy:3128", []),
        ("http://me@proxy", ["me@", "bWU="]),
    ])
    func `a proxy's login is a secret`(proxy: String, hidden: [String]) throws {
        let configuration = try read(["https_proxy": proxy, "no_proxy": "localhost"])
        #expect(Set(configuration.proxyLogins.map(\.value.revealed)) == Set(hidden))
    }
}

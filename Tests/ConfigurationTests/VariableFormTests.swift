import DNS
import Model
import Testing

@testable import Configuration

/// What no value can look like, in every variable: one line that names the variable and quotes nothing.
@Suite struct VariableFormTests {
    private static let mark = "hunter2"
    private static let names = Variable.all.map(\.name)

    private static func names(without trait: Variable.Trait) -> [String] {
        Variable.all.filter { !$0.traits.contains(trait) }.map(\.name)
    }

    private func problems(_ environment: [String: String], files: [String: String] = [:]) -> [String] {
        do throws(ConfigurationError) {
            _ = try Configuration(environment: environment, files: MemoryFiles(contents: files))
            return []
        } catch {
            return error.problems
        }
    }

    /// Expects one line about `name`, which does not quote the value.
    private func expectRejection(of value: String, in name: String, _ clause: String) {
        let sources: [(String, [String: String], [String: String])] = [
            (name, [name: value], [:]), ("\(name)_FILE: /value", ["\(name)_FILE": "/value"], ["/value": value]),
        ]
        for (place, environment, files) in sources {
            let found = problems(environment, files: files)
            #expect(found.count == 1 && found.first?.hasPrefix("\(place) \(clause)") == true, "\(found)")
            #expect(!found.contains { $0.contains(Self.mark) || $0.contains("\n") }, "\(found)")
        }
    }

    @Test(arguments: names) func `a variable that is set and empty, or a file that is`(name: String) {
        for value in ["", " ", "\n"] { expectRejection(of: value, in: name, "is empty") }
        #expect(problems(["\(name)_FILE": ""]) == ["\(name)_FILE is empty; give it a value, or leave it out"])
    }

    @Test(arguments: names) func `control characters, and invisible marks`(name: String) {
        expectRejection(of: "\u{FEFF}\(Self.mark)", in: name, "holds a byte order mark (BOM)")
        expectRejection(of: "\(Self.mark)\u{0}x", in: name, "holds a control character")
        expectRejection(of: "\(Self.mark)\u{1B}[2J", in: name, "holds a control character")
        expectRejection(of: "\(Self.mark)\u{9B}x", in: name, "holds a control character")
        expectRejection(of: "\(Self.mark)\u{FFFD}", in: name, "is not valid UTF-8 text")
    }

    @Test(arguments: names(without: .lines)) func `line breaks`(name: String) {
        for line in ["\n", "\r\n", "\r", "\u{85}", "\u{2028}"] {
            expectRejection(of: "\(Self.mark)\(line)X-Auth-Email: x", in: name, "holds a line break")
        }
    }

    @Test(arguments: names) func `what stands around a value`(name: String) {
        for value in ["\"\(Self.mark)\"", "'\(Self.mark)'", "“\(Self.mark)”"] {
            expectRejection(of: value, in: name, "is in quotation marks")
        }
        expectRejection(of: "\(name)=\(Self.mark)", in: name, "repeats the variable's name")
    }

    @Test(arguments: names(without: .shell)) func `templates`(name: String) {
        for value in ["${\(Self.mark)}", "x${\(Self.mark):-y}", "$TOKEN", "{{ \(Self.mark) }}"] {
            expectRejection(of: value, in: name, "holds a placeholder")
        }
    }

    private static let words = Variable.all.filter {
        $0.isSecret && $0.traits.isDisjoint(with: [.lines, .words, .shell])
    }.map(\.name)

    @Test(arguments: words)
    func `what else a secret is not`(name: String) {
        expectRejection(of: "\(Self.mark) \(Self.mark)", in: name, "holds white space")
        expectRejection(of: "\(Self.mark)\u{A0}\(Self.mark)", in: name, "holds white space")
        expectRejection(of: "\(Self.mark)\u{200B}", in: name, "holds an invisible character")
        expectRejection(of: "Bearer \(Self.mark)", in: name, "begins with `Bearer`")
        for value in ["/run/secrets/\(Self.mark)", "~/\(Self.mark)", "file:///\(Self.mark)"] {
            expectRejection(of: value, in: name, "is a path in place of its value; \(name)_FILE takes the path")
        }
    }

    @Test func `what has a form of its own may have it`() {
        #expect(problems(["CERTBOT_DEPLOY_HOOK": "echo ${RENEWED_LINEAGE} '{{x}}' >\"$HOME\""]).isEmpty)
        #expect(problems(["CERTBOT_ARGUMENTS": "'--preferred-chain' 'ISRG Root X1'"]).isEmpty)
        let lines = "# a plugin's\r\ndns_x_key = \"s3cret\"\n\tdns_x_user = me\n"
        #expect(problems(["CERTBOT_AUTHENTICATOR": "dns-x", "CERTBOT_CREDENTIALS": lines]).isEmpty)
        let slack = ["SLACK_TOKEN": "xoxb-1", "SLACK_CHANNEL": "#ops", "SLACK_BOT_NAME": "👩‍🚀 at Landfall"]
        #expect(problems(slack).isEmpty)
        // A random secret in base64 may begin with a slash.
        let signed = ["LANDFALL_WEBHOOK_URL": "https://a.example/b", "LANDFALL_WEBHOOK_SECRET": "/fz3+Q=="]
        #expect(problems(signed).isEmpty)
    }

    @Test func `a secret in the place of its path is not quoted`() {
        #expect(
            problems(["SLACK_TOKEN_FILE": Self.mark]) == [
                "SLACK_TOKEN_FILE: there is no such file; it takes the path of a file"
            ]
        )
        let twice = problems(["SLACK_TOKEN": "", "SLACK_TOKEN_FILE": "/slack"], files: ["/slack": "xoxb-1"])
        #expect(twice == ["SLACK_TOKEN and SLACK_TOKEN_FILE are both set; keep one"])
    }

    @Test(arguments: [
        ("SLACK_TOKEN=\n", "SLACK_TOKEN in /run/secrets/landfall is empty; give it a value, or leave it out"),
        (
            "SLACK_TOKEN=\"hunter2\"\n",
            "SLACK_TOKEN in /run/secrets/landfall is in quotation marks; give the value without them"
        ), ("A=1\nexport SLACK_TOKEN=hunter2\n", "/run/secrets/landfall: line 2 is not NAME=VALUE"),
        (
            "\u{FEFF}SLACK_TOKEN=hunter2\n",
            "/run/secrets/landfall: is not UTF-8 text without a byte order mark (BOM)"
        ),
        (
            "S\u{0}L\u{0}A\u{0}C\u{0}K\u{0}=\u{0}x\u{0}",
            "/run/secrets/landfall: is not UTF-8 text without a byte order mark (BOM)"
        ),
    ])
    func `the file of lines is held to the same`(text: String, line: String) {
        #expect(problems([:], files: [RawConfiguration.secretsFile: text]) == [line])
    }

    @Test func `an unknown variable in the file of lines is a warning`() throws {
        let files = MemoryFiles(contents: [RawConfiguration.secretsFile: "LANDFALL_INTERVALL=5m\nOTHER=\n"])
        #expect(try Configuration(environment: [:], files: files).warnings.count == 1)
    }

    @Test func `an empty variable of the Python app counts as unset beside the app's files`() {
        let files = ["/var/secrets/cloudflare": "CLOUDFLARE_EMAIL=me@example.org\nCLOUDFLARE_TOKEN=0123456789\n"]
        #expect(problems(["SLACK_CHANNEL": "", "CERTBOT_EMAIL": " "], files: files).isEmpty)
        #expect(problems(["LANDFALL_IP": ""], files: files).count == 1)
        let quoted = ["/var/secrets/certbot": "CERTBOT_EMAIL='hunter2'\nCERTBOT_TIMEOUT=\n"]
        #expect(
            problems([:], files: quoted) == [
                "CERTBOT_EMAIL in /var/secrets/certbot is in quotation marks; give the value without them"
            ]
        )
    }

    private static let globalKeys = [
        "0123456789abcdef0123456789abcdef01234", "cfk_\(String(repeating: "a", count: 48))",
    ]
    private static let tokens = [
        "v8hUDp-Zq0_1rk5Tn9sXw3cYb7mLfA2eGdHjKiVo", "cfut_\(String(repeating: "a", count: 48))",
        "cfat_\(String(repeating: "a", count: 48))",
    ]

    @Test func `a global key in the token's place is recognised, and the reverse`() {
        for key in Self.globalKeys {
            let found = problems(["CLOUDFLARE_API_TOKEN": key])
            #expect(found.count == 1 && found[0].hasPrefix("CLOUDFLARE_API_TOKEN holds the global API key; "))
            #expect(!found[0].contains(key))
            #expect(problems(["CLOUDFLARE_TOKEN": key, "CLOUDFLARE_EMAIL": "me@example.org"]).isEmpty)
        }
        for token in Self.tokens {
            for email in [[:], ["CLOUDFLARE_EMAIL": "me@example.org"]] {
                let found = problems(["CLOUDFLARE_TOKEN": token].merging(email) { $1 })
                #expect(
                    found == [
                        "CLOUDFLARE_TOKEN holds an API token, which goes in CLOUDFLARE_API_TOKEN, without "
                            + "CLOUDFLARE_EMAIL"
                    ]
                )
            }
            #expect(problems(["CLOUDFLARE_API_TOKEN": token]).isEmpty)
        }
        #expect(problems(["CLOUDFLARE_API_TOKEN": "v1.0-\(Self.globalKeys[0])"]).count == 1)
    }

    @Test func `of two kinds of credentials, one line says which is used`() throws {
        let both = try Configuration(
            environment: [
                "CLOUDFLARE_API_TOKEN": Self.tokens[0], "CLOUDFLARE_TOKEN": Self.globalKeys[0],
                "CLOUDFLARE_EMAIL": "me@example.org", "SLACK_WEBHOOK_URL": "https://hooks.example/x",
                "SLACK_TOKEN": "xoxb-1",
            ],
            files: MemoryFiles()
        )
        guard case .token(let used)? = both.cloudflare?.credentials else {
            Issue.record("the token is the better choice")
            return
        }
        #expect(used.revealed == Self.tokens[0])
        #expect(
            both.warnings == [
                "Cloudflare: CLOUDFLARE_API_TOKEN is used; the global API key in CLOUDFLARE_TOKEN is set as well, "
                    + "and is not used",
                "Slack: SLACK_WEBHOOK_URL is used; SLACK_TOKEN is set as well, and is not used",
            ]
        )
    }
}

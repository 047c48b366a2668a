extension Variable {
    /// Everything that can be configured, in the order of the help.
    public static let groups = [
        VariableGroup(title: "Docker", variables: docker), VariableGroup(title: "DNS", variables: dns),
        VariableGroup(title: "Certificates", variables: certificates),
        VariableGroup(title: "Notices", variables: notices), VariableGroup(title: "Landfall itself", variables: itself),
    ]

    private static let docker = [
        Variable(
            "DOCKER_HOST",
            "Where the engine listens.",
            takes: "unix:///PATH or tcp://HOST:PORT",
            standard: "unix:///var/run/docker.sock"
        ),
        Variable("DOCKER_TLS_VERIFY", "Verifies the engine's certificate when set, whatever to.", takes: "any text"),
        Variable("DOCKER_CERT_PATH", "The folder of ca.pem, cert.pem and key.pem for the engine.", takes: "a folder"),
        Variable(
            "DOCKER_DISCOVERY_LABEL",
            "Further labels that name hosts, beside landfall.host.",
            takes: "label keys, comma separated",
            standard: "discovery.domain.name"
        ),
        Variable(
            "DOCKER_SIGNAL_LABEL",
            "Further labels that name the signal, beside landfall.signal.",
            takes: "label keys, comma separated",
            standard: "domain.automation.signal"
        ),
        Variable(
            "DEFAULT_DOMAIN",
            "Appended to names without a dot, and to those that lie in no zone.",
            takes: "a domain name"
        ),
    ]

    private static let dns = [
        Variable("LANDFALL_DNS", "Switches the writing of records.", takes: "on or off", standard: "on"),
        Variable(
            "CLOUDFLARE_API_TOKEN",
            "A token with Zone:Read and DNS:Edit.",
            takes: "a token",
            isSecret: true
        ),
        Variable("CLOUDFLARE_EMAIL", "The account of the global key in CLOUDFLARE_TOKEN.", takes: "an e-mail address"),
        Variable(
            "CLOUDFLARE_TOKEN",
            "The global API key; an API token is the better choice.",
            takes: "a key",
            isSecret: true
        ),
        Variable(
            "CLOUDFLARE_API_URL",
            "Where Cloudflare's API is.",
            takes: "an http(s) URL",
            standard: "https://api.cloudflare.com/client/v4"
        ),
        Variable(
            "CLOUDFLARE_PROXIED",
            "Whether records that Landfall creates go through Cloudflare's proxy.",
            takes: "yes or no",
            standard: "yes"
        ),
        Variable(
            "RFC2136_SERVER",
            "A name server that takes dynamic updates, and lets its zones be transferred.",
            takes: "ADDRESS or ADDRESS:PORT"
        ),
        Variable("RFC2136_ZONES", "The zones to keep there.", takes: "domain names, comma separated"),
        Variable("RFC2136_KEY_NAME", "The key that it knows Landfall by (TSIG).", takes: "a key's name"),
        Variable(
            "RFC2136_KEY_SECRET",
            "The key's secret, as in the server's configuration.",
            takes: "base64",
            isSecret: true,
            standIn: "redactedRFC2136KEYSECRET"
        ),
        Variable(
            "RFC2136_KEY_ALGORITHM",
            "What the key signs with.",
            takes: "hmac-sha256 or hmac-sha512",
            standard: "hmac-sha256"
        ),
        Variable(
            "LANDFALL_EXEC_PROVIDER",
            "A program of yours that keeps zones somewhere else; docs/providers.md tells how.",
            takes: "the absolute path of a program"
        ),
        Variable(
            "LANDFALL_ZONES",
            "The zones that may be touched; unset: all that the credentials can see.",
            takes: "domain names, comma separated"
        ),
        Variable(
            "LANDFALL_DNS_POLICY",
            "upsert creates and changes records; create never changes one; sync also deletes its own.",
            takes: "upsert, create or sync",
            standard: "upsert"
        ),
        Variable(
            "LANDFALL_DNS_GRACE",
            "How long it must be seen that nobody asks for a record before sync deletes it.",
            takes: "a duration: 10m, 1h",
            standard: "10m"
        ),
        Variable(
            "LANDFALL_IP",
            "The public IPv4 address, or who is asked for it.",
            takes: "auto, off, an address, interface:NAME, or https URLs, comma separated",
            standard: "auto"
        ),
        Variable(
            "LANDFALL_IPV6",
            "The public IPv6 address, or who is asked for it.",
            takes: "auto, off, an address, interface:NAME, or https URLs, comma separated",
            standard: "off"
        ),
        Variable(
            "LANDFALL_RESOLVERS",
            "Recursive resolvers; unset: the system's.",
            takes: "ADDRESS or ADDRESS:PORT, comma separated"
        ),
    ]

    private static let certificates = [
        Variable("LANDFALL_CERTIFICATES", "Switches the ordering of certificates.", takes: "on or off", standard: "on"),
        Variable("CERTBOT_EMAIL", "Where the authority writes to.", takes: "an e-mail address"),
        Variable(
            "CERTBOT_SERVER",
            "The authority's ACME directory.",
            takes: "an https URL",
            standard: "https://acme-v02.api.letsencrypt.org/directory"
        ),
        Variable(
            "CERTBOT_STAGING",
            "Uses Let's Encrypt's staging authority, which nobody trusts.",
            takes: "yes or no",
            standard: "no"
        ),
        Variable("CERTBOT_CONFIG_DIR", "certbot's folder.", takes: "a folder", standard: "/etc/letsencrypt"),
        Variable(
            "CERTBOT_AUTHENTICATOR",
            "Who publishes the challenges: Landfall, or certbot's own plugin.",
            takes: "landfall or dns-cloudflare",
            standard: "landfall"
        ),
        Variable("CERTBOT_TIMEOUT", "The longest a certbot may run.", takes: "a duration: 90s, 5m", standard: "5m"),
        Variable(
            "DNS_PROPAGATION_SECONDS",
            "The longest wait for a challenge to be visible.",
            takes: "seconds",
            standard: "60"
        ),
        Variable(
            "LANDFALL_CONCURRENCY",
            "How many certbots run side by side; unset: the number of cores, from 4 to 16.",
            takes: "a number from 1 to 32"
        ),
    ]

    private static let notices = [
        Variable("SLACK_TOKEN", "A bot token with chat:write.", takes: "xoxb-…", isSecret: true),
        Variable("SLACK_CHANNEL", "Where the bot writes to.", takes: "a channel: #ops or C012AB3CD"),
        Variable("SLACK_BOT_NAME", "The name it writes under.", takes: "a name", standard: "Landfall"),
        Variable("SLACK_BOT_ICON", "Its icon.", takes: "an emoji: :anchor:, or an http(s) URL"),
        Variable("SLACK_API_URL", "Where Slack's API is.", takes: "an http(s) URL", standard: "https://slack.com/api"),
        Variable(
            "SLACK_WEBHOOK_URL",
            "An incoming webhook, in place of token and channel.",
            takes: "an http(s) URL",
            isSecret: true
        ),
        Variable(
            "LANDFALL_WEBHOOK_URL",
            "Gets every notice as JSON: title, message, level, hosts.",
            takes: "an http(s) URL",
            isSecret: true
        ),
    ]

    private static let itself = [
        Variable("LANDFALL_SIGNALS", "Switches the signalling of containers.", takes: "on or off", standard: "on"),
        Variable(
            "LANDFALL_CROSS_NODE",
            "Switches the signalling of containers on other nodes of the Swarm.",
            takes: "on or off",
            standard: "on"
        ),
        Variable(
            "LANDFALL_HELPER_IMAGE",
            "The image that reaches other nodes; unset: that of Landfall's own container.",
            takes: "an image: registry.example.org/landfall:1"
        ),
        Variable(
            "LANDFALL_PROBE",
            "Where it is asked whether the certificates on disk are those that are served.",
            takes: "HOST:PORT"
        ),
        Variable("LANDFALL_DRY_RUN", "Says what would be done, and does nothing.", takes: "yes or no", standard: "no"),
        Variable("LANDFALL_STATE_DIR", "What Landfall remembers.", takes: "a folder", standard: "/var/lib/landfall"),
        Variable(
            "LANDFALL_INSTANCE",
            "Marks the records of this Landfall.",
            takes: "1 to 40 letters, digits, dots, hyphens or underscores",
            standard: "default"
        ),
        Variable(
            "LANDFALL_QUIET",
            "How long it must be quiet before a run.",
            takes: "a duration: 500ms, 2s",
            standard: "2s"
        ),
        Variable(
            "LANDFALL_MAX_WAIT",
            "The longest an event waits for quiet.",
            takes: "a duration: 10s",
            standard: "10s"
        ),
        Variable(
            "LANDFALL_INTERVAL",
            "Between two runs without an event.",
            takes: "a duration: 5m, 1h",
            standard: "5m"
        ),
        Variable(
            "LANDFALL_CA_FILE",
            "Authorities to trust: for Landfall beside the system's, for certbot in their place.",
            takes: "a PEM file"
        ),
        Variable(
            "LANDFALL_RECORD",
            "Everything that happens is recorded there, to be replayed: the latest 64 MiB, without secrets.",
            takes: "a folder of its own"
        ),
        Variable("LANDFALL_LOG", "The form of the log.", takes: "json or text", standard: "json, text on a terminal"),
        Variable("LANDFALL_LOG_LEVEL", "What is logged.", takes: "debug, info, warning or error", standard: "info"),
    ]
}

extension Variable {
    /// Everything that can be configured, in the order of the help.
    package static let groups = [
        VariableGroup(title: "Docker", variables: docker), VariableGroup(title: "DNS", variables: dns),
        VariableGroup(title: "Certificates", variables: certificates),
        VariableGroup(title: "Notices", variables: notices), VariableGroup(title: "Landfall itself", variables: itself),
    ]

    private static let docker = [
        Variable(
            "DOCKER_HOST",
            "The address of the Docker engine.",
            takes: "unix:///PATH or tcp://HOST:PORT",
            standard: "unix:///var/run/docker.sock"
        ),
        Variable("DOCKER_TLS_VERIFY", "Verifies the engine's certificate if set to any value.", takes: "any text"),
        Variable("DOCKER_CERT_PATH", "The folder with ca.pem, cert.pem and key.pem for the engine.", takes: "a folder"),
        Variable(
            "DOCKER_DISCOVERY_LABEL",
            "More labels that name hosts, besides landfall.host.",
            takes: "label keys, comma separated",
            standard: "discovery.domain.name"
        ),
        Variable(
            "DOCKER_SIGNAL_LABEL",
            "More labels that name the signal, besides landfall.signal.",
            takes: "label keys, comma separated",
            standard: "domain.automation.signal"
        ),
        Variable(
            "DEFAULT_DOMAIN",
            "The domain that is appended to names without a dot and to names in no zone.",
            takes: "a domain name"
        ),
    ]

    private static let dns = [
        Variable("LANDFALL_DNS", "Whether DNS records are written.", takes: "on or off", standard: "on"),
        Variable(
            "CLOUDFLARE_API_TOKEN",
            "A Cloudflare token with Zone:Read and DNS:Edit.",
            takes: "a token",
            isSecret: true
        ),
        Variable(
            "CLOUDFLARE_EMAIL",
            "The account of the global API key in CLOUDFLARE_TOKEN.",
            takes: "an e-mail address"
        ),
        Variable(
            "CLOUDFLARE_TOKEN",
            "The global API key; an API token is a better choice.",
            takes: "a key",
            isSecret: true
        ),
        Variable(
            "CLOUDFLARE_API_URL",
            "The URL of Cloudflare's API.",
            takes: "an http(s) URL",
            standard: "https://api.cloudflare.com/client/v4"
        ),
        Variable(
            "CLOUDFLARE_PROXIED",
            "Whether new records use Cloudflare's proxy.",
            takes: "yes or no",
            standard: "yes"
        ),
        Variable(
            "RFC2136_SERVER",
            "A name server that accepts dynamic updates and zone transfers.",
            takes: "ADDRESS or ADDRESS:PORT"
        ),
        Variable("RFC2136_ZONES", "The zones to manage there.", takes: "domain names, comma separated"),
        Variable("RFC2136_KEY_NAME", "The name of the TSIG key.", takes: "a key's name"),
        Variable(
            "RFC2136_KEY_SECRET",
            "The key's secret, as in the server's configuration.",
            takes: "base64",
            isSecret: true,
            standIn: "redactedRFC2136KEYSECRET"
        ),
        Variable(
            "RFC2136_KEY_ALGORITHM",
            "The algorithm of the key.",
            takes: "hmac-sha256 or hmac-sha512",
            standard: "hmac-sha256"
        ),
        Variable(
            "LANDFALL_EXEC_PROVIDER",
            "Your own program that manages zones elsewhere; see docs/providers.md.",
            takes: "the absolute path of a program"
        ),
        Variable(
            "LANDFALL_ZONES",
            "The zones that Landfall may change; unset: all that the credentials can see.",
            takes: "domain names, comma separated"
        ),
        Variable(
            "LANDFALL_DNS_POLICY",
            "upsert creates and updates records, create only creates them, sync also deletes its own.",
            takes: "upsert, create or sync",
            standard: "upsert"
        ),
        Variable(
            "LANDFALL_DNS_GRACE",
            "How long a record must be unreferenced before sync deletes it.",
            takes: "a duration: 10m, 1h",
            standard: "10m"
        ),
        Variable(
            "LANDFALL_IP",
            "The public IPv4 address, or where to get it.",
            takes: "auto, off, an address, interface:NAME, or https URLs, comma separated",
            standard: "auto"
        ),
        Variable(
            "LANDFALL_IPV6",
            "The public IPv6 address, or where to get it.",
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
        Variable("LANDFALL_CERTIFICATES", "Whether certificates are ordered.", takes: "on or off", standard: "on"),
        Variable("CERTBOT_EMAIL", "The address that the authority may write to.", takes: "an e-mail address"),
        Variable(
            "CERTBOT_SERVER",
            "The authority's ACME directory.",
            takes: "an https URL",
            standard: "https://acme-v02.api.letsencrypt.org/directory"
        ),
        Variable(
            "CERTBOT_STAGING",
            "Whether to use Let's Encrypt's staging authority, whose certificates no browser trusts.",
            takes: "yes or no",
            standard: "no"
        ),
        Variable(
            "CERTBOT_LIMITS",
            "The authority's rate limits per account, domain, set of names, and for failed authorizations of a name.",
            takes: "account=300/3h,domain=50/7d,set=5/7d,failures=5/1h, any of them, or off",
            standard: "Let's Encrypt's; none elsewhere"
        ),
        Variable(
            "CERTBOT_EAB_KID",
            "The key ID for external account binding (EAB), for authorities that require it.",
            takes: "what the authority gave you"
        ),
        Variable(
            "CERTBOT_EAB_HMAC_KEY",
            "The key for CERTBOT_EAB_KID.",
            takes: "base64url",
            isSecret: true
        ),
        Variable(
            "CERTBOT_PROGRAM",
            "The certbot to run, for example from a virtual environment.",
            takes: "an absolute path, or a name on the PATH",
            standard: "certbot"
        ),
        Variable(
            "CERTBOT_CONFIG_DIR",
            "certbot's configuration folder.",
            takes: "a folder",
            standard: "/etc/letsencrypt"
        ),
        Variable(
            "CERTBOT_AUTHENTICATOR",
            "What publishes the challenges: Landfall, or one of certbot's DNS plugins.",
            takes: "landfall, or a plugin: dns-cloudflare, dns-route53 …",
            standard: "landfall"
        ),
        Variable(
            "CERTBOT_CREDENTIALS",
            "The content of the plugin's credentials file; best given as CERTBOT_CREDENTIALS_FILE.",
            takes: "the lines of such a file",
            isSecret: true
        ),
        Variable(
            "CERTBOT_KEY_TYPE",
            "The type of keys; unset: existing certificates keep theirs, new ones get certbot's default.",
            takes: "ecdsa or rsa"
        ),
        Variable(
            "CERTBOT_KEY_SIZE",
            "The size of keys in bits; needs CERTBOT_KEY_TYPE.",
            takes: "256 or 384 for ecdsa; 2048, 3072 or 4096 for rsa"
        ),
        Variable(
            "CERTBOT_PROFILE",
            "The authority's certificate profile; needs certbot 4.0 or newer.",
            takes: "a profile's name: shortlived, tlsserver"
        ),
        Variable(
            "CERTBOT_ARGUMENTS",
            "More arguments for certbot: --preferred-chain, --must-staple, --reuse-key, a plugin's own …",
            takes: "arguments as in a shell"
        ),
        Variable(
            "CERTBOT_DEPLOY_HOOK",
            "A command to run after a certificate was stored, with RENEWED_LINEAGE and RENEWED_DOMAINS.",
            takes: "a command line for the shell"
        ),
        Variable(
            "LANDFALL_KEY_GROUP",
            "The group that may read private keys, for proxies that do not run as root.",
            takes: "a group's name or number"
        ),
        Variable("CERTBOT_TIMEOUT", "The time limit of one certbot.", takes: "a duration: 90s, 5m", standard: "5m"),
        Variable(
            "DNS_PROPAGATION_SECONDS",
            "How long to wait for a challenge to be visible in DNS.",
            takes: "seconds",
            standard: "60"
        ),
        Variable(
            "LANDFALL_CONCURRENCY",
            "How many certbots run at once; unset: one per core, from 10 to 16; fewer with little memory, but at least 4.",
            takes: "a number from 1 to 32"
        ),
    ]

    private static let itself = [
        Variable("LANDFALL_SIGNALS", "Whether containers are signalled.", takes: "on or off", standard: "on"),
        Variable(
            "LANDFALL_CROSS_NODE",
            "Whether containers on other nodes of the Swarm are signalled.",
            takes: "on or off",
            standard: "on"
        ),
        Variable(
            "LANDFALL_HELPER_IMAGE",
            "The image of the helper on other nodes; unset: the image of Landfall's own container.",
            takes: "an image: registry.example.org/landfall:1"
        ),
        Variable(
            "LANDFALL_HELPER_LOGIN",
            "The login for that image's registry, if it needs one.",
            takes: "NAME:PASSWORD",
            isSecret: true,
            standIn: "redacted:redacted"
        ),
        Variable(
            "LANDFALL_PROBE",
            "The endpoint that is checked for serving the certificates on disk.",
            takes: "HOST:PORT"
        ),
        Variable("LANDFALL_DRY_RUN", "Whether to only log what would be done.", takes: "yes or no", standard: "no"),
        Variable(
            "LANDFALL_STATE_DIR",
            "The folder of Landfall's state.",
            takes: "a folder",
            standard: "/var/lib/landfall"
        ),
        Variable(
            "LANDFALL_LISTEN",
            "The address of the status page and the metrics; anyone who can reach it can read them.",
            takes: "ADDRESS:PORT, unix:/PATH, or off",
            standard: ListenPlace.standardText
        ),
        Variable(
            "LANDFALL_INSTANCE",
            "The name that marks the records of this Landfall.",
            takes: "1 to 40 letters, digits, dots, hyphens or underscores",
            standard: "default"
        ),
        Variable(
            "LANDFALL_QUIET",
            "How long no event may arrive before a run starts.",
            takes: "a duration: 500ms, 2s",
            standard: "2s"
        ),
        Variable(
            "LANDFALL_MAX_WAIT",
            "How long an event waits for a run at most.",
            takes: "a duration: 10s",
            standard: "10s"
        ),
        Variable(
            "LANDFALL_INTERVAL",
            "The time between two runs without an event.",
            takes: "a duration: 5m, 1h",
            standard: "5m"
        ),
        Variable(
            "LANDFALL_CA_FILE",
            "Certificate authorities to trust: by Landfall in addition to the system's, by certbot instead of them.",
            takes: "a PEM file"
        ),
        Variable(
            "LANDFALL_RECORD",
            "A folder for recordings of everything that happens, without secrets; the latest 64 MiB are kept.",
            takes: "a folder of its own"
        ),
        Variable("LANDFALL_LOG", "The format of the log.", takes: "json or text", standard: "json, text on a terminal"),
        Variable(
            "LANDFALL_LOG_LEVEL",
            "The lowest level that is logged.",
            takes: "debug, info, warning or error",
            standard: "info"
        ),
    ]
}

extension Variable {
    static let notices = [
        Variable("SLACK_TOKEN", "A Slack bot token with chat:write.", takes: "xoxb-…", isSecret: true),
        Variable("SLACK_CHANNEL", "The channel for the bot's messages.", takes: "a channel: #ops or C012AB3CD"),
        Variable("SLACK_BOT_NAME", "The bot's name.", takes: "a name", standard: "Landfall"),
        Variable("SLACK_BOT_ICON", "The bot's icon.", takes: "an emoji: :anchor:, or an http(s) URL"),
        Variable(
            "SLACK_API_URL",
            "The URL of Slack's API.",
            takes: "an http(s) URL",
            standard: "https://slack.com/api"
        ),
        Variable(
            "SLACK_WEBHOOK_URL",
            "An incoming webhook of Slack, instead of token and channel.",
            takes: "an http(s) URL",
            isSecret: true
        ),
        level("SLACK_LEVEL", of: "Slack"),
        Variable(
            "LANDFALL_WEBHOOK_URL",
            "A URL that gets every notice as JSON: id, time, title, message, level, hosts, events.",
            takes: "an http(s) URL",
            isSecret: true
        ),
        Variable(
            "LANDFALL_WEBHOOK_SECRET",
            "The key that signs the webhook's body: HMAC-SHA-256, in X-Landfall-Signature.",
            takes: "any text",
            isSecret: true
        ),
        level("LANDFALL_WEBHOOK_LEVEL", of: "the webhook"),
        Variable("NTFY_URL", "An ntfy topic.", takes: "an http(s) URL with the topic", isSecret: true),
        Variable("NTFY_TOKEN", "An ntfy access token.", takes: "tk_…", isSecret: true),
        level("NTFY_LEVEL", of: "ntfy"),
        Variable("DISCORD_WEBHOOK_URL", "A webhook of a Discord channel.", takes: "an http(s) URL", isSecret: true),
        level("DISCORD_LEVEL", of: "Discord"),
        Variable("GOTIFY_URL", "A Gotify server.", takes: "an http(s) URL"),
        Variable("GOTIFY_TOKEN", "The token of an application in Gotify.", takes: "a token", isSecret: true),
        level("GOTIFY_LEVEL", of: "Gotify"),
        Variable(
            "LANDFALL_NOTIFY_COMMAND",
            "Your own program that reads every notice as JSON from standard input.",
            takes: "the absolute path of a program"
        ),
        level("LANDFALL_NOTIFY_LEVEL", of: "the program"),
        Variable(
            "LANDFALL_HEARTBEAT_URL",
            "A URL that is requested after every successful run, and with /fail appended after every failed one.",
            takes: "an http(s) URL, for example of Healthchecks or Uptime Kuma",
            isSecret: true
        ),
    ]

    private static func level(_ name: String, of receiver: String) -> Variable {
        Variable(name, "The lowest level that \(receiver) gets.", takes: "info, warning or error", standard: "info")
    }
}

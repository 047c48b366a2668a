import Model

extension Variable {
    /// Everything that can be configured, in the order of the help.
    package static let groups = [
        VariableGroup("Docker", docker), VariableGroup("Declarations of proxies", sources), VariableGroup("DNS", dns),
        VariableGroup("Certificates", certificates),
        VariableGroup("Notices", notices), VariableGroup("Landfall itself", itself),
    ]

    package static let all = groups.flatMap(\.variables)

    /// The names of all variables, with and without `_FILE`.
    static let names = Set(all.flatMap { [$0.name, $0.name + "_FILE"] })

    // Two lines for each variable: `NAME: meaning` or `NAME (traits): meaning`, and `takes` or `takes | default`.

    private static let docker = """
        DOCKER_HOST: The address of the Docker engine.
            unix:///PATH or tcp://HOST:PORT | unix:///var/run/docker.sock
        DOCKER_TLS_VERIFY: Verifies the engine's certificate if set to any value.
            any text
        DOCKER_CERT_PATH (path): The folder with ca.pem, cert.pem and key.pem for the engine.
            a folder
        DOCKER_DISCOVERY_LABEL: More labels that name hosts, besides landfall.host.
            label keys, comma separated | discovery.domain.name
        DOCKER_SIGNAL_LABEL: More labels that name the signal, besides landfall.signal.
            label keys, comma separated | domain.automation.signal
        LANDFALL_SERVICE_HOSTS: How many hosts the labels of one service or container may request.
            a number from 1 to 10000 | 100
        DEFAULT_DOMAIN: The domain that is appended to names without a dot and, as LANDFALL_QUALIFY says, to names in \
        no zone.
            a domain name
        LANDFALL_QUALIFY: Which names in no zone get the domain appended: short are those that do not end in a public \
        suffix such as .net or .co.uk, dotted are all.
            short or dotted | short
        """

    private static let sources = """
        LANDFALL_SOURCES: Which declarations name hosts: landfall are its own labels, the others what proxies are configured with; see \
        docs/sources.md.
            landfall, traefik, traefik-file:FOLDER, caddy and nginx-proxy, comma separated | landfall
        LANDFALL_SOURCE_ACCEPT: Whether a new source counts at once, and not only after `landfall once --accept-source`.
            yes or no | no
        LANDFALL_SOURCE_CERTIFICATES: Whether the proxy or Landfall gets a certificate where the declaration does not say it.
            proxy or landfall | proxy
        LANDFALL_TRAEFIK_VERSION: The generation of Traefik, which decides how its labels and rules are read.
            1, 2 or 3 | 3
        LANDFALL_TRAEFIK_OPTIONS (lines, shell): Traefik's own command line, --NAME=VALUE, as far as it decides which hosts there are.
            any text
        LANDFALL_TRAEFIK_ENTRYPOINTS: The entry points whose routers count; unset: all.
            names, comma separated
        LANDFALL_TRAEFIK_ELSEWHERE: Middlewares and services that Traefik knows from elsewhere: auth@file, or *@file.
            names, comma separated
        LANDFALL_CADDY_LABEL_PREFIX: The prefix of caddy-docker-proxy's labels.
            any text | caddy
        LANDFALL_PROXY_ENVIRONMENT: Variables of the proxy's own environment that its declarations use.
            NAME=VALUE, comma separated
        """

    private static let dns = """
        LANDFALL_DNS: Whether DNS records are written.
            on or off | on
        CLOUDFLARE_API_TOKEN (secret): A Cloudflare token with Zone:Read and DNS:Edit.
            a token
        CLOUDFLARE_EMAIL: The account of the global API key in CLOUDFLARE_TOKEN.
            an e-mail address
        CLOUDFLARE_TOKEN (secret): The global API key; an API token is a better choice.
            a key
        CLOUDFLARE_API_URL: The URL of Cloudflare's API.
            an http(s) URL | https://api.cloudflare.com/client/v4
        CLOUDFLARE_PROXIED: Whether new records use Cloudflare's proxy.
            yes or no | yes
        RFC2136_SERVER: A name server that accepts dynamic updates and zone transfers.
            ADDRESS or ADDRESS:PORT
        RFC2136_ZONES: The zones to manage there.
            domain names, comma separated
        RFC2136_KEY_NAME: The name of the TSIG key.
            a key's name
        RFC2136_KEY_SECRET (secret, random): The key's secret, as in the server's configuration.
            base64
        RFC2136_KEY_ALGORITHM: The algorithm of the key.
            hmac-sha256 or hmac-sha512 | hmac-sha256
        LANDFALL_LEXICON: Zones that lexicon manages, with its name of their provider; LEXICON_PROVIDER_AUTH_… are the \
        credentials, see docs/providers.md.
            PROVIDER:ZONE, comma separated
        LEXICON_TTL: The TTL of what lexicon creates, unless a label sets one.
            seconds | 300
        LEXICON_PROGRAM (path): The lexicon to run, for example from a virtual environment.
            an absolute path, or a name on the PATH | lexicon
        LANDFALL_EXEC_PROVIDER (path): Your own program that manages zones elsewhere; see docs/providers.md.
            the absolute path of a program
        LANDFALL_INTERNAL_PROVIDERS: The providers that serve the internal view; all others serve the public one.
            rfc2136, exec, cloudflare or lexicon:PROVIDER, comma separated
        LANDFALL_INTERNAL_ADDRESS: The address of this machine in the internal view; off: only labels give hosts one.
            an address, one of each family, interface:NAME, or off
        LANDFALL_ZONES: The zones that Landfall may change; unset: all that the credentials can see.
            domain names, comma separated
        LANDFALL_DNS_POLICY: upsert creates and updates records, create only creates them, sync also deletes its own.
            upsert, create or sync | upsert
        LANDFALL_DNS_ADOPT: Whether records that a person or another program made are changed as well, where a label \
        names them.
            yes or no | no
        LANDFALL_DNS_GRACE: How long a record must be unreferenced before sync deletes it.
            a duration: 10m, 1h | 10m
        LANDFALL_IP: The public IPv4 address, or where to get it.
            auto, off, an address, interface:NAME, or https URLs, comma separated | auto
        LANDFALL_IPV6: The public IPv6 address, or where to get it.
            auto, off, an address, interface:NAME, or https URLs, comma separated | off
        LANDFALL_RESOLVERS: Recursive resolvers; unset: the system's.
            ADDRESS or ADDRESS:PORT, comma separated
        """

    private static let certificates = """
        LANDFALL_CERTIFICATES: Whether certificates are ordered.
            on or off | on
        CERTBOT_EMAIL: An address for the account; not needed. Let's Encrypt no longer warns by e-mail, Landfall does.
            an e-mail address
        CERTBOT_SERVER: The authority's ACME directory.
            an https URL | https://acme-v02.api.letsencrypt.org/directory
        CERTBOT_STAGING: Whether to use Let's Encrypt's staging authority, whose certificates no browser trusts.
            yes or no | no
        CERTBOT_LIMITS: The authority's rate limits per account, domain, set of names, and for failed authorizations \
        of a name.
            account=300/3h,domain=50/7d,set=5/7d,failures=5/1h, any of them, or off | Let's Encrypt's; none elsewhere
        CERTBOT_RULES: Which names the authority certifies at all, where its address does not tell: as Let's Encrypt, as any \
        public authority, or all.
            letsencrypt, public or off | those of the authority, if it is known
        CERTBOT_EAB_KID: The key ID for external account binding (EAB), for authorities that require it.
            what the authority gave you
        CERTBOT_EAB_HMAC_KEY (secret): The key for CERTBOT_EAB_KID.
            base64url
        CERTBOT_PROGRAM (path): The certbot to run, for example from a virtual environment.
            an absolute path, or a name on the PATH | certbot
        CERTBOT_CONFIG_DIR (path): certbot's configuration folder.
            a folder | /etc/letsencrypt
        CERTBOT_AUTHENTICATOR: What publishes the challenges: Landfall, or one of certbot's DNS plugins.
            landfall, or a plugin: dns-cloudflare, dns-route53 … | landfall
        CERTBOT_CREDENTIALS (secret, lines): The content of the plugin's credentials file; best given as \
        CERTBOT_CREDENTIALS_FILE.
            the lines of such a file
        CERTBOT_KEY_TYPE: The type of keys; unset: existing certificates keep theirs, new ones get certbot's default.
            ecdsa or rsa
        CERTBOT_KEY_SIZE: The size of keys in bits; needs CERTBOT_KEY_TYPE.
            256 or 384 for ecdsa; 2048, 3072 or 4096 for rsa
        CERTBOT_PROFILE: The authority's certificate profile; needs certbot 4.0 or newer.
            a profile's name: shortlived, tlsserver
        CERTBOT_ARGUMENTS (secret, words): More arguments for certbot: --preferred-chain, --reuse-key, a plugin's own …
            arguments as in a shell
        CERTBOT_DEPLOY_HOOK (secret, shell): A command to run after a certificate was stored, with RENEWED_LINEAGE and \
        RENEWED_DOMAINS.
            a command line for the shell
        LANDFALL_KEY_GROUP: The group that may read private keys, for proxies that do not run as root.
            a group's name or number
        CERTBOT_TIMEOUT: The time limit of one certbot.
            a duration: 90s, 5m | 5m
        DNS_PROPAGATION_SECONDS: How long to wait for a challenge to be visible in DNS.
            seconds | 60
        LANDFALL_CONCURRENCY: How many certbots run at once; unset: one per core, from 10 to 16; fewer with little \
        memory, but at least 4.
            a number from 1 to 32
        """

    private static let notices = """
        SLACK_TOKEN (secret): A Slack bot token with chat:write.
            xoxb-…
        SLACK_CHANNEL: The channel for the bot's messages.
            a channel: #ops or C012AB3CD
        SLACK_BOT_NAME (words): The bot's name.
            a name | Landfall
        SLACK_BOT_ICON: The bot's icon.
            an emoji: :anchor:, or an http(s) URL
        SLACK_API_URL: The URL of Slack's API.
            an http(s) URL | https://slack.com/api
        SLACK_WEBHOOK_URL (secret): An incoming webhook of Slack, instead of token and channel.
            an http(s) URL
        SLACK_LEVEL: The lowest level that Slack gets.
            info, warning or error | info
        LANDFALL_WEBHOOK_URL (secret): A URL that gets every notice as JSON: id, time, title, message, level, hosts, \
        events.
            an http(s) URL
        LANDFALL_WEBHOOK_SECRET (secret, random): The key that signs the webhook's body: HMAC-SHA-256, in \
        X-Landfall-Signature.
            any text without white space
        LANDFALL_WEBHOOK_LEVEL: The lowest level that the webhook gets.
            info, warning or error | info
        NTFY_URL (secret): An ntfy topic.
            an http(s) URL with the topic
        NTFY_TOKEN (secret): An ntfy access token.
            tk_…
        NTFY_LEVEL: The lowest level that ntfy gets.
            info, warning or error | info
        DISCORD_WEBHOOK_URL (secret): A webhook of a Discord channel.
            an http(s) URL
        DISCORD_LEVEL: The lowest level that Discord gets.
            info, warning or error | info
        GOTIFY_URL: A Gotify server.
            an http(s) URL
        GOTIFY_TOKEN (secret): The token of an application in Gotify.
            a token
        GOTIFY_LEVEL: The lowest level that Gotify gets.
            info, warning or error | info
        TELEGRAM_TOKEN (secret): The token of a Telegram bot.
            a token of @BotFather's
        TELEGRAM_CHAT: The chat that the bot writes to.
            a number such as -1001234567890, or a channel's @NAME
        TELEGRAM_TOPIC: The topic in a group that has topics.
            a number
        TELEGRAM_API_URL: The URL of Telegram's Bot API.
            an http(s) URL | https://api.telegram.org
        TELEGRAM_LEVEL: The lowest level that Telegram gets.
            info, warning or error | info
        SMTP_HOST: The mail server through which notices are sent.
            HOST or HOST:PORT; the ports are otherwise 587 for starttls, 465 for tls and 25 for off
        SMTP_SECURITY: How the connection is encrypted: by STARTTLS, from the start, or not at all.
            starttls, tls or off | starttls
        SMTP_USERNAME: The login at the mail server, if it needs one.
            a name
        SMTP_PASSWORD (secret, words, random): The password for SMTP_USERNAME.
            a password
        SMTP_FROM: The address that mails come from; unset: SMTP_USERNAME, if that is an address.
            an e-mail address
        SMTP_TO: The addresses that mails go to.
            e-mail addresses, comma separated
        SMTP_LEVEL: The lowest level that is sent by mail.
            info, warning or error | info
        LANDFALL_NOTIFY_COMMAND (path): Your own program that reads every notice as JSON from standard input.
            the absolute path of a program
        LANDFALL_NOTIFY_LEVEL: The lowest level that the program gets.
            info, warning or error | info
        LANDFALL_HEARTBEAT_URL (secret): A URL that is requested after every successful run, and with /fail appended \
        after every failed one.
            an http(s) URL, for example of Healthchecks or Uptime Kuma
        """

    private static let itself = """
        LANDFALL_SIGNALS: Whether containers are signalled.
            on or off | on
        LANDFALL_CROSS_NODE: Whether containers on other nodes of the Swarm are signalled.
            on or off | on
        LANDFALL_HELPER_IMAGE: The image of the helper on other nodes; unset: the image of Landfall's own container.
            an image: registry.example.org/landfall:1
        LANDFALL_HELPER_LOGIN (secret): The login for that image's registry, if it needs one.
            NAME:PASSWORD
        LANDFALL_SECRET_ALLOW: Certificates that services may get as secrets, although they are for wildcards or for hosts \
        that are not the service's alone.
            CERTIFICATE or SERVICE=CERTIFICATE, comma separated
        LANDFALL_PROBE: The endpoint that is checked for serving the certificates on disk.
            HOST:PORT
        LANDFALL_DRY_RUN: Whether to only log what would be done.
            yes or no | no
        LANDFALL_STATE_DIR (path): The folder of Landfall's state.
            a folder | /var/lib/landfall
        LANDFALL_LISTEN: The address of the status page and the metrics; anyone who can reach it can read them.
            ADDRESS:PORT, unix:/PATH, or off | \(ListenPlace.standardText)
        LANDFALL_LISTEN_HOSTS: Names under which the status page is served, besides addresses and localhost.
            host names, comma separated
        LANDFALL_INSTANCE: The name that marks the records of this Landfall.
            1 to 40 letters, digits, dots, hyphens or underscores | default
        LANDFALL_QUIET: How long no event may arrive before a run starts.
            a duration: 500ms, 2s | 2s
        LANDFALL_MAX_WAIT: How long an event waits for a run at most.
            a duration: 10s | 10s
        LANDFALL_INTERVAL: The time between two runs without an event.
            a duration: 5m, 1h | 5m
        LANDFALL_CA_FILE (path): Certificate authorities to trust: by Landfall in addition to the system's, by certbot \
        instead of them.
            a PEM file
        LANDFALL_RECORD (path): A folder for recordings of everything that happens, without secrets; the latest 64 MiB are \
        kept.
            a folder of its own
        LANDFALL_LOG: The format of the log.
            json or text | json, text on a terminal
        LANDFALL_LOG_LEVEL: The lowest level that is logged.
            debug, info, warning or error | info
        """

    init(_ first: Substring, _ second: Substring) {
        let head = first.prefix { $0 != ":" }
        let form = second.split(separator: "|").map(\.trimmed)
        let words = head.split { " (,)".contains($0) }
        self.init(
            name: String(words[0]),
            meaning: first.dropFirst(head.count + 1).trimmed,
            takes: form[0],
            standard: form.count > 1 ? form[1] : nil,
            traits: Set(words.dropFirst().compactMap { Trait(rawValue: String($0)) })
        )
    }
}

import Address
import Certificates
import DNS
import Delivery
import Discovery
import Docker
import Log
import Model
package import Ports
import Records

extension Configuration {
    /// Reads and checks everything before anything is touched.
    package init(environment: [String: String], files: any Files) throws(ConfigurationError) {
        let raw = try RawConfiguration(environment: environment, files: files)
        try self.init(raw, environment: environment) { path, reader in
            Self.checkReadable(path, files, &reader)
        }
    }

    /// Reads a recorded configuration, by variable, without looking at this machine.
    package init(recorded values: [String: String]) throws(ConfigurationError) {
        let environment = ProxyEnvironment(values).variables
        try self.init(RawConfiguration(values: values), environment: environment) { _, _ in }
    }

    private init(
        _ raw: RawConfiguration,
        environment: [String: String],
        checkAuthorities: (String?, inout Reader) -> Void
    ) throws(ConfigurationError) {
        var reader = Reader(raw)
        proxies = ProxyEnvironment(environment)
        engine = Self.engine(&reader)
        discovery = Self.discovery(&reader)
        instance = reader.value("LANDFALL_INSTANCE", standard: "default", instanceName)
        records = Self.records(&reader, instance: instance)
        cloudflare = Self.cloudflare(&reader)
        rfc2136 = Self.rfc2136(&reader)
        exec = Self.exec(&reader, environment)
        resolvers = reader.list("LANDFALL_RESOLVERS") { DNSServer($0) }
        certificates = Self.certificates(&reader, cloudflare?.credentials)
        signals = Self.signals(&reader, discovery, instance: instance)
        notices = Self.notices(&reader, environment)
        schedule = Self.schedule(&reader)
        logging = Logging(
            format: reader.optional("LANDFALL_LOG", Logger.Format.init),
            level: reader.value("LANDFALL_LOG_LEVEL", standard: .info, Logger.Level.init)
        )
        listen = reader.value("LANDFALL_LISTEN", standard: .standard) { ListenPlace($0) }
        listenHosts = reader.list("LANDFALL_LISTEN_HOSTS", listenHost)
        stateFolder = reader.value("LANDFALL_STATE_DIR", standard: "/var/lib/landfall", path)
        isDryRun = reader.value("LANDFALL_DRY_RUN", standard: false, flag)
        authorities = reader.optional("LANDFALL_CA_FILE", path)
        checkAuthorities(authorities, &reader)
        lexicon = Self.lexicon(&reader, raw.lexicon, environment)
        `internal` = Self.internal(&reader, among: Self.names(cloudflare, rfc2136, exec, lexicon))
        recordFolder = reader.optional("LANDFALL_RECORD", path)
        secrets =
            raw.secrets + HiddenValue.password(of: raw.value("LANDFALL_HELPER_LOGIN"), in: "LANDFALL_HELPER_LOGIN")
        recordable = raw.known.merging(raw.secrets.map { ($0.name, $0.placeholder) }) { $1 }
            .merging(proxies.variables.mapValues { _ in "redacted" }) { $1 }
            .merging(Self.recordableCommands(certificates.options)) { $1 }
            .merging(Self.recordableOptions(reader)) { $1 }
        proxyLogins = proxies.variables.sorted { $0.key < $1.key }.flatMap {
            HiddenValue.login(of: $0.value, in: $0.key)
        }
        let startsPrograms = exec != nil || notices.command != nil
        var hidden = startsPrograms ? HiddenValue.likelySecrets(in: Self.passedOn(from: environment)) : []
        hidden += HiddenValue.lines(of: "CERTBOT_CREDENTIALS", reader.text("CERTBOT_CREDENTIALS"))
        hidden += HiddenValue.command("CERTBOT_DEPLOY_HOOK", certificates.options.deployHook)
        hidden += HiddenValue.arguments("CERTBOT_ARGUMENTS", certificates.options.arguments)
        for name in ["LANDFALL_IP", "LANDFALL_IPV6"] { hidden += HiddenValue.queries(name, raw.value(name)) }
        hidden += lexicon.flatMap { HiddenValue.likelySecrets(in: $0.environment) }
        programSecrets = hidden
        let unknown = raw.unknown.map { "\($0) is not a variable of this version; `landfall run --help` lists them" }
        let ofEngine = [engine.warning].compactMap(\.self).map { "DOCKER_HOST: \($0)" }
        warnings = unknown + raw.warnings + records.addressWarnings + ofEngine + reader.warnings
        guard reader.problems.isEmpty else { throw ConfigurationError(problems: reader.problems) }
    }

    private static func recordableCommands(_ options: CertbotOptions) -> [String: String] {
        var values: [String: String] = [:]
        let hook = HiddenValue.command("CERTBOT_DEPLOY_HOOK", options.deployHook)
        values["CERTBOT_DEPLOY_HOOK"] = hook.first?.placeholder ?? options.deployHook
        if !options.arguments.isEmpty {
            values["CERTBOT_ARGUMENTS"] = HiddenValue.recordable("CERTBOT_ARGUMENTS", options.arguments)
        }
        return values
    }

    private static func engine(_ reader: inout Reader) -> EngineEndpoint {
        guard let host = reader.text("DOCKER_HOST") else { return .standard }
        do throws(EngineEndpointError) {
            return try EngineEndpoint(
                host: host,
                verify: reader.text("DOCKER_TLS_VERIFY") != nil,
                certificates: reader.optional("DOCKER_CERT_PATH", path)
            )
        } catch {
            reader.reject("DOCKER_HOST: \(sanitized(error.description))")
            return .standard
        }
    }

    private static func discovery(_ reader: inout Reader) -> DiscoveryRules {
        let hosts = reader.list("DOCKER_DISCOVERY_LABEL", labelKey)
        let signals = reader.list("DOCKER_SIGNAL_LABEL", labelKey)
        let zones = reader.list("LANDFALL_ZONES", domainName)
        return DiscoveryRules(
            defaultDomain: reader.optional("DEFAULT_DOMAIN", domainName),
            hostLabels: hosts.isEmpty ? ["discovery.domain.name"] : hosts,
            signalLabels: signals.isEmpty ? ["domain.automation.signal"] : signals,
            allowedZones: reader.text("LANDFALL_ZONES") == nil ? nil : zones,
            qualification: reader.value("LANDFALL_QUALIFY", standard: .short) {
                Qualification(rawValue: $0.lowercased())
            },
            hostLimit: reader.value("LANDFALL_SERVICE_HOSTS", standard: LabelLimits.hosts, number(in: 1...10_000)),
            sources: sources(&reader)
        )
    }

    private static func records(_ reader: inout Reader, instance: String) -> Records {
        let records = Records(
            isOn: reader.value("LANDFALL_DNS", standard: true, flag),
            policy: recordPolicy(&reader, instance: instance),
            addressV4: address(&reader, "LANDFALL_IP", .v4, standard: .automatic),
            addressV6: address(&reader, "LANDFALL_IPV6", .v6, standard: .off)
        )
        if records.addressV4 == .off && records.addressV6 == .off {
            reader.reject(
                "LANDFALL_IP and LANDFALL_IPV6 are both off, so no host could get a record; use LANDFALL_DNS=off instead"
            )
        }
        return records
    }

    private static func recordPolicy(_ reader: inout Reader, instance: String) -> RecordPolicy {
        let policy = RecordPolicy(
            instance: instance,
            defaultProxied: reader.value("CLOUDFLARE_PROXIED", standard: true, flag),
            mode: reader.value("LANDFALL_DNS_POLICY", standard: .upsert, RecordPolicy.Mode.init),
            grace: reader.value("LANDFALL_DNS_GRACE", standard: .seconds(600)) { Duration(text: $0) },
            adopts: reader.value("LANDFALL_DNS_ADOPT", standard: false, flag)
        )
        if policy.mode == .sync, reader.text("LANDFALL_INSTANCE") == nil {
            reader.reject(
                "LANDFALL_DNS_POLICY=sync deletes the records of this instance and needs LANDFALL_INSTANCE to be set: "
                    + "two instances of one name would delete each other's records"
            )
        }
        return policy
    }

    private static func address(
        _ reader: inout Reader,
        _ name: String,
        _ family: IPAddress.Family,
        standard: AddressSource
    ) -> AddressSource {
        guard let text = reader.text(name) else { return standard }
        do throws(AddressSourceError) {
            return try AddressSource.parse(text, for: family)
        } catch {
            reader.reject("\(name): \(error)")
            return standard
        }
    }

    private static func certificates(
        _ reader: inout Reader,
        _ cloudflare: CloudflareCredentials?
    ) -> Certificates {
        let staging = reader.value("CERTBOT_STAGING", standard: false, flag)
        if staging && reader.text("CERTBOT_SERVER") != nil {
            reader.reject("CERTBOT_STAGING and CERTBOT_SERVER are both set; keep one")
        }
        let standard = staging ? CertbotSettings.staging : CertbotSettings.production
        let certificates = Certificates(
            isOn: reader.value("LANDFALL_CERTIFICATES", standard: true, flag),
            email: reader.optional("CERTBOT_EMAIL", emailAddress),
            server: reader.value("CERTBOT_SERVER", standard: standard) {
                $0.lowercased().hasPrefix("https://") ? webURL($0) : nil
            },
            limits: reader.optional("CERTBOT_LIMITS", CertificateLimits.init(text:)),
            rules: reader.optional("CERTBOT_RULES") { CertificateRules(rawValue: $0.lowercased()) },
            folder: reader.value("CERTBOT_CONFIG_DIR", standard: "/etc/letsencrypt", path),
            authenticator: authenticator(&reader, cloudflare),
            program: reader.value("CERTBOT_PROGRAM", standard: "certbot", program),
            options: certbotOptions(&reader),
            timeLimit: reader.value("CERTBOT_TIMEOUT", standard: .seconds(300)) { Duration(text: $0) },
            propagationLimit: .seconds(reader.value("DNS_PROPAGATION_SECONDS", standard: 60, number(in: 1...3600))),
            concurrency: reader.optional("LANDFALL_CONCURRENCY", number(in: 1...32))
        )
        let rules = certificates.rules ?? .standard(of: certificates.server)
        if rules.refusesMustStaple, certificates.options.arguments.contains("--must-staple") {
            reader.reject(
                "CERTBOT_ARGUMENTS has `--must-staple`, which Let's Encrypt refuses since it ended OCSP; remove it"
            )
        }
        if certificates.propagationLimit >= certificates.timeLimit {
            reader.reject(
                "DNS_PROPAGATION_SECONDS (\(certificates.propagationLimit.readable)) is not shorter than CERTBOT_TIMEOUT "
                    + "(\(certificates.timeLimit.readable)), in which certbot waits for it"
            )
        }
        return certificates
    }

    private static func signals(_ reader: inout Reader, _ discovery: DiscoveryRules, instance: String) -> Signals {
        Signals(
            isOn: reader.value("LANDFALL_SIGNALS", standard: true, flag),
            rules: SignalRules(
                labels: discovery.signalLabels,
                defaultDomain: discovery.defaultDomain,
                instance: instance,
                isCrossNode: reader.value("LANDFALL_CROSS_NODE", standard: true, flag),
                helperImage: reader.optional("LANDFALL_HELPER_IMAGE", imageReference),
                helperLogin: reader.optional("LANDFALL_HELPER_LOGIN", RegistryLogin.init),
                hostLimit: discovery.hostLimit
            ),
            secretPermissions: reader.list("LANDFALL_SECRET_ALLOW", SecretPermission.init),
            probe: reader.optional("LANDFALL_PROBE") { ProbeEndpoint($0) }
        )
    }

    private static func schedule(_ reader: inout Reader) -> Schedule {
        let schedule = Schedule(
            quiet: reader.value("LANDFALL_QUIET", standard: .seconds(2)) { Duration(text: $0) },
            maximumWait: reader.value("LANDFALL_MAX_WAIT", standard: .seconds(10)) { Duration(text: $0) },
            interval: reader.value("LANDFALL_INTERVAL", standard: .seconds(300)) { Duration(text: $0) }
        )
        if schedule.maximumWait < schedule.quiet {
            reader.reject(
                "LANDFALL_MAX_WAIT (\(schedule.maximumWait.readable)) is shorter than LANDFALL_QUIET (\(schedule.quiet.readable))"
            )
        }
        return schedule
    }

    private static func checkReadable(_ path: String?, _ files: any Files, _ reader: inout Reader) {
        guard let path else { return }
        do throws(FileError) {
            _ = try files.read(path, limit: 4 << 20, for: .run)
        } catch {
            reader.reject("LANDFALL_CA_FILE: \(sanitized(error.description))")
        }
    }
}

extension Configuration.Records {
    /// A configured address may be any, at home or behind a tunnel, but one that the Internet cannot reach is likely a mistake.
    fileprivate var addressWarnings: [String] {
        [("LANDFALL_IP", addressV4), ("LANDFALL_IPV6", addressV6)].compactMap { name, source in
            guard case .fixed(let address) = source, let notOursReason = address.notOursReason else { return nil }
            return "\(name): \(address) \(notOursReason); the Internet cannot reach records with it"
        }
    }
}

/// A name as the `Host` of a request has it; that of a container or service may hold underscores.
private func listenHost(_ text: String) -> String? {
    (1...253).contains(text.utf8.count) && isPlain(text) ? text.lowercased() : nil
}

/// A short, plain name, because it is part of a DNS record's comment.
private func instanceName(_ text: String) -> String? {
    (1...40).contains(text.utf8.count) && isPlain(text) ? text : nil
}

/// `registry:5000/name:tag`, `name@sha256:…` or `sha256:…`; the engine knows whether the image exists.
private func imageReference(_ text: String) -> String? {
    guard text.utf8.count <= 512, text.first.map({ $0.isLetter || $0.isNumber }) ?? false else { return nil }
    return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-/:@".contains($0)) } ? text : nil
}

import Configuration
import Log
import Notices

extension Wiring {
    static func notices(
        _ configuration: Configuration,
        _ ports: Ports,
        _ log: Logger,
        tellsLog: Bool,
        onDelivery: @escaping @Sendable (NoticeResult) -> Void
    ) -> NoticeStage {
        let settings = configuration.notices
        return NoticeStage(
            receivers: tellsLog ? [LogNotifier(log)] : [],
            workers: configuration.isDryRun
                ? []
                : notifiers(settings, ports).map { notifier in
                    OutboxWorker(
                        notifier,
                        atLeast: settings.levels[notifier.name] ?? .info,
                        instance: configuration.instance,
                        state: ports.store,
                        clock: ports.clock,
                        randomness: ports.randomness,
                        log: log,
                        observer: onDelivery
                    )
                },
            heartbeat: configuration.isDryRun
                ? nil
                : settings.heartbeat.map {
                    Heartbeat(
                        $0,
                        transport: ports.transport,
                        clock: ports.clock,
                        randomness: ports.randomness,
                        log: log
                    )
                },
            state: ports.store,
            clock: ports.clock,
            log: log
        )
    }

    /// A notifier is one line here; it is on when it is told where to.
    private static func notifiers(_ settings: Configuration.Notices, _ ports: Ports) -> [any Notifier] {
        let transport = ports.transport
        let notifiers: [(any Notifier)?] = [
            settings.slack.map { SlackNotifier($0, transport: transport) },
            settings.webhook.map { WebhookNotifier(url: $0, secret: settings.webhookSecret, transport: transport) },
            settings.ntfy.map { NtfyNotifier($0, transport: transport) },
            settings.discord.map { DiscordNotifier(url: $0, transport: transport) },
            settings.gotify.map { GotifyNotifier($0, transport: transport) },
            settings.command.map { CommandNotifier($0, processes: ports.processes) },
        ]
        return notifiers.compactMap(\.self)
    }
}

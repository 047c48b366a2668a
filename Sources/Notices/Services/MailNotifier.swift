import Model
package import Ports

/// Mail, through a server that takes it from its users (RFC 6409).
package struct MailNotifier: Notifier {
    package struct Destination: Sendable {
        package let server: MailServer
        package let from: String
        package let to: [String]

        package init(server: MailServer, from: String, to: [String]) {
            (self.server, self.from, self.to) = (server, from, to)
        }
    }

    package let name = "mail"
    /// More than the client's own limits, which say where it stopped.
    package let timeLimit = Duration.seconds(360)
    private let destination: Destination
    private let client: any MailClient

    package init(_ destination: Destination, client: any MailClient) {
        (self.destination, self.client) = (destination, client)
    }

    package func deliver(_ notice: Notice) async throws(NotifierError) {
        let message = notice.message
        let mail = Mail(
            from: destination.from,
            to: destination.to,
            subject: message.title,
            text: message.lines.isEmpty ? message.title : message.text,
            id: notice.id,
            time: notice.time
        )
        do throws(MailError) {
            try await client.send(mail, through: destination.server, for: scope)
        } catch {
            switch error {
            case .unavailable(let text): throw .unavailable(text)
            case .refused(let text): throw .refused(text)
            case .rejected(let text): throw .unacceptable(text)
            }
        }
    }
}

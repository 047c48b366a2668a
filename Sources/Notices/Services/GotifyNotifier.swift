package import Model
package import Ports

/// Gotify (https://gotify.net/docs/pushmsg).
package struct GotifyNotifier: Notifier {
    package struct Destination: Sendable {
        package let url: String
        /// An application's token.
        package let token: Secret

        package init(url: String, token: Secret) { (self.url, self.token) = (url, token) }
    }

    package let name = "gotify"
    private let destination: Destination
    private let transport: any HTTPTransport

    package init(_ destination: Destination, transport: any HTTPTransport) {
        (self.destination, self.transport) = (destination, transport)
    }

    package func deliver(_ notice: Notice) async throws(NotifierError) {
        let message = notice.message
        let post: JSONValue = [
            "title": .string(message.title), "priority": .integer(priority(of: message.level)),
            "message": .string(message.lines.isEmpty ? message.title : message.text),
            "extras": ["client::display": ["contentType": "text/plain"]],
        ]
        let headers = [HTTPHeader("X-Gotify-Key", secret: destination.token.revealed)]
        let url = destination.url + "/message"
        try await transport.postJSON(post, to: url, headers: headers, for: scope)
            .check("Gotify", cure: "check GOTIFY_URL, and set GOTIFY_TOKEN to the token of an application there")
    }

    /// From 0 to 10: 4 and more make a sound, 8 and more pop up (https://github.com/gotify/android#message-priorities).
    private func priority(of level: NoticeLevel) -> Int64 {
        switch level {
        case .info: 3
        case .warning: 6
        case .error: 8
        }
    }
}

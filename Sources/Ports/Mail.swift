package import Model

/// The port to mail servers (RFC 5321).
package protocol MailClient: Sendable {
    /// Gives a mail to a server for all its recipients or for none of them. A server that is silent is given up, after five minutes if it
    /// has begun to take the mail.
    func send(_ mail: Mail, through server: MailServer, for scope: Scope) async throws(MailError)
}

/// A mail of plain text.
package struct Mail: Hashable, Sendable, Encodable {
    /// E-mail addresses of ASCII characters.
    package let from: String
    package let to: [String]
    package let subject: String
    /// Lines, each ended by a line feed.
    package let text: String
    /// The same however often the mail is sent; letters and digits.
    package let id: String
    package let time: Timestamp

    package init(from: String, to: [String], subject: String, text: String, id: String, time: Timestamp) {
        (self.from, self.to, self.subject) = (from, to, subject)
        (self.text, self.id, self.time) = (text, id, time)
    }
}

package struct MailServer: Sendable {
    /// How a connection is encrypted. If it is, the server's certificate is verified.
    package enum Security: String, Sendable {
        /// By the command STARTTLS (RFC 3207), without which nothing is sent.
        case starttls
        /// From the start (RFC 8314).
        case tls
        case off

        package var standardPort: Int {
            switch self {
            case .starttls: 587
            case .tls: 465
            case .off: 25
            }
        }
    }

    package let endpoint: ProbeEndpoint
    package let security: Security
    package let login: Login?

    package struct Login: Sendable {
        package let name: String
        package let password: Secret

        package init(name: String, password: Secret) { (self.name, self.password) = (name, password) }
    }

    package init(_ endpoint: ProbeEndpoint, _ security: Security, login: Login?) {
        (self.endpoint, self.security, self.login) = (endpoint, security, login)
    }
}

/// Why a server did not take a mail; the description is a clause.
package enum MailError: Error, Hashable, Sendable, Codable, CustomStringConvertible {
    /// The server cannot be reached, or takes nothing for now.
    case unavailable(String)
    /// The server takes no mail with this login, sender or recipient, or cannot be trusted.
    case refused(String)
    /// The server does not take this mail, but may take others.
    case rejected(String)

    package var description: String {
        switch self {
        case .unavailable(let text), .refused(let text), .rejected(let text): text
        }
    }

    private enum UnavailableCodingKeys: String, CodingKey { case _0 = "reason" }
    private enum RefusedCodingKeys: String, CodingKey { case _0 = "reason" }
    private enum RejectedCodingKeys: String, CodingKey { case _0 = "reason" }
}

import FoundationEssentials
import Model
import Ports

extension Mail {
    /// The mail as it is sent (RFC 5322, RFC 2045), all of it in ASCII and in short lines.
    var message: [UInt8] {
        let domain = from.drop { $0 != "@" }
        let headers = [
            "From: Landfall <\(from)>", "To: \(to.joined(separator: ",\r\n "))", "Subject: \(Self.headerText(subject))",
            "Date: \(Self.date(time))", "Message-ID: <\(id)\(domain)>", "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64",
        ]
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
        let options: Data.Base64EncodingOptions = [
            .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
        ]
        let body = Data((lines + "\r\n").utf8).base64EncodedString(options: options)
        return Array("\(headers.joined(separator: "\r\n"))\r\n\r\n\(body)\r\n".utf8)
    }

    /// The text as it is, or as encoded words of at most 75 characters each (RFC 2047).
    private static func headerText(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { (0x20..<0x7F).contains($0) } && !text.contains("=?")
        guard !isPlain else { return text }
        var words: [[UInt8]] = [[]]
        for scalar in sanitized(text).unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if words[words.count - 1].count + bytes.count > 45 { words.append([]) }
            words[words.count - 1] += bytes
        }
        return words.map { "=?utf-8?B?\(Data($0).base64EncodedString())?=" }.joined(separator: "\r\n ")
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// RFC 5322 §3.3, in UTC: `24 Nov 2026 02:03:03 +0000`.
    private static func date(_ time: Timestamp) -> String {
        let parts = time.description.split { "-T.".contains($0) }
        return "\(parts[2]) \(months[(Int(parts[1]) ?? 1) - 1]) \(parts[0]) \(parts[3]) +0000"
    }
}

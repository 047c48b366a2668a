extension Timestamp {
    /// Parses the date of an HTTP header, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7); nil for any other form.
    package init?(httpDate text: String) {
        guard text.utf8.count == 29 else { return nil }
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let month = Self.months.firstIndex(of: String(words[2])) else {
            return nil
        }
        let number = "\(month + 1)"
        let paddedMonth = number.utf8.count == 1 ? "0" + number : number
        self.init(rfc3339: "\(words[3])-\(paddedMonth)-\(words[1])T\(words[4])Z")
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}

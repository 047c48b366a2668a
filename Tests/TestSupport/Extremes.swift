/// What a hostile or broken server may send in the place of a number.
package enum Extremes {
    package static let numbers = [
        "-9223372036854775808", "-1", "0", "1", "2147483647", "2147483648", "4294967295", "4294967296",
        "9223372036854775806", "9223372036854775807", "9223372036854775808", "18446744073709551615", "1e18", "1e19",
        "-1e19", "1e308", "1e400", "0.5", "-0.0", "5e-324",
    ]

    /// The JSON with each of its numbers, and with all of them, replaced by each extreme.
    package static func variants(of json: String) -> [String] {
        let places = numbers(in: json)
        let groups = places.map { [$0] } + [places]
        return groups.flatMap { group in numbers.map { replacing(group, in: json, with: $0) } }
    }

    private static func replacing(_ places: [Range<String.Index>], in json: String, with number: String) -> String {
        places.reversed().reduce(into: json) { $0.replaceSubrange($1, with: number) }
    }

    /// Where numbers are, outside of strings.
    private static func numbers(in json: String) -> [Range<String.Index>] {
        var places: [Range<String.Index>] = []
        var index = json.startIndex
        var isText = false
        while index < json.endIndex {
            let character = json[index]
            if character == "\"" { isText.toggle() }
            guard !isText, character == "-" || character.isNumber else {
                index = json.index(after: index)
                continue
            }
            let end = json[index...].firstIndex { !"-+.eE0123456789".contains($0) } ?? json.endIndex
            places.append(index..<end)
            index = end
        }
        return places
    }
}

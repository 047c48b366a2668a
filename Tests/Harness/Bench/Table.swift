/// Measures as a Markdown table that is readable as it is.
struct Table: CustomStringConvertible {
    let measures: [Measure]

    var description: String {
        let rows = [["measure", "median", "min", "max", "n", "target", ""]] + measures.map(Self.row)
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { Self.line($0, widths) }
        let rule = "|" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "|") + "|"
        return ([lines[0], rule] + lines.dropFirst()).joined(separator: "\n")
    }

    private static func row(_ measure: Measure) -> [String] {
        let unit = measure.unit
        let target =
            switch measure.target {
            case .atMost(let limit)?: "≤ \(unit.text(limit))"
            case .atLeast(let limit)?: "≥ \(unit.text(limit))"
            case .exactly(let wanted)?: unit.text(wanted)
            case nil: ""
            }
        return [
            measure.name, unit.text(measure.median), unit.text(measure.values.first ?? .nan),
            unit.text(measure.values.last ?? .nan), String(measure.values.count), target,
            measure.isMet.map { $0 ? "met" : "missed" } ?? "",
        ]
    }

    private static func line(_ cells: [String], _ widths: [Int]) -> String {
        let padded = zip(cells, widths).map { cell, width in cell + String(repeating: " ", count: width - cell.count) }
        return "| " + padded.joined(separator: " | ") + " |"
    }
}

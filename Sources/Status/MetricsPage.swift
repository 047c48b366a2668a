/// The text that a scraper reads, written family by family.
struct MetricsPage {
    typealias Label = (name: String, value: String)

    private(set) var text = ""
    private var family = ""

    mutating func gauge(_ name: String, _ help: String, _ value: Double) {
        gauge(name, help) { $0.sample(value) }
    }

    mutating func counter(_ name: String, _ help: String, _ value: Double) {
        counter(name, help) { $0.sample(value) }
    }

    mutating func gauge(_ name: String, _ help: String, _ samples: (inout MetricsPage) -> Void) {
        write(name, "gauge", help, samples)
    }

    mutating func counter(_ name: String, _ help: String, _ samples: (inout MetricsPage) -> Void) {
        write(name, "counter", help, samples)
    }

    mutating func histogram(_ name: String, _ help: String, _ samples: (inout MetricsPage) -> Void) {
        write(name, "histogram", help, samples)
    }

    private mutating func write(
        _ name: String,
        _ kind: String,
        _ help: String,
        _ samples: (inout MetricsPage) -> Void
    ) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
        family = name
        samples(&self)
    }

    mutating func sample(_ value: Double, _ labels: Label...) {
        line(family, labels, Self.number(value))
    }

    mutating func samples(of histogram: Histogram, _ labels: Label...) {
        var count = 0
        for (index, more) in histogram.counts.enumerated() {
            count += more
            let bound = index < Histogram.bounds.count ? Self.number(Histogram.bounds[index]) : "+Inf"
            line("\(family)_bucket", labels + [("le", bound)], "\(count)")
        }
        line("\(family)_sum", labels, Self.number(histogram.sum))
        line("\(family)_count", labels, "\(histogram.count)")
    }

    private mutating func line(_ name: String, _ labels: [Label], _ value: String) {
        let list = labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
        text += list.isEmpty ? "\(name) \(value)\n" : "\(name){\(list)} \(value)\n"
    }

    /// Whole numbers without a point.
    private static func number(_ value: Double) -> String {
        let whole = Int64(exactly: value)
        return whole.map { "\($0)" } ?? "\(value)"
    }

    private static func escaped(_ value: String) -> String {
        var text = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

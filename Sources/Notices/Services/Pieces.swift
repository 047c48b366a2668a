extension String {
    /// The first whole lines whose size is at most `limit`; what is left out is marked.
    func lines(within limit: Int, size: (String) -> Int) -> String {
        guard size(self) > limit else { return self }
        return pieces(of: limit - size("\n…"), size: size).first.map { $0 + "\n…" } ?? ""
    }

    /// In pieces whose size is at most `limit`, parted between lines; a line that is longer is cut.
    func pieces(of limit: Int, size: (String) -> Int) -> [String] {
        var pieces: [String] = []
        for line in split(separator: "\n").map({ String($0).cut(to: limit, size: size) }) {
            let joined = pieces.last.map { $0 + "\n" + line }
            if let joined, size(joined) <= limit {
                pieces[pieces.count - 1] = joined
            } else {
                pieces.append(line)
            }
        }
        return pieces
    }

    private func cut(to limit: Int, size: (String) -> Int) -> String {
        var line = self
        while size(line) > limit { line.removeLast() }
        return line
    }
}

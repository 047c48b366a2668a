/// Does `work` for every item, at most `limit` at once, and returns the results in the items' order.
func sideBySide<Item: Sendable, Result: Sendable>(
    _ items: [Item],
    limit: Int = 16,
    _ work: @escaping @Sendable (Item) async -> Result
) async -> [Result] {
    await withTaskGroup(of: (Int, Result).self) { group in
        var results: [Int: Result] = [:]
        for (index, item) in items.enumerated() {
            if index >= limit, let (done, result) = await group.next() { results[done] = result }
            group.addTask { (index, await work(item)) }
        }
        for await (done, result) in group { results[done] = result }
        return items.indices.compactMap { results[$0] }
    }
}

import Glibc
import HTTPServer
import Model
import Ports
import Report
import TestSupport
import Testing
@testable import Status

/// A board that is served, and a browser that looks at it.
struct Gallery: Sendable {
    let board: StatusHub
    let browser: Browser
    let url: String

    static func open(
        _ board: StatusHub = Sample.board(),
        _ body: @escaping @Sendable (Gallery) async throws -> Void
    ) async throws {
        let server = try HTTPServer(serving: board)
        defer { server.stop() }
        let url = "http://127.0.0.1:\(server.port)/"
        try await Browser.open { browser in try await body(Gallery(board: board, browser: browser, url: url)) }
    }

    /// The page, once it shows what the board has now.
    func page(_ viewport: Viewport = .desktop) async throws -> BrowserPage {
        let page = try await browser.page(viewport)
        try await page.go(to: url)
        try await catchUp(page)
        return page
    }

    func catchUp(_ page: BrowserPage) async throws {
        try await page.eventually("document.body?.dataset.revision === '\(board.revision)'")
    }

    /// What is seen of the page, looked at pixel by pixel in a page of its own: its policy would not let that one do it.
    func picture(of page: BrowserPage) async throws -> Picture {
        let shot = try await page.screenshot()
        if let folder = unsafe getenv("LANDFALL_TEST_SCREENSHOTS") {
            let name = unsafe "\(String(cString: folder))/\(Int64.random(in: 0 ..< .max)).png"
            try shot.write(to: name)
        }
        return try await Picture(shot, in: try await browser.page())
    }
}

extension [UInt8] {
    fileprivate func write(to path: String) throws {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        _ = unsafe withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
    }
}

/// A screenshot's pixels.
struct Picture {
    struct Area {
        let x, y, width, height: Double
    }

    let width: Int
    let height: Int
    private let page: BrowserPage

    init(_ png: [UInt8], in page: BrowserPage) async throws {
        self.page = page
        let size = try await page.text(
            """
            (async () => {
                const image = new Image();
                image.src = "data:image/png;base64,\(png.base64)";
                await image.decode();
                const canvas = document.createElement("canvas");
                [canvas.width, canvas.height] = [image.width, image.height];
                window.context = canvas.getContext("2d", { willReadFrequently: true });
                context.drawImage(image, 0, 0);
                return `${image.width} ${image.height}`;
            })()
            """
        )
        let numbers = size.split(separator: " ").compactMap { Int($0) }
        try #require(numbers.count == 2)
        (width, height) = (numbers[0], numbers[1])
    }

    /// `#f6f8fa`
    func colour(x: Double, y: Double) async throws -> String {
        try await page.text(
            """
            "#" + [...context.getImageData(\(x), \(y), 1, 1).data].slice(0, 3)
                .map(value => value.toString(16).padStart(2, "0")).join("")
            """
        )
    }

    /// How much of an area is of another colour than its upper left corner: writing, and whatever else there is.
    func inked(_ area: Area) async throws -> Double {
        try await page.number(
            """
            (() => {
                const { data } = context.getImageData(\(area.x), \(area.y), \(area.width), \(area.height));
                let count = 0;
                for (let i = 0; i < data.length; i += 4)
                    if (data[i] !== data[0] || data[i + 1] !== data[1] || data[i + 2] !== data[2]) count += 1;
                return count / (data.length / 4);
            })()
            """
        )
    }
}

extension BrowserPage {
    /// Where an element is on the whole page.
    func area(of selector: String) async throws -> Picture.Area {
        let numbers = try await value(
            """
            (() => {
                const box = document.querySelector(`\(selector)`).getBoundingClientRect();
                return [box.x + scrollX, box.y + scrollY, box.width, box.height];
            })()
            """
        ).items?.compactMap(\.number)
        let values = try #require(numbers)
        return Picture.Area(x: values[0], y: values[1], width: values[2], height: values[3])
    }

    /// Elements that reach beyond the window's right edge.
    var overflow: String {
        get async throws {
            try await text(
                """
                [...document.body.querySelectorAll("*")].filter(node => {
                    const box = node.getBoundingClientRect();
                    return box.width > 1 && box.right > document.documentElement.clientWidth + 1;
                }).map(node => `${node.tagName} ${node.className} ${node.textContent.slice(0, 40)}`).join("; ")
                + (document.documentElement.scrollWidth > document.documentElement.clientWidth ? "; the page scrolls" : "")
                """
            )
        }
    }
}
